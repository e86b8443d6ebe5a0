"""What a client asks for beside the request itself: formats, preferences, the body.

See https://hl7.org/fhir/R4/http.html#mime-type and https://hl7.org/fhir/R4/http.html#ops.
"""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from conformance.reference.behaviour.formats import FormatsBehaviour
from conformance.reference.forms import xmlread
from conformance.reference.forms.jsontext import parse
from conformance.reference.forms.outcomes import RequestError, bad_request
from conformance.reference.forms.ranges import GENERIC_JSON, JSON_FORMATS, XML_FORMATS, read, weight_of

_BODY_LIMIT = 32 * 2**20


def require_json(request: Request) -> None:
    """Settle the format of the answer: FHIR JSON, or XML made of it at last; refuse (406) a client for neither.

    What was settled stands in the request's state: `format` (json, xml or html) and `label`, a media type that the
    client asked for by its generic name.
    """
    formats = _formats(request)
    if formats.charset_refused and "accept-charset" in request.headers:
        raise RequestError(406, "not-supported", "Accept-Charset: this server does not take that header")
    wanted = request.query_params.get("_format")
    if wanted is not None and "_format" not in formats.unheeded:
        request.state.format = _named(wanted, formats)
        return
    accept = request.headers.get("accept")
    if accept:
        request.state.format = _accepted(accept, request, formats)


def _named(wanted: str, formats: FormatsBehaviour) -> str:
    # An unescaped plus sign in a query string reads as a blank.
    name = wanted.split(";", maxsplit=1)[0].strip().lower().replace(" ", "+")
    short = "short-names" in formats.unheeded and "/" not in name
    if name in JSON_FORMATS and not short:
        return "json"
    if name in XML_FORMATS and not short and "xml" not in formats.unheeded:
        return "xml"
    raise RequestError(406, "not-supported", f"_format={wanted}: this server speaks FHIR JSON and XML only")


def _accepted(accept: str, request: Request, formats: FormatsBehaviour) -> str:
    unheeded = formats.unheeded
    ranges = read(accept, any_version="other-version" in unheeded, with_version="fhirVersion" not in unheeded)
    if "list" in unheeded:
        ranges = ranges[:1]
    if formats.wildcard_is_html and any(each.name == "*/*" for each in ranges):
        return "html"
    names = JSON_FORMATS - GENERIC_JSON if "generic" in unheeded else JSON_FORMATS
    json, xml = weight_of(names, ranges), weight_of(XML_FORMATS, ranges)
    if xml > json and "xml" not in unheeded:
        return "xml"
    if json > 0:
        exact = {each.name for each in ranges if each.weight == json}
        if exact & GENERIC_JSON and "application/fhir+json" not in exact:
            request.state.label = "application/json"
        return "json"
    if formats.unknown_accept_is_html:
        return "html"
    raise RequestError(
        406, "not-supported", f"Accept: {accept}: this server speaks application/fhir+json and +xml only"
    )


def _formats(request: Request) -> FormatsBehaviour:
    behaviour: FormatsBehaviour = request.app.state.supplier.behaviour.formats
    return behaviour


def asks_for_fhir(request: Request) -> bool:
    """Whether a client names a FHIR format, rather than taking anything; decides how a Binary is answered."""
    named = JSON_FORMATS - {"text/json"} | XML_FORMATS - {"text/xml"}
    ranges = read(request.headers.get("accept", ""))
    return "_format" in request.query_params or any(each.name in named and each.weight > 0 for each in ranges)


def preference(request: Request, name: str) -> str | None:
    """The value of one preference in the Prefer headers (RFC 7240)."""
    for header in request.headers.getlist("prefer"):
        for part in header.replace(",", ";").split(";"):
            key, _, value = part.strip().partition("=")
            if key.strip().lower() == name:
                return value.strip().strip('"').lower()
    return None


async def read_body(
    request: Request, media_types: frozenset[str] = JSON_FORMATS, *, any_type: bool = False
) -> bytes:
    """The body of a request; refuses one of another type (415) or one that is too large (413)."""
    content_type = request.headers.get("content-type", "")
    name, *options = (piece.strip().lower() for piece in content_type.split(";"))
    if name not in media_types and not any_type:
        expected = ", ".join(sorted(media_types))
        told = repr(content_type) if content_type else "missing"
        raise RequestError(415, "not-supported", f"Content-Type is {told}; expected one of {expected}")
    charset = next(
        (option.partition("=")[2].strip('"') for option in options if option.startswith("charset=")), "utf-8"
    )
    if charset not in {"utf-8", "utf8", "us-ascii"} and not any_type:
        raise RequestError(415, "not-supported", f"Charset {charset!r}: FHIR JSON is UTF-8")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise RequestError(413, "too-long", f"The body is larger than {_BODY_LIMIT} bytes")
    return body


async def read_resource(request: Request) -> dict[str, Any]:
    """The body of a request, in JSON or XML, as a JSON object; refuses what is none (400)."""
    formats = _formats(request)
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    xml = told in XML_FORMATS and request.method not in formats.xml_refused
    body = await read_body(
        request, XML_FORMATS if xml else JSON_FORMATS, any_type="media" in formats.unchecked
    )
    if xml:
        try:
            return formats.xml_body(xmlread.parse(body))
        except ValueError as error:
            raise bad_request(f"The body is not FHIR XML: {error}", "structure") from error
    if "utf-8" in formats.unchecked:
        body = body.decode("utf-8", "replace").encode()
    try:
        resource = parse(body, unique="duplicates" not in formats.unchecked)
    except ValueError as error:
        lenient = ("syntax" in formats.unchecked and body) or (
            "empty" in formats.unchecked and not body.strip()
        )
        if lenient:
            return _made_up(request)
        problem = bad_request(f"The body is not JSON: {error}", "structure")
        problem.status = formats.broken_json_status
        raise problem from error
    if "root" in formats.unchecked and not (isinstance(resource, dict) and "resourceType" in resource):
        return _made_up(request) | (resource if isinstance(resource, dict) else {})
    if not isinstance(resource, dict):
        raise bad_request("The body is not a JSON object", "structure")
    return resource


def _made_up(request: Request) -> dict[str, Any]:
    """What a server that puts up with anything makes of a body that is no resource."""
    return {"resourceType": request.path_params["type"], "active": True}


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The pairs of an HTML form body; refuses other types (415) and what is not UTF-8 (400)."""
    anything = "form" in _formats(request).unchecked
    body = await read_body(request, frozenset({"application/x-www-form-urlencoded"}), any_type=anything)
    return pairs(body.decode("latin-1"))


def pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a query string in their order; refuses what is not UTF-8 (400)."""
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise bad_request(f"The parameters cannot be read: {error}") from error
