"""What is on record about the patients: allergies, and medication with its authorisations and issues.

Codes are SNOMED CT concepts, those of medicines of its UK drug extension (dm+d); the people are made up.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from conformance.reference.gp_connect import terms
from conformance.reference.gp_connect.people import Registered

Json = dict[str, Any]

_ISSUE_EVERY = 28


@dataclass(frozen=True)
class _Allergy:
    code: str
    words: str
    category: str
    ended: str = ""


@dataclass(frozen=True)
class _Medicine:
    code: str
    words: str
    dose: str
    start: date
    end: date | None
    kind: str
    issues: int


_ALLERGIES = (
    _Allergy("91936005", "Allergy to penicillin", "medication"),
    _Allergy("91935009", "Allergy to peanut", "food"),
    _Allergy("419474003", "Allergy to mould", "environment", ended="2019-05-04"),
)
_MEDICINES = (
    _Medicine("319775004", "Aspirin 75mg tablets", "One each day", date(2021, 2, 8), None, "repeat", 3),
    _Medicine(
        "42109611000001109", "Paracetamol 500mg tablets", "Two when required", date(2020, 6, 1), date(2022, 9, 30),
        "repeat", 2,
    ),
    _Medicine(
        "39732311000001104", "Amoxicillin 250mg capsules", "Two three times a day", date(2023, 1, 16),
        date(2023, 1, 23), "acute", 1,
    ),
)  # fmt: skip


def _head(kind: str, identity: str, structure: str) -> Json:
    meta = {"versionId": "1", "profile": [structure]}
    identifier = [{"system": terms.CROSS_CARE, "value": identity}]
    return {"resourceType": kind, "id": identity, "meta": meta, "identifier": identifier}


def _list(patient: Registered, code: str, words: str, entries: list[Json]) -> Json:
    """A list as GP Connect has it: without an id, since it is made for the answer."""
    return {
        "resourceType": "List",
        "meta": {"profile": [terms.LIST]},
        "status": "current",
        "mode": "snapshot",
        "title": words,
        "code": {"coding": [{"system": terms.SNOMED, "code": code, "display": words}]},
        "subject": _reference(patient.resource),
        "entry": [{"item": _reference(one)} for one in entries],
    }


def _reference(resource: Json) -> Json:
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def allergies(patient: Registered, *, resolved: bool) -> list[Json]:
    """The list of the patient's allergies and what is on it; those that ended stand on a list of their own."""
    made = [_allergy(patient, number, one) for number, one in enumerate(_ALLERGIES)]
    active = [one for one in made if one["clinicalStatus"] == "active"]
    ended = [one for one in made if one["clinicalStatus"] == "resolved"]
    found = [_list(patient, "886921000000105", "Allergies and adverse reactions", active), *active]
    if resolved:
        found += [_list(patient, "1103671000000101", "Ended allergies", ended), *ended]
    return found


def _allergy(patient: Registered, number: int, allergy: _Allergy) -> Json:
    made = _head("AllergyIntolerance", f"all-{number}-{patient.resource['id']}", terms.ALLERGY) | {
        "clinicalStatus": "resolved" if allergy.ended else "active",
        "verificationStatus": "unconfirmed",
        "type": "allergy",
        "category": [allergy.category],
        "code": {"coding": [{"system": terms.SNOMED, "code": allergy.code, "display": allergy.words}]},
        "patient": _reference(patient.resource),
        "assertedDate": "2014-04-11T09:20:00+01:00",
        "recorder": {"reference": "Practitioner/prac-1"},
    }
    if allergy.ended:
        url = f"{terms.STRUCTURES}/Extension-CareConnect-GPC-AllergyIntoleranceEnd-1"
        ended = [
            {"url": "endDate", "valueDateTime": allergy.ended},
            {"url": "reasonEnded", "valueString": "Tolerated"},
        ]
        made["extension"] = [{"url": url, "extension": ended}]
    return made


def medication(patient: Registered, *, since: date | None, issues: bool) -> list[Json]:
    """The list of the patient's medication that was active from then on, and what is on it."""
    statements, others = [], []
    for number, medicine in enumerate(_MEDICINES):
        if since is None or _active_from(medicine, since):
            statement, rest = _taken(patient, number, medicine, issues=issues)
            statements.append(statement)
            others += rest
    return [
        _list(patient, "933361000000108", "Medications and medical devices", statements),
        *statements,
        *others,
    ]


def _active_from(medicine: _Medicine, since: date) -> bool:
    if medicine.end is not None:
        return medicine.end >= since
    return medicine.kind != "acute" or medicine.start >= since


def _taken(patient: Registered, number: int, medicine: _Medicine, *, issues: bool) -> tuple[Json, list[Json]]:
    name = f"{number}-{patient.resource['id']}"
    what = {
        "resourceType": "Medication",
        "id": f"med-{name}",
        "meta": {"versionId": "1", "profile": [terms.MEDICATION]},
        "code": {"coding": [{"system": terms.SNOMED, "code": medicine.code, "display": medicine.words}]},
    }
    plan = _request(patient, f"plan-{name}", "plan", medicine, what, medicine.start)
    period = {"start": medicine.start.isoformat()} | (
        {"end": medicine.end.isoformat()} if medicine.end else {}
    )
    statement = _head("MedicationStatement", f"st-{name}", terms.STATEMENT) | {
        "basedOn": [_reference(plan)],
        "status": "completed" if medicine.end else "active",
        "medicationReference": _reference(what),
        "effectivePeriod": period,
        "dateAsserted": medicine.start.isoformat(),
        "subject": _reference(patient.resource),
        "taken": "unk",
        "dosage": [{"text": medicine.dose}],
    }
    orders = (
        [_order(patient, name, medicine, what, plan, number) for number in range(medicine.issues)]
        if issues
        else []
    )
    return statement, [what, plan, *orders]


def _order(patient: Registered, name: str, medicine: _Medicine, what: Json, plan: Json, number: int) -> Json:
    day = medicine.start + timedelta(days=number * _ISSUE_EVERY)
    order = _request(patient, f"ord-{number}-{name}", "order", medicine, what, day)
    return order | {"basedOn": [_reference(plan)]}


def _request(
    patient: Registered, identity: str, intent: str, medicine: _Medicine, what: Json, day: date
) -> Json:
    kind = {
        "coding": [
            {"system": terms.KINDS_OF_PRESCRIPTION, "code": medicine.kind, "display": medicine.kind.title()}
        ]
    }
    return _head("MedicationRequest", identity, terms.REQUEST) | {
        "extension": [{"url": terms.KIND_OF_PRESCRIPTION, "valueCodeableConcept": kind}],
        "groupIdentifier": {"value": identity.rpartition("-pat")[0]},
        "status": "completed" if medicine.end or intent == "order" else "active",
        "intent": intent,
        "medicationReference": _reference(what),
        "subject": _reference(patient.resource),
        "authoredOn": day.isoformat(),
        "recorder": {"reference": "Practitioner/prac-1"},
        "dosageInstruction": [{"text": medicine.dose}],
        "dispenseRequest": {"validityPeriod": {"start": day.isoformat()}},
    }
