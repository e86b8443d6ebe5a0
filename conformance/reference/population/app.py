"""The made-up population as the NHS App shows it: with appointments, and prescriptions and letters that it can sort.

Elements beyond R4's own are those of NHS England's Patient Care Aggregator (appointments, documents) and Prescriptions
for Patients.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from conformance.reference.population.draw import Draw
from conformance.reference.population.making import population
from conformance.reference.population.people import NHS_NUMBERS
from conformance.reference.population.places import head
from conformance.reference.population.terms import HL7, Term, coding
from conformance.reference.population.time import END, instant, moment

PORTAL_LINK = "https://fhir.nhs.uk/StructureDefinition/Extension-Portal-Link"
MEDIUM = "https://fhir.nhs.uk/StructureDefinition/Extension-Consultation-Medium"
STATUS_HISTORY = "https://fhir.nhs.uk/StructureDefinition/Extension-DM-PrescriptionStatusHistory"
ITEM_STATUSES = "https://fhir.nhs.uk/CodeSystem/task-businessStatus-nppt"
ORDER_NUMBERS = "https://fhir.nhs.uk/Id/prescription-order-number"
SPECIALTIES = "https://fhir.nhs.uk/CodeSystem/Specialty-1"
THERAPY = f"{HL7}/medicationrequest-course-of-therapy"

_CLINICS = (Term("320", "Cardiology"), Term("330", "Dermatology"), Term("110", "Trauma and Orthopaedics"))
_THERAPIES = (
    Term("continuous", "Continuous long term therapy"),
    Term("acute", "Short course (acute) therapy"),
)
_PAST = ("fulfilled", "fulfilled", "noshow", "cancelled")
_COMING = ("booked", "booked", "cancelled")
_ITEMS = {"active": "Ready to Collect", "completed": "Collected", "stopped": "Prescriber Cancelled"}
_LENGTH = timedelta(minutes=20)
_SOONEST, _LATEST = 10, 200
"""How many days after the last record the coming appointments are."""


def surfaced(seed: int, patients: int, base: str) -> Iterator[dict[str, Any]]:
    """The plain population with what the app needs of each prescription and letter, and appointments of all."""
    numbers: dict[str, str] = {}
    for resource in population(seed, patients, base):
        kind, draw = resource["resourceType"], Draw(seed, "surfaced", resource["id"])
        added: dict[str, Any] = {}
        if kind == "MedicationRequest":
            added = _prescription(draw, resource)
        elif kind == "DocumentReference":
            number = numbers[resource["subject"]["reference"]]
            added = _letter(resource, number)
        yield resource | added
        if kind == "Patient":
            (numbers[f"Patient/{resource['id']}"],) = (
                one["value"] for one in resource["identifier"] if one["system"] == NHS_NUMBERS
            )
            yield from _appointments(draw, resource)


def _letter(letter: dict[str, Any], number: str) -> dict[str, Any]:
    whose = {"type": "Patient", "identifier": {"system": NHS_NUMBERS, "value": number}}
    return {
        "subject": letter["subject"] | whose,
        "description": letter["type"]["text"],
        "docStatus": "final",
    }


def _prescription(draw: Draw, prescription: dict[str, Any]) -> dict[str, Any]:
    status = {
        "url": "status",
        "valueCoding": {"system": ITEM_STATUSES, "code": _ITEMS[prescription["status"]]},
    }
    when = {"url": "statusDate", "valueDateTime": prescription["meta"]["lastUpdated"]}
    number = f"{draw.digits(6)}-Z{draw.digits(5)}-{draw.digits(5)}Z"
    return {
        "extension": [{"url": STATUS_HISTORY, "extension": [status, when]}],
        "groupIdentifier": {"system": ORDER_NUMBERS, "value": number},
        "courseOfTherapyType": {"coding": [coding(THERAPY, draw.one_of(_THERAPIES))]},
    }


def _appointments(draw: Draw, patient: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One that was and one or two that are to come."""
    yield _appointment(draw, patient, moment(draw), draw.one_of(_PAST))
    for _ in range(draw.between(1, 2)):
        when = END + timedelta(days=draw.between(_SOONEST, _LATEST), minutes=20 * draw.between(24, 48))
        yield _appointment(draw, patient, when, draw.one_of(_COMING))


def _appointment(draw: Draw, patient: dict[str, Any], when: datetime, status: str) -> dict[str, Any]:
    clinic = draw.one_of(_CLINICS)
    appointment = head("Appointment", draw.identity(), instant(min(when, END - timedelta(days=1)))) | {
        "extension": [
            {"url": MEDIUM, "valueCode": draw.one_of(("FACE_TO_FACE", "TELEPHONE", "VIDEO_CONSULTATION"))},
        ],
        "status": status,
        "specialty": [{"coding": [coding(SPECIALTIES, clinic)]}],
        "description": f"{clinic.display} outpatient appointment",
        "start": instant(when),
        "end": instant(when + _LENGTH),
        "participant": [{"actor": {"reference": f"Patient/{patient['id']}"}, "status": "accepted"}],
    }
    if status == "cancelled":
        reason = f"{HL7}/appointment-cancellation-reason"
        appointment["cancelationReason"] = {"coding": [coding(reason, Term("pat", "Patient"))]}
    return appointment
