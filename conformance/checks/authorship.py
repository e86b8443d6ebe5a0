"""The check that exported records say who wrote them, for which organisation, and when."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from conformance.analysis.export import output_files
from conformance.analysis.facts import resources
from conformance.checks.export_reading import job
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed
from conformance.fhir.references import named
from conformance.plugin import Evidence, Findings, Json, NoData, check

CLINICAL = frozenset(
    [
        *(
            "AllergyIntolerance",
            "CarePlan",
            "ClinicalImpression",
            "Composition",
            "Condition",
            "DiagnosticReport",
        ),
        *("DocumentReference", "Encounter", "Immunization", "MedicationAdministration", "MedicationDispense"),
        *("MedicationRequest", "MedicationStatement", "Observation", "Procedure", "QuestionnaireResponse"),
        *("RiskAssessment", "ServiceRequest"),
    ]
)
"""Types whose resources somebody recorded about a patient."""
AUTHOR = (
    *("author", "recorder", "asserter", "performer", "requester", "assessor", "informationSource", "source"),
    *("participant", "resultsInterpreter", "attester", "enterer", "contributor", "dispenser"),
)
"""Elements of these types in R4 that say who made, recorded or did something."""
ORGANISATION = ("custodian", "serviceProvider", "managingOrganization", "organization")
TIME = (
    *("date", "issued", "recorded", "recordedDate", "authoredOn", "authored", "created", "dateAsserted"),
    *("effectiveDateTime", "effectivePeriod", "effectiveInstant", "occurrenceDateTime", "occurrencePeriod"),
    *("performedDateTime", "performedPeriod", "period", "assertedDate", "whenHandedOver", "whenPrepared"),
)
Lack = tuple[str, str]


@check("records-name-author")
def records_name_author(evidence: Evidence) -> Findings:
    """Each exported clinical record names an author, an organisation and a time, itself or by its Provenance.

    The organisation may be that of the visit, or of the author. Words such as `unknown` are no author: what counts is a
    reference, an identifier or a display.
    """
    _, answer = whole_export(evidence)
    every = [resource for file in output_files(job(evidence)) for resource in resources(file)]
    vouched, placed, employers = _provenance(every), _organised(every), _employers(every)
    lacking: Counter[Lack] = Counter()
    first: dict[Lack, str] = {}
    seen = 0
    for resource in every:
        kind = resource["resourceType"]
        if kind not in CLINICAL:
            continue
        seen += 1
        name = f"{kind}/{resource.get('id')}"
        known = vouched.get(name, frozenset())
        authors = {*_actors(resource, AUTHOR)}
        organised = (
            "organisation" in known
            or any(True for _ in _actors(resource, ORGANISATION))
            or any(one.startswith("Organization/") or one in employers for one in authors)
            or _visit(resource) in placed
        )
        has = {
            "author": bool(authors) or "author" in known,
            "organisation": organised,
            "time": any(resource.get(element) for element in TIME) or "time" in known,
        }
        for what, there in has.items():
            if not there:
                lacking[kind, what] += 1
                first.setdefault((kind, what), name)
    for (kind, what), number in sorted(lacking.items()):
        yield answer.finding(
            f"led to an export with {number} {kind} without {what}, such as {first[kind, what]}"
        )
    if not seen:
        raise NoData(f"the export holds no clinical records ({listed(sorted(CLINICAL))})")


def _actors(resource: dict[str, Any], elements: tuple[str, ...]) -> Iterator[str]:
    """Who is named in these elements: the reference as `Type/id`, or some word for whoever is named otherwise."""
    for element in elements:
        value = resource.get(element)
        for one in value if isinstance(value, list) else [value]:
            yield from _named_in(one)


def _named_in(value: Json) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get("reference"), str):
        yield named(value["reference"]) or value["reference"]
    elif isinstance(value.get("identifier"), dict) or _says(value.get("display")):
        yield "somebody"
    else:
        for inner in ("actor", "individual", "party", "member", "who"):
            yield from _named_in(value.get(inner))


def _says(value: Json) -> bool:
    return (
        isinstance(value, str)
        and bool(value.strip())
        and value.strip().lower() not in {"unknown", "n/a", "none"}
    )


def _visit(resource: dict[str, Any]) -> str:
    context = resource.get("context")
    encounter = resource.get("encounter") or (context.get("encounter") if isinstance(context, dict) else None)
    one = encounter[0] if isinstance(encounter, list) and encounter else encounter
    reference = one.get("reference") if isinstance(one, dict) else None
    return (named(reference) or "") if isinstance(reference, str) else ""


def _organised(every: list[dict[str, Any]]) -> set[str]:
    """The encounters that name the organisation that was responsible."""
    return {
        f"Encounter/{one.get('id')}"
        for one in every
        if one["resourceType"] == "Encounter" and any(True for _ in _actors(one, ("serviceProvider",)))
    }


def _employers(every: list[dict[str, Any]]) -> set[str]:
    """The roles of practitioners that name an organisation, and the practitioners who have such a role."""
    found: set[str] = set()
    for one in every:
        if one["resourceType"] == "PractitionerRole" and any(True for _ in _actors(one, ("organization",))):
            found |= {f"PractitionerRole/{one.get('id')}", *_actors(one, ("practitioner",))}
    return found


def _provenance(every: list[dict[str, Any]]) -> dict[str, frozenset[str]]:
    """What the Provenance in the export tells of each resource: its `author`, its `organisation`, the `time`."""
    found: dict[str, frozenset[str]] = {}
    for one in every:
        targets = one.get("target")
        if one["resourceType"] != "Provenance" or not isinstance(targets, list):
            continue
        agents = [agent for agent in _list(one.get("agent")) if isinstance(agent, dict)]
        who = {name for agent in agents for name in _named_in(agent.get("who"))}
        behalf = any(True for agent in agents for _ in _named_in(agent.get("onBehalfOf")))
        told = frozenset(
            word
            for word, there in (
                ("author", bool(who)),
                ("organisation", behalf or any(name.startswith("Organization/") for name in who)),
                ("time", bool(one.get("recorded"))),
            )
            if there
        )
        for target in targets:
            reference = target.get("reference") if isinstance(target, dict) else None
            name = named(reference) if isinstance(reference, str) else None
            if name:
                found[name] = found.get(name, frozenset()) | told
    return found


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
