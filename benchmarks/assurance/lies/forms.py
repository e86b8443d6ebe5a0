"""Lies in the form of an answer: media types, encodings, JSON that FHIR does not allow, headers, errors."""

from dataclasses import replace
from typing import Any

from benchmarks.assurance.exact import Number, written
from benchmarks.assurance.lie import lie
from benchmarks.assurance.lies.tools import R4, changed, chosen, walked
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "forms"
MEDIA = f"{R4}/http.html#mime-type"
JSON = f"{R4}/json.html"
CODES = f"{R4}/http.html#Status-Codes"


def _of_the_api(asked: Asked) -> bool:
    return (
        not asked.outside and not asked.is_job and not asked.is_file and not asked.path.startswith("/.well")
    )


def _is_json(asked: Asked, answer: Answer) -> bool:
    return _of_the_api(asked) and isinstance(answer.document, dict)


@lie(FAMILY, "SHALL", MEDIA)
def json_is_called_html(asked: Asked, answer: Answer) -> Answer:
    """Resources in JSON are labelled text/html."""
    return answer.with_header("content-type", "text/html") if _is_json(asked, answer) else answer


@lie(FAMILY, "SHALL", MEDIA)
def json_is_called_plain_json(asked: Asked, answer: Answer) -> Answer:
    """Resources are labelled application/json also where application/fhir+json was asked for."""
    return answer.with_header("content-type", "application/json") if _is_json(asked, answer) else answer


@lie(FAMILY, "SHALL", MEDIA)
def no_media_type(asked: Asked, answer: Answer) -> Answer:
    """Resources carry no Content-Type."""
    return answer.with_header("content-type", None) if _is_json(asked, answer) else answer


