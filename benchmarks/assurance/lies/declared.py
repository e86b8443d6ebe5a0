"""Lies about what the server can do, and about itself."""

from dataclasses import replace
from typing import Any

from benchmarks.assurance.lie import lie
from benchmarks.assurance.lies.tools import (
    R4,
    SMART,
    entries,
    is_bundle,
    patients_of,
    remembered,
    with_entries,
)
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "declared"
TOKENS = "tokens"
PAGE = f"{R4}/capabilitystatement.html"
CAPABILITIES = f"{R4}/http.html#capabilities"


def _said(asked: Asked, answer: Answer) -> Any:
    return answer.document if asked.path == "/metadata" and answer.status == 200 else None


def _types(document: Any) -> list[dict[str, Any]]:
    return document["rest"][0]["resource"]


@lie(FAMILY, "SHALL", PAGE)
def says_another_release(asked: Asked, answer: Answer) -> Answer:
    """The capability statement says that the server speaks FHIR 5.0.0."""
    said = _said(asked, answer)
    return answer.with_document({**said, "fhirVersion": "5.0.0"}) if said else answer


@lie(FAMILY, "SHALL", PAGE)
def says_no_kind(asked: Asked, answer: Answer) -> Answer:
    """The capability statement has neither kind nor status nor date, which it must."""
    said = _said(asked, answer)
    return (
        answer.with_document({k: v for k, v in said.items() if k not in ("kind", "status", "date")})
        if said
        else answer
    )


@lie(FAMILY, "SHALL", CAPABILITIES)
def claims_a_type_that_is_not_there(asked: Asked, answer: Answer) -> Answer:
    """The capability statement claims reading and searching of CarePlan, which does not exist here."""
    said = _said(asked, answer)
    if not said:
        return answer
    claim = {"type": "CarePlan", "interaction": [{"code": "read"}, {"code": "search-type"}]}
    claim["searchParam"] = [{"name": "patient", "type": "reference"}]
    _types(said).append(claim)
    return answer.with_document(said)


@lie(FAMILY, "SHALL", CAPABILITIES)
def claims_a_search_that_is_not_there(asked: Asked, answer: Answer) -> Answer:
    """The capability statement claims that patients can be searched by phonetic, which is refused."""
    said = _said(asked, answer)
    if not said:
        return answer
    for one in _types(said):
        if one["type"] == "Patient":
            definition = "http://hl7.org/fhir/SearchParameter/individual-phonetic"
            one.setdefault("searchParam", []).append(
                {"name": "phonetic", "definition": definition, "type": "string"}
            )
    return answer.with_document(said)


@lie(FAMILY, "SHALL", CAPABILITIES)
def claims_an_operation_that_is_not_there(asked: Asked, answer: Answer) -> Answer:
    """The capability statement claims Patient/$match, which does not exist here."""
    said = _said(asked, answer)
    if not said:
        return answer
    for one in _types(said):
        if one["type"] == "Patient":
            definition = "http://hl7.org/fhir/OperationDefinition/Patient-match"
            one.setdefault("operation", []).append({"name": "match", "definition": definition})
    return answer.with_document(said)


@lie(FAMILY, "SHALL", CAPABILITIES)
def keeps_quiet_about_writing(asked: Asked, answer: Answer) -> Answer:
    """The capability statement says nothing of create, update, patch and delete, though all work."""
    said = _said(asked, answer)
    if not said:
        return answer
    for one in _types(said):
        one["interaction"] = [
            i for i in one["interaction"] if i["code"] not in ("create", "update", "patch", "delete")
        ]
    return answer.with_document(said)


@lie(FAMILY, "SHALL", CAPABILITIES)
def keeps_quiet_about_searches(asked: Asked, answer: Answer) -> Answer:
    """The capability statement names no search parameters, though all work."""
    said = _said(asked, answer)
    if not said:
        return answer
    for one in _types(said):
        one.pop("searchParam", None)
    return answer.with_document(said)


@lie(FAMILY, "SHALL", CAPABILITIES)
def keeps_quiet_about_types(asked: Asked, answer: Answer) -> Answer:
    """The capability statement names Patient and Observation only, though there are many more types."""
    said = _said(asked, answer)
    if not said:
        return answer
    said["rest"][0]["resource"] = [one for one in _types(said) if one["type"] in ("Patient", "Observation")]
    return answer.with_document(said)


