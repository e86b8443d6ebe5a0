"""Checks of a patient's structured record ("Retrieve a patient's structured record", GP Connect 1.2.x)."""

import datetime as dt
from typing import Any

from conformance.checks.gp_connect import STRUCTURES, profiles
from conformance.checks.picking import listed, one, quoted
from conformance.fhir import bundles
from conformance.fhir.dates import interval
from conformance.fhir.elements import values
from conformance.fhir.references import named
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

Json = dict[str, Any]

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
SUBJECTS = {
    "AllergyIntolerance": "patient",
    "MedicationStatement": "subject",
    "MedicationRequest": "subject",
    "List": "subject",
}
ALLERGY_LISTS = ("886921000000105", "1103671000000101")
MEDICATION_LIST = "933361000000108"
ENDED = frozenset({"resolved", "inactive"})
PRESCRIPTION = f"{STRUCTURES}/Extension-CareConnect-GPC-PrescriptionType-1"
REPEATED = ("repeat", "repeat-dispensing")
OVER = ("completed", "stopped", "entered-in-error")
REFERRING = ("basedOn", "generalPractitioner", "entry")


@check("gp-connect-record")
def record(evidence: Evidence, *, patient: str) -> Findings:
    """The record is a Bundle of GP Connect's structure with the patient asked for, and with their practice."""
    answer, bundle = _record(evidence)
    if bundle.get("type") != "collection":
        yield answer.finding(f"answers a Bundle of the type {quoted(bundle.get('type'))}, not collection")
    if f"{STRUCTURES}/GPConnect-StructuredRecord-Bundle-1" not in profiles(bundle):
        yield answer.finding("answers a Bundle whose meta.profile does not name GP Connect's structure")
    patients = _of(answer, "Patient")
    numbers = [_nhs_number(each) for each in patients]
    if numbers != [patient]:
        yield answer.finding(f"holds the patients {quoted(numbers)}, not the one that was asked for")
    held = {bundles.reference(each) for each in _all(answer)}
    practices = {ref for each in patients for ref in _references(each.get("generalPractitioner"))}
    organisations = {ref for ref in practices if ref.startswith("Organization/")}
    if not organisations or not organisations <= held:
        yield answer.finding(
            "does not hold the practice where the patient is registered (generalPractitioner)"
        )


@check("gp-connect-record-of-patient")
def record_of_patient(evidence: Evidence) -> Findings:
    """All that the record holds is about the one patient in it."""
    answer, _ = _record(evidence)
    own = {bundles.reference(each) for each in _of(answer, "Patient")}
    about = [
        (each, SUBJECTS[str(each["resourceType"])])
        for each in _all(answer)
        if each["resourceType"] in SUBJECTS
    ]
    if not about:
        raise NoData("the record holds nothing but the patient: there is nothing that could be about another")
    for each, name in about:
        subject = each.get(name)
        reference = named(subject.get("reference")) if isinstance(subject, dict) else None
        if reference not in own:
            yield answer.finding(
                f"holds {bundles.reference(each)} about {quoted(reference)}, not the patient"
            )


@check("gp-connect-record-whole")
def record_whole(evidence: Evidence) -> Findings:
    """What the record refers to is in it, and each list of it names what was found."""
    answer, _ = _record(evidence)
    held = {bundles.reference(each) for each in _all(answer)}
    wanted = {
        ref for each in _all(answer) for name in REFERRING for ref in _references(_items(each.get(name)))
    }
    wanted |= {ref for each in _all(answer) for ref in _references([each.get("medicationReference") or {}])}
    if not wanted:
        raise NoData("nothing in the record refers to anything")
    if lost := sorted(wanted - held):
        yield answer.finding(f"refers to what it does not hold: {listed(lost)}")


@check("gp-connect-allergies")
def allergies(evidence: Evidence, *, ended: bool) -> Findings:
    """Allergies come with their list; those that ended only where they are asked for, and then on a list too."""
    answer, _ = _record(evidence)
    found = _of(answer, "AllergyIntolerance")
    lists = [each for each in _of(answer, "List") if _codes(each) & set(ALLERGY_LISTS)]
    if not lists:
        yield answer.finding("holds no list of allergies")
    over = [each for each in found if str(each.get("clinicalStatus")) in ENDED]
    if over and not ended:
        yield answer.finding(f"holds allergies that ended, which were not asked for: {_names(over)}")
    if ended and not over:
        raise NoData("the record holds no allergy that ended: ask for a patient who has one")
    if not ended and not found:
        raise NoData("the record holds no allergy: ask for a patient who has some")
    named_ = {ref for each in lists for ref in _references(_items(each.get("entry")))}
    if missing := [each for each in found if bundles.reference(each) not in named_]:
        yield answer.finding(f"holds allergies that are on no list: {_names(missing)}")


