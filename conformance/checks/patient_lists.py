"""Checks of what is given for one patient: all that is theirs, nothing that is not, whichever way it is asked for.

Source: NHS England, Patient Care Aggregator, API standard, GET /Appointment and GET /DocumentReference.
"""

from typing import Any

from conformance.analysis.export import exported, output_files
from conformance.analysis.facts import resources
from conformance.analysis.samples import samples
from conformance.checks.exchanged import OK, noted
from conformance.checks.export_reading import job
from conformance.checks.export_whole import whole_export
from conformance.checks.patients_own import is_about, is_about_another
from conformance.checks.picking import listed, permitted, picked
from conformance.fhir import bundles
from conformance.fhir.compartments import owners
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

LISTS = ("by-id", "by-number")
COMPLETE = "complete"


@check("list-is-the-patients")
def list_is_the_patients(evidence: Evidence) -> Findings:
    """What is found for a patient, by id and by NHS number, is about this patient and nobody else's."""
    patient = str(noted(evidence, "patient"))
    seen = mine = 0
    for label in LISTS:
        for exchange, resource in _found(evidence, label):
            seen += 1
            mine += is_about(resource, patient.partition("/")[2])
            if is_about_another(resource, patient.partition("/")[2]):
                yield exchange.finding(f"gives {bundles.reference(resource)}, which is not about {patient}")
                break
    if not seen:
        raise NoData(f"nothing is found for {patient}")
    if not mine:
        raise NotJudgeable(f"nothing of what is found for {patient} says by an id whose it is")


@check("list-is-whole")
def list_is_whole(evidence: Evidence) -> Findings:
    """The list of a patient has all of the type that discovery, the other search and $everything show of them."""
    patient, kind = str(noted(evidence, "patient")), str(noted(evidence, "resource"))
    found = _ids(_found(evidence, "by-id"))
    others = {
        "another search": {
            bundles.reference(each)
            for each in samples(evidence.discovery).of(kind)
            if is_about(each, patient.partition("/")[2])
        },
        "the search by NHS number": _ids(_found(evidence, "by-number")),
    }
    if evidence.labelled("everything"):
        everything = _found(evidence, "everything")
        others["$everything"] = _ids([(e, r) for e, r in everything if r.get("resourceType") == kind])
    if not found and not any(others.values()):
        raise NoData(f"nothing is found for {patient}")
    for what, held in others.items():
        lacking = sorted(held - found)
        if lacking:
            yield picked(evidence, "by-id")[0].finding(
                f"lacks {listed(lacking)}, which {what} gives of {patient}"
            )


@check("lists-agree")
def lists_agree(evidence: Evidence) -> Findings:
    """A search by NHS number finds for a patient what a search by the patient's id finds."""
    by_id, by_number = (_ids(_found(evidence, label)) for label in LISTS)
    if not by_id:
        raise NoData("nothing is found by the patient's id")
    lacking = sorted(by_id - by_number)
    if lacking:
        yield picked(evidence, "by-number")[0].finding(f"lacks {listed(lacking)}, which a search by id finds")


@check("nobodys-list-is-empty")
def nobodys_list_is_empty(evidence: Evidence) -> Findings:
    """A search for an NHS number that nobody has answers 200 and finds nothing, where one that somebody has does."""
    if not _ids(_found(evidence, "by-number")):
        raise NotJudgeable("nothing is found by an NHS number that somebody has either")
    answer = permitted(picked(evidence, "of-nobody")[0])
    if answer.status != OK:
        yield answer.finding(f"answered {answer.status}, not 200, for a patient of whom there is nothing")
        return
    found = _ids(_found(evidence, "of-nobody"))
    if found:
        yield answer.finding(f"finds {listed(sorted(found))} for an NHS number that nobody has")


@check("list-agrees-with-export")
def list_agrees_with_export(evidence: Evidence) -> Findings:
    """What is found for a patient is what the export of everything has of the type about the patient."""
    patient, kind = str(noted(evidence, "patient")), str(noted(evidence, "resource"))
    whole_export(evidence)
    if kind not in exported(job(evidence)).counts:
        held = set[str]()
    else:
        held = {
            f"{kind}/{one.get('id')}"
            for file in output_files(job(evidence))
            for one in resources(file)
            if one["resourceType"] == kind and is_about(one, patient.partition("/")[2])
        }
    found = _ids(_found(evidence, "by-id"))
    if not held and not found:
        raise NoData(f"neither the search nor the export has a {kind} about {patient}")
    first = picked(evidence, "by-id")[0]
    if lacking := sorted(held - found):
        yield first.finding(f"lacks {listed(lacking)}, which the export has about {patient}")
    if extra := sorted(found - held):
        yield first.finding(f"gives {listed(extra)}, which the export does not have about {patient}")


@check("referred-are-the-patients")
def referred_are_the_patients(evidence: Evidence) -> Findings:
    """What a record refers to, where it is about a patient too, is about the same patient."""
    known = {bundles.reference(r): r for e in picked(evidence, "holding") for r in _resources(permitted(e))}
    judged = 0
    for exchange in evidence.labelled("referred"):
        source, resource = known.get(exchange.about.get("source", "")), exchange.resource()
        if source is None or resource is None or not exchange.ok or resource["resourceType"] == "Patient":
            continue
        mine, theirs = (owners(one).patients for one in (source, resource))
        if mine and theirs:
            judged += 1
            if not mine & theirs:
                yield exchange.finding(
                    f"is about another patient than {bundles.reference(source)}, which refers to it"
                )
    if not judged:
        raise NotApplicable("no record that was sampled refers to another that is about a patient")


def _found(evidence: Evidence, label: str) -> list[tuple[Exchange, dict[str, Any]]]:
    """What a list holds, each with the page that gives it. Raises NotJudgeable where not all pages came."""
    pages = picked(evidence, label)
    for page in pages:
        if permitted(page).status and not page.ok:
            raise NotJudgeable(f"{page} answered {page.status}")
    ended = next(
        (s.notes.get(f"ended-{label}") for s in evidence.steps if f"ended-{label}" in s.notes), COMPLETE
    )
    if ended != COMPLETE:
        raise NotJudgeable(f"not all pages of {pages[0]} came ({ended})")
    return [(page, resource) for page in pages for resource in _resources(page)]


def _resources(exchange: Exchange) -> list[dict[str, Any]]:
    body = exchange.resource() or {}
    return bundles.matches(body) if body.get("resourceType") == "Bundle" else [body]


def _ids(found: list[tuple[Exchange, dict[str, Any]]]) -> set[str]:
    return {bundles.reference(resource) for _, resource in found}