@lie(FAMILY, "SHALL", CAPABILITIES)
def keeps_quiet_about_history(asked: Asked, answer: Answer) -> Answer:
    """The capability statement says that no versions are kept and no histories are there."""
    said = _said(asked, answer)
    if not said:
        return answer
    for one in _types(said):
        one["versioning"] = "no-version"
        one["interaction"] = [
            i for i in one["interaction"] if "history" not in i["code"] and i["code"] != "vread"
        ]
    return answer.with_document(said)


@lie(FAMILY, "SHALL", f"{R4}/http.html#cread")
def searches_by_a_wrong_type(asked: Asked, answer: Answer) -> Answer:
    """The capability statement calls birthdate a string."""
    said = _said(asked, answer)
    if not said:
        return answer
    for one in _types(said):
        for param in one.get("searchParam", []):
            if param["name"] == "birthdate":
                param["type"] = "string"
    return answer.with_document(said)


@lie(FAMILY, "SHALL", f"{R4}/operation-patient-everything.html")
async def everything_is_not_everything(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Patient/$everything leaves out all observations."""
    answer = await ask(asked)
    if not (asked.path.endswith("$everything") and is_bundle(answer)):
        return answer
    kept = [e for e in entries(answer) if e["resource"]["resourceType"] != "Observation"]
    total = {"total": len(kept)} if "total" in answer.document else {}
    return with_entries(answer, kept, **total)


@lie(FAMILY, "SHALL", f"{R4}/operation-patient-everything.html")
def everything_is_of_two(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """Patient/$everything, and any search of Observations, brings one record of another patient along."""
    if not is_bundle(answer, "searchset"):
        return answer
    seen = remembered(memory, "seen")
    for entry in entries(answer):
        if entry.get("resource", {}).get("resourceType") == "Observation":
            for patient in patients_of(entry["resource"]):
                seen.setdefault(patient, entry)
    if not asked.path.endswith("$everything"):
        return answer
    other = next((entry for patient, entry in seen.items() if patient != asked.parts[1]), None)
    return with_entries(answer, [*entries(answer), other]) if other else answer


@lie(FAMILY, "SHALL", f"{R4}/resource-operation-validate.html")
def validation_approves_of_anything(asked: Asked, answer: Answer) -> Answer:
    """$validate finds nothing wrong, whatever it is given."""
    if not asked.path.endswith("$validate"):
        return answer
    issue = {"severity": "information", "code": "informational", "diagnostics": "All OK"}
    told = {"resourceType": "OperationOutcome", "issue": [issue]}
    return (
        replace(answer, status=200).with_header("content-type", "application/fhir+json").with_document(told)
    )


@lie(TOKENS, "SHALL", f"{SMART}/conformance.html")
def smart_says_no_token_endpoint(asked: Asked, answer: Answer) -> Answer:
    """The SMART configuration has no token_endpoint."""
    if not (asked.path == "/.well-known/smart-configuration" and answer.document):
        return answer
    return answer.with_document({k: v for k, v in answer.document.items() if k != "token_endpoint"})


@lie(TOKENS, "SHALL", f"{SMART}/conformance.html")
def smart_says_no_capabilities(asked: Asked, answer: Answer) -> Answer:
    """The SMART configuration has no capabilities."""
    if not (asked.path == "/.well-known/smart-configuration" and answer.document):
        return answer
    return answer.with_document({k: v for k, v in answer.document.items() if k != "capabilities"})


@lie(TOKENS, "SHALL", f"{SMART}/conformance.html")
def smart_needs_a_token(asked: Asked, answer: Answer) -> Answer:
    """The SMART configuration is only given to those who are logged in already."""
    if asked.path == "/.well-known/smart-configuration" and not asked.header("authorization"):
        return Answer(401, (("www-authenticate", "Bearer"),))
    return answer


@lie(TOKENS, "SHALL", f"{SMART}/conformance.html")
def smart_is_labelled_html(asked: Asked, answer: Answer) -> Answer:
    """The SMART configuration is labelled text/html."""
    there = asked.path == "/.well-known/smart-configuration"
    return answer.with_header("content-type", "text/html") if there else answer