@lie(FAMILY, "SHALL", MEDIA)
async def xml_is_json(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Who asks for XML gets JSON, labelled as XML."""
    answer = await ask(asked)
    if asked.method != "GET" or "xml" not in answer.header("content-type"):
        return answer
    kept = asked.with_params([pair for pair in asked.params if pair[0] != "_format"]).with_header(
        "accept", "application/fhir+json"
    )
    return replace(await ask(kept)).with_header("content-type", answer.header("content-type"))


@lie(FAMILY, "SHALL", f"{R4}/http.html#parameters")
async def format_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """_format has no effect: only the Accept header decides."""
    kept = [pair for pair in asked.params if pair[0] != "_format"]
    return await ask(
        asked.with_params(kept) if len(kept) != len(asked.params) and not asked.outside else asked
    )


@lie(FAMILY, "SHALL", f"{R4}/xml.html")
def xml_without_namespace(asked: Asked, answer: Answer) -> Answer:
    """XML is not in the namespace of FHIR."""
    if "xml" not in answer.header("content-type"):
        return answer
    return replace(answer, body=answer.body.replace(b' xmlns="http://hl7.org/fhir"', b""))


@lie(FAMILY, "SHALL", MEDIA)
def bodies_are_latin_1(asked: Asked, answer: Answer) -> Answer:
    """JSON is written in Latin-1 and labelled as UTF-8."""
    if not _is_json(asked, answer):
        return answer
    return replace(answer, body=answer.body.decode().encode("latin-1", "replace"))


@lie(FAMILY, "SHALL", JSON)
def one_in_ten_is_cut_off(asked: Asked, answer: Answer) -> Answer:
    """One read in ten ends in the middle of the JSON, with a length that agrees."""
    cut = _is_json(asked, answer) and asked.is_read and answer.status == 200 and chosen(asked.path, 10)
    return replace(answer, body=answer.body[: len(answer.body) // 2]) if cut else answer


@lie(FAMILY, "SHALL", JSON + "#primitive")
def booleans_are_strings(asked: Asked, answer: Answer) -> Answer:
    """Booleans come as strings in quotes."""

    def change(_: str, value: Any) -> Any:
        return str(value).lower() if isinstance(value, bool) else value

    fits = _is_json(asked, answer) and not asked.path.startswith("/metadata")
    return changed(answer, lambda resource: walked(resource, change)) if fits else answer


@lie(FAMILY, "SHALL", JSON + "#primitive")
def decimals_are_strings(asked: Asked, answer: Answer) -> Answer:
    """Decimals come as strings in quotes."""
    if not _is_json(asked, answer):
        return answer
    return changed(answer, lambda r: walked(r, lambda _, v: v.digits if isinstance(v, Number) else v))


@lie(FAMILY, "SHALL", JSON)
def nulls_and_empties(asked: Asked, answer: Answer) -> Answer:
    """Resources have empty arrays and objects where there is nothing to say."""
    if not (_is_json(asked, answer) and answer.status == 200 and answer.type != "CapabilityStatement"):
        return answer
    return changed(answer, lambda resource: {**resource, "contained": [], "text": {}})


@lie(FAMILY, "SHALL", JSON)
def members_stand_twice(asked: Asked, answer: Answer) -> Answer:
    """A resource that is read has its id twice in its JSON, the second time another one."""
    if not (_is_json(asked, answer) and asked.is_read and answer.status == 200):
        return answer
    return replace(answer, body=answer.body.rstrip()[:-1] + b',"id":"another"}')


@lie(FAMILY, "SHALL", f"{R4}/resource.html")
def unknown_members(asked: Asked, answer: Answer) -> Answer:
    """Resources have a member of the supplier's own that is no extension."""
    if not (_is_json(asked, answer) and answer.status == 200 and answer.type != "CapabilityStatement"):
        return answer
    return changed(answer, lambda resource: {**resource, "supplierInternalNumber": "4711"})


@lie(FAMILY, "SHALL", f"{R4}/http.html#Status-Codes")
def errors_are_200(asked: Asked, answer: Answer) -> Answer:
    """All that goes wrong answers 200 with the OperationOutcome in the body."""
    wrong = answer.status >= 400 and answer.type == "OperationOutcome" and answer.status != 401
    return replace(answer, status=200) if wrong and not asked.outside else answer


@lie(FAMILY, "SHALL", f"{R4}/http.html#Status-Codes")
def all_errors_are_500(asked: Asked, answer: Answer) -> Answer:
    """All that the client did wrong answers 500."""
    return (
        replace(answer, status=500)
        if 400 <= answer.status < 500 and answer.status not in (401, 429)
        else answer
    )


@lie(FAMILY, "SHOULD", f"{R4}/http.html#Status-Codes")
def errors_say_nothing(asked: Asked, answer: Answer) -> Answer:
    """Errors have no OperationOutcome: the body is empty."""
    if answer.status >= 400 and not asked.outside:
        return replace(answer.with_header("content-type", None), body=b"")
    return answer


@lie(FAMILY, "SHOULD", f"{R4}/http.html#Status-Codes")
def errors_are_web_pages(asked: Asked, answer: Answer) -> Answer:
    """Errors come as a page for people."""
    if answer.status >= 400 and not asked.outside:
        page = b"<html><body><h1>Something went wrong</h1></body></html>"
        return replace(answer.with_header("content-type", "text/html"), body=page)
    return answer


@lie(FAMILY, "SHALL", f"{R4}/operationoutcome.html")
def outcomes_have_no_severity(asked: Asked, answer: Answer) -> Answer:
    """The issues of OperationOutcomes have no severity, which they must."""
    document = answer.document
    if not (_is_json(asked, answer) and document.get("resourceType") == "OperationOutcome"):
        return answer
    issues = [{k: v for k, v in issue.items() if k != "severity"} for issue in document.get("issue", [])]
    return answer.with_document({**document, "issue": issues})


@lie(FAMILY, "SHALL", f"{R4}/http.html#Status-Codes")
def errors_are_called_information(asked: Asked, answer: Answer) -> Answer:
    """OperationOutcomes of refusals say that all is well: severity information."""
    document = answer.document
    if not (
        _is_json(asked, answer)
        and answer.status >= 400
        and document.get("resourceType") == "OperationOutcome"
    ):
        return answer
    issues = [
        {**issue, "severity": "information", "code": "informational"} for issue in document.get("issue", [])
    ]
    return answer.with_document({**document, "issue": issues})


@lie(FAMILY, "SHALL", f"{R4}/http.html#mime-type")
def unsupported_formats_get_json(asked: Asked, answer: Answer) -> Answer:
    """A format that the server does not know is not refused: a resource comes, in JSON, with 200."""
    if answer.status not in (406, 415):
        return answer
    made = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "information", "code": "informational"}],
    }
    return Answer(200, (("content-type", "application/fhir+json"),), written(made))


@lie(FAMILY, "SHALL", f"{R4}/http.html#Status-Codes")
def refused_methods_are_404(asked: Asked, answer: Answer) -> Answer:
    """What the server does not do at an address answers 404 instead of 405."""
    return replace(answer, status=404) if answer.status == 405 else answer
