"""A directory of services with clinics, and what is booked and referred there.

Codes of specialties are concepts of SNOMED CT, those of kinds of appointment are of the NHS e-Referral Service. Clinics
lie in the days to come, so that this world, unlike the others, depends on the day.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from conformance.reference.population.draw import Draw
from conformance.reference.population.people import Person, people
from conformance.reference.population.places import Places, head, known_as, landline, places, reference
from conformance.reference.population.terms import SNOMED, Term, coding
from conformance.reference.population.time import instant, local

Json = dict[str, Any]

KINDS = "https://fhir.nhs.uk/CodeSystem/eRS-AppointmentType"
BOOKABLE = "https://fhir.nhs.uk/CodeSystem/eRS-BookableType"
CATEGORIES = "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest"
REFERENCES = "https://fhir.nhs.uk/Id/UBRN"
SERVICE_IDS = "https://fhir.nhs.uk/id/dos-service-id"
MOST_PATIENTS = 24
_DAYS, _SLOTS, _MINUTES, _OPENS = 14, 4, 30, 9
_TAKEN_EACH = 4
_ENDED = ("completed", "revoked", "completed")


class _Service(NamedTuple):
    name: str
    kind: Term
    specialty: Term


_OUTPATIENT = Term("FIRST_OUTPATIENT", "First Outpatient")
_DIAGNOSTIC = Term("DIAGNOSTIC", "Diagnostic")
_NURSE = Term("NURSE_CLINIC", "Nurse Clinic")
SERVICES = (
    _Service("Rapid access chest pain clinic", _OUTPATIENT, Term("394579002", "Cardiology")),
    _Service("Echocardiography", _DIAGNOSTIC, Term("394579002", "Cardiology")),
    _Service("Heart failure nurse clinic", _NURSE, Term("394579002", "Cardiology")),
    _Service("General dermatology", _OUTPATIENT, Term("394582007", "Dermatology")),
    _Service("Knee clinic", _OUTPATIENT, Term("394801008", "Trauma and orthopaedics")),
    _Service("Glaucoma nurse clinic", _NURSE, Term("394594003", "Ophthalmology")),
)


def referrals(seed: int, patients: int, base: str) -> Iterator[Json]:
    """Places and patients, the services with their clinics from tomorrow on, and what is booked into them."""
    around = places(seed, patients, base)
    yield from around.everything()
    everyone = list(people(seed, min(patients, MOST_PATIENTS), base, around))
    yield from (person.resource for person in everyone)
    tomorrow = datetime.now(UTC).replace(hour=_OPENS, minute=0, second=0, microsecond=0) + timedelta(days=1)
    living = [one for one in everyone if _is_current(one.resource)]
    booked = len(_ENDED)
    for number, service in enumerate(SERVICES):
        made = _service(seed, number, service, around)
        schedule = _schedule(seed, made, tomorrow)
        yield made
        yield schedule
        for slot in _slots(seed, schedule, made, tomorrow):
            if slot["status"] == "busy":
                person = living[booked % len(living)]
                referral = _referral(seed, booked, person, made)
                yield referral
                yield _appointment(seed, booked, person, slot, schedule, referral)
                booked += 1
            yield slot
        if number < len(_ENDED):
            yield _referral(seed, number, living[number % len(living)], made) | {"status": _ENDED[number]}


def _is_current(patient: Json) -> bool:
    return bool(patient["active"]) and not any(name.startswith("deceased") for name in patient)


def _service(seed: int, number: int, service: _Service, around: Places) -> Json:
    draw = Draw(seed, "HealthcareService", number)
    trust = around.trusts[number % len(around.trusts)]
    own = [one for one in around.locations if one["managingOrganization"] == reference(trust)]
    return head("HealthcareService", draw.identity(), instant(_STARTED)) | {
        "identifier": [{"system": SERVICE_IDS, "value": f"20000{number:05d}"}],
        "active": True,
        "providedBy": known_as(trust),
        "type": [{"coding": [coding(KINDS, service.kind)]}],
        "specialty": [{"coding": [coding(SNOMED, service.specialty)]}],
        "location": [reference(own[number % len(own)])],
        "name": service.name,
        "telecom": [{"system": "phone", "value": landline(draw), "use": "work"}],
        "characteristic": [{"coding": [coding(BOOKABLE, Term("DIRECTLY_BOOKABLE", "Directly Bookable"))]}],
        "appointmentRequired": True,
    }


def _schedule(seed: int, service: Json, first: datetime) -> Json:
    draw = Draw(seed, "Schedule", service["id"])
    return head("Schedule", draw.identity(), instant(_STARTED)) | {
        "active": True,
        "serviceType": service["type"],
        "specialty": service["specialty"],
        "actor": [reference(service), *service["location"]],
        "planningHorizon": {"start": local(first), "end": local(first + timedelta(days=_DAYS))},
    }


def _slots(seed: int, schedule: Json, service: Json, first: datetime) -> Iterator[Json]:
    for number in range(_DAYS * _SLOTS):
        day, place = divmod(number, _SLOTS)
        start = first + timedelta(days=day, minutes=place * _MINUTES)
        draw = Draw(seed, "Slot", f"{schedule['id']}-{number}")
        yield head("Slot", draw.identity(), instant(_STARTED)) | {
            "serviceType": service["type"],
            "specialty": service["specialty"],
            "schedule": reference(schedule),
            "status": "busy" if number % _TAKEN_EACH == 0 else "free",
            "start": local(start),
            "end": local(start + timedelta(minutes=_MINUTES)),
        }


def _referral(seed: int, number: int, person: Person, service: Json) -> Json:
    draw = Draw(seed, "ServiceRequest", number)
    category = {"coding": [coding(CATEGORIES, Term("referral", "Referral"))]}
    return head("ServiceRequest", draw.identity(), instant(_STARTED)) | {
        "identifier": [{"system": REFERENCES, "value": f"{990_000_000_000 + number}"}],
        "status": "active",
        "intent": "order",
        "category": [category],
        "priority": "routine",
        "code": {"coding": service["specialty"][0]["coding"]},
        "subject": known_as(person.resource),
        "authoredOn": local(_STARTED),
        "requester": known_as(person.practice),
        "performer": [reference(service)],
    }


def _appointment(seed: int, number: int, person: Person, slot: Json, schedule: Json, referral: Json) -> Json:
    draw = Draw(seed, "Appointment", number)
    actors = [known_as(person.resource), *schedule["actor"]]
    return head("Appointment", draw.identity(), instant(_STARTED)) | {
        "status": "booked",
        "serviceType": slot["serviceType"],
        "specialty": slot["specialty"],
        "description": "Outpatient appointment",
        "start": slot["start"],
        "end": slot["end"],
        "slot": [reference(slot)],
        "created": local(_STARTED),
        "basedOn": [reference(referral)],
        "participant": [{"actor": actor, "status": "accepted"} for actor in actors],
    }


_STARTED = datetime(2026, 9, 14, 8, tzinfo=UTC)