@check("gp-connect-medication")
def medication(evidence: Evidence, *, issues: bool) -> Findings:
    """Medication comes with its list, statement, plan and medicine; single issues only where they are asked for."""
    answer, _ = _record(evidence)
    statements, requests = _of(answer, "MedicationStatement"), _of(answer, "MedicationRequest")
    lists = [each for each in _of(answer, "List") if MEDICATION_LIST in _codes(each)]
    if not lists:
        yield answer.finding("holds no list of medication")
    if not statements:
        raise NoData("the record holds no medication: ask for a patient who has some")
    listed_ = {ref for each in lists for ref in _references(_items(each.get("entry")))}
    if missing := [each for each in statements if bundles.reference(each) not in listed_]:
        yield answer.finding(f"holds medication that is on no list: {_names(missing)}")
    plans = {bundles.reference(each) for each in requests if each.get("intent") == "plan"}
    if bare := [each for each in statements if not set(_references(each.get("basedOn"))) & plans]:
        yield answer.finding(f"holds medication without the request that planned it: {_names(bare)}")
    orders = [each for each in requests if each.get("intent") == "order"]
    if orders and not issues:
        yield answer.finding(f"holds issues of prescriptions, which were not asked for: {_names(orders)}")
    if issues and not orders:
        raise NoData("the record holds no issue of a prescription: ask for a patient who has some")


@check("gp-connect-nothing-unasked")
def nothing_unasked(evidence: Evidence, *, types: list[str]) -> Findings:
    """What was not asked for is not given."""
    answer, _ = _record(evidence)
    if found := [each for each in _all(answer) if each["resourceType"] in types]:
        yield answer.finding(f"holds what was not asked for: {_names(found)}")


@check("gp-connect-search-date")
def search_date(evidence: Evidence, *, since: str) -> Findings:
    """From a search date on, all medication is given that was active then or later, and none that had ended.

    The first record is the whole one, the second that from the date on. What has an end is judged, and repeats
    without one.
    """
    answers = evidence.labelled("record")
    if len(answers) != len(("the whole", "from the date")):
        raise NoData("the record was not asked for twice")
    whole, later = answers
    for answer in answers:
        if not answer.ok:
            raise NotJudgeable(f"{answer} answered {answer.status}")
    from_ = interval(since)
    if from_ is None:
        raise NotJudgeable(f"{since} is no date")
    day = from_.low.date()
    given = {bundles.reference(each) for each in _of(later, "MedicationStatement")}
    ends = {bundles.reference(each): _ends(each) for each in _of(whole, "MedicationStatement")}
    ended = {ref for ref, end in ends.items() if end is not None and end < day}
    going = {ref for ref, end in ends.items() if end is not None and end >= day}
    going |= {bundles.reference(each) for each in _repeats(whole) if ends[bundles.reference(each)] is None}
    if not ended:
        raise NoData(f"no medication of the patient had ended before {since}")
    if wrong := sorted(given & ended):
        yield later.finding(f"holds medication that had ended before {since}: {listed(wrong)}")
    if lost := sorted(going - given):
        yield later.finding(f"lacks medication that was active on {since} or later: {listed(lost)}")


def _repeats(answer: Exchange) -> list[Json]:
    """The statements whose plan is one of repeat prescriptions, and goes on as far as their status says.

    What is acute and has no end may have ended.
    """
    plans = {
        bundles.reference(each)
        for each in _of(answer, "MedicationRequest")
        for extension in values(each, "extension")
        if isinstance(extension, dict) and extension.get("url") == PRESCRIPTION
        if any(kind in values(extension, "valueCodeableConcept.coding.code") for kind in REPEATED)
    }
    return [
        each
        for each in _of(answer, "MedicationStatement")
        if each.get("status") not in OVER and not plans.isdisjoint(_references(each.get("basedOn")))
    ]


def _ends(statement: Json) -> dt.date | None:
    period = statement.get("effectivePeriod")
    found = interval(period.get("end")) if isinstance(period, dict) else None
    return found.low.date() if found is not None else None


def _record(evidence: Evidence) -> tuple[Exchange, Json]:
    answer = one(evidence, "record")
    bundle = answer.resource("Bundle") if answer.ok else None
    if bundle is None:
        raise NotJudgeable(f"{answer} answered {answer.status} and no record")
    return answer, bundle


def _all(answer: Exchange) -> list[Json]:
    entries = bundles.entries(answer.resource("Bundle") or {})
    held = [each["resource"] for each in entries if isinstance(each.get("resource"), dict)]
    return [each for each in held if isinstance(each.get("resourceType"), str)]


def _of(answer: Exchange, kind: str) -> list[Json]:
    return [each for each in _all(answer) if each["resourceType"] == kind]


def _items(value: Any) -> Any:
    """The references of a list's entries; anything else as it is."""
    if not isinstance(value, list):
        return value
    return [each.get("item", each) if isinstance(each, dict) else each for each in value]


def _references(value: Any) -> list[str]:
    listed_ = value if isinstance(value, list) else [value]
    found = [named(each.get("reference")) for each in listed_ if isinstance(each, dict)]
    return [each for each in found if each is not None]


def _codes(resource: Json) -> set[str]:
    code = resource.get("code")
    codings = code.get("coding") if isinstance(code, dict) else None
    return (
        {str(each.get("code")) for each in codings if isinstance(each, dict)}
        if isinstance(codings, list)
        else set()
    )


def _nhs_number(patient: Json) -> Any:
    listed_ = patient.get("identifier")
    numbers = [each for each in listed_ if isinstance(each, dict)] if isinstance(listed_, list) else []
    return next((each.get("value") for each in numbers if each.get("system") == NHS_NUMBER), None)


def _names(resources: list[Json]) -> str:
    return listed(bundles.reference(each) for each in resources)
