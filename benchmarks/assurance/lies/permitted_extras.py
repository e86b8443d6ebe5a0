"""What the standards let a server add: nothing may fail for it."""

from typing import Any

from benchmarks.assurance.lie import ALLOWED, lie
from benchmarks.assurance.lies.permitted import own_json
from benchmarks.assurance.lies.tools import (
    BULK,
    R4,
    SMART,
    changed,
    each_line,
    entries,
    files_changed,
    is_bundle,
    is_manifest,
    with_entries,
)
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

MORE = "permitted extras"


@lie(MORE, ALLOWED, "https://www.rfc-editor.org/rfc/rfc9110#section-6.3")
def more_headers(asked: Asked, answer: Answer) -> Answer:
    """Answers have headers that nobody asked for."""
    extra = {
        "x-request-id": "4a1f",
        "server": "clinic/7",
        "x-content-type-options": "nosniff",
        "content-language": "en-GB",
        "x-powered-by": "FHIR",
    }
    for name, value in extra.items():
        answer = answer.with_header(name, value)
    return answer


@lie(MORE, ALLOWED, f"{R4}/resource.html#Meta.source")
async def sources_are_told(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """The server adds meta.source to each resource that has none, everywhere alike."""

    def change(resource: dict[str, Any]) -> dict[str, Any]:
        meta = resource.get("meta")
        return {**resource, "meta": {"source": "urn:clinic:store", **meta}} if meta else resource

    answer = await files_changed(asked, ask, memory, lambda lines: each_line(lines, change))
    stored = own_json(asked, answer) and "resourceType" in answer.document and asked.path != "/metadata"
    return changed(answer, change) if stored else answer


@lie(MORE, ALLOWED, f"{R4}/extensibility.html")
def bundles_are_extended(asked: Asked, answer: Answer) -> Answer:
    """Links of Bundles, capability statements and OperationOutcomes have extensions of the supplier's own."""
    mark = [{"url": "https://clinic.example/fhir/StructureDefinition/node", "valueString": "7"}]
    if not own_json(asked, answer):
        return answer
    document = answer.document
    if document.get("resourceType") == "CapabilityStatement":
        return answer.with_document({**document, "extension": [*document.get("extension", []), *mark]})
    if document.get("resourceType") == "OperationOutcome" and document.get("issue"):
        return answer.with_document(
            {**document, "issue": [{"extension": mark, **one} for one in document["issue"]]}
        )
    if document.get("resourceType") == "Bundle" and document.get("link"):
        return answer.with_document(
            {**document, "link": [{"extension": mark, **one} for one in document["link"]]}
        )
    return answer


@lie(MORE, ALLOWED, f"{R4}/http.html#paging")
def more_links(asked: Asked, answer: Answer) -> Answer:
    """Search results have a link to the first page too."""
    links = answer.document.get("link", []) if asked.is_search and is_bundle(answer, "searchset") else []
    if not links or asked.query.startswith("_page") or asked.method == "POST":
        return answer
    known = {link["relation"]: link["url"] for link in links}
    return answer.with_document(
        {**answer.document, "link": [*links, {"relation": "first", "url": known["self"]}]}
    )


@lie(MORE, ALLOWED, f"{R4}/operationoutcome.html")
def outcomes_say_more(asked: Asked, answer: Answer) -> Answer:
    """OperationOutcomes have a second issue, of severity information, and details."""
    document = answer.document
    if not (
        own_json(asked, answer)
        and document.get("resourceType") == "OperationOutcome"
        and document.get("issue")
    ):
        return answer
    more = {"severity": "information", "code": "informational", "details": {"text": "See the manual"}}
    return answer.with_document({**document, "issue": [*document["issue"], more]})


@lie(MORE, ALLOWED, f"{R4}/search.html#outcomes")
def searches_say_more(asked: Asked, answer: Answer) -> Answer:
    """Search results bring an OperationOutcome along, marked as outcome."""
    if not (asked.is_search and is_bundle(answer, "searchset") and entries(answer)):
        return answer
    issue = {
        "severity": "information",
        "code": "informational",
        "diagnostics": "answered from the main index",
    }
    outcome = {
        "resource": {"resourceType": "OperationOutcome", "issue": [issue]},
        "search": {"mode": "outcome"},
    }
    return with_entries(answer, [*entries(answer), outcome])


@lie(MORE, ALLOWED, f"{R4}/capabilitystatement.html")
def more_is_declared(asked: Asked, answer: Answer) -> Answer:
    """The capability statement has a description, contacts, a copyright and documentation for each type."""
    if asked.path != "/metadata" or answer.type != "CapabilityStatement":
        return answer
    said = answer.document
    for one in said["rest"][0]["resource"]:
        one.setdefault("documentation", "As FHIR says.")
    extras = {
        "description": "All that we do",
        "contact": [{"name": "Help desk"}],
        "copyright": "The clinic",
        "purpose": "To tell",
    }
    return answer.with_document({**extras, **said})


@lie(MORE, ALLOWED, f"{SMART}/conformance.html")
def more_is_said_of_smart(asked: Asked, answer: Answer) -> Answer:
    """The SMART configuration has members of other specifications."""
    if asked.path != "/.well-known/smart-configuration" or not answer.document:
        return answer
    more = {"issuer": "https://clinic.example", "jwks_uri": "https://clinic.example/jwks", "clinic_node": 7}
    return answer.with_document({**more, **answer.document})


@lie(MORE, ALLOWED, "https://www.rfc-editor.org/rfc/rfc6749#section-5.1")
def tokens_say_more(asked: Asked, answer: Answer) -> Answer:
    """The answer with the token has further members, and token_type is written Bearer."""
    if not (asked.is_token and answer.status == 200):
        return answer
    return answer.with_document(
        {"clinic": "7", "not_before_policy": 0, **answer.document, "token_type": "Bearer"}
    )


@lie(MORE, ALLOWED, f"{BULK}#response---complete-status")
def manifests_are_extended(asked: Asked, answer: Answer) -> Answer:
    """The manifest and its files have extensions of the supplier's own."""
    if not is_manifest(asked, answer):
        return answer
    mark = {"https://clinic.example/part": {"of": 3}}
    said = answer.document
    files = [{**one, "extension": {**one.get("extension", {}), **mark}} for one in said["output"]]
    return answer.with_document({**said, "output": files, "extension": {**said.get("extension", {}), **mark}})
