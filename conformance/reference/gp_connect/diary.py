"""The appointment book: sessions of the next weeks with their slots, and what is booked into them. Kept in memory."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from conformance.reference.gp_connect import terms
from conformance.reference.population.time import local

Json = dict[str, Any]

DAYS = 28
_OPENS, _SLOTS, _MINUTES = time(9, 0), 12, 15
_TAKEN_EACH = 5


@dataclass(frozen=True)
class Session:
    """One kind of session of the practice."""

    number: int
    schedule: str
    slot: str
    channel: str
    practitioner: str
    job: tuple[str, str]


_GP = ("R0260", "General Medical Practitioner")
SESSIONS = (
    Session(1, "General GP appointments", "General GP appointment", "In-person", "prac-1", _GP),
    Session(2, "Telephone clinic", "Telephone advice", "Telephone", "prac-2", _GP),
)


class Diary:
    """Schedules, slots and appointments by their ids. Whoever reads and then writes holds the `lock`."""

    def __init__(self, today: date) -> None:
        self.lock = threading.Lock()
        self.schedules: dict[str, Json] = {}
        self.slots: dict[str, Json] = {}
        self.appointments: dict[str, Json] = {}
        for ahead in range(1, DAYS + 1):
            for session in SESSIONS:
                self._add(today + timedelta(days=ahead), session)

    def _add(self, day: date, session: Session) -> None:
        identity = f"sch-{day:%Y%m%d}-{session.number}"
        begin = datetime.combine(day, _OPENS, UTC)
        end = begin + timedelta(minutes=_SLOTS * _MINUTES)
        code, display = session.job
        job = {"coding": [{"system": terms.JOBS, "code": code, "display": display}]}
        self.schedules[identity] = {
            "resourceType": "Schedule",
            "id": identity,
            "meta": {"versionId": "1", "profile": [terms.SCHEDULE]},
            "extension": [{"url": terms.ROLE, "valueCodeableConcept": job}],
            "serviceCategory": {"text": session.schedule},
            "actor": [
                {"reference": "Location/loc-1"},
                {"reference": f"Practitioner/{session.practitioner}"},
            ],
            "planningHorizon": {"start": local(begin), "end": local(end)},
        }
        for number in range(_SLOTS):
            first = begin + timedelta(minutes=number * _MINUTES)
            slot = self._add_slot(f"{identity[4:]}-{number:02d}", identity, session, first)
            if number % _TAKEN_EACH == 0:
                self.mark([slot["id"]], "busy")
                self.keep(_standing(slot, self.schedules[identity]))

    def _add_slot(self, identity: str, schedule: str, session: Session, start: datetime) -> Json:
        slot: Json = {
            "resourceType": "Slot",
            "id": f"slot-{identity}",
            "meta": {"versionId": "1", "profile": [terms.SLOT]},
            "extension": [{"url": terms.DELIVERY, "valueCode": session.channel}],
            "serviceType": [{"text": session.slot}],
            "schedule": {"reference": f"Schedule/{schedule}"},
            "status": "free",
            "start": local(start),
            "end": local(start + timedelta(minutes=_MINUTES)),
        }
        self.slots[slot["id"]] = slot
        return slot

    def offered(self, *, busy: bool = False) -> Iterator[Json]:
        """The slots that can be booked, or all of them, in the order of time."""
        found = [slot for slot in self.slots.values() if busy or slot["status"] == "free"]
        yield from sorted(found, key=lambda slot: (slot["start"], slot["id"]))

    def mark(self, slots: list[str], status: str) -> None:
        """Give slots another status, and with it another version."""
        for identity in slots:
            slot = self.slots[identity]
            version = str(int(slot["meta"]["versionId"]) + 1)
            self.slots[identity] = slot | {"status": status, "meta": slot["meta"] | {"versionId": version}}

    def keep(self, appointment: Json) -> Json:
        """Keep an appointment as the next version of itself."""
        before = self.appointments.get(appointment["id"])
        version = str(int(before["meta"]["versionId"]) + 1) if before else "1"
        meta = {"versionId": version, "profile": [terms.APPOINTMENT]}
        self.appointments[appointment["id"]] = {**appointment, "meta": meta}
        return self.appointments[appointment["id"]]


def _standing(slot: Json, schedule: Json) -> Json:
    """An appointment that the practice made itself, of its second patient."""
    people = ("Patient/pat-2", *(actor["reference"] for actor in schedule["actor"]))
    return {
        "resourceType": "Appointment",
        "id": f"app-{slot['id']}",
        "extension": [*slot["extension"], *schedule["extension"]],
        "status": "booked",
        "serviceCategory": schedule["serviceCategory"],
        "serviceType": slot["serviceType"],
        "description": "Review",
        "start": slot["start"],
        "end": slot["end"],
        "slot": [{"reference": f"Slot/{slot['id']}"}],
        "created": "2026-01-05T09:00:00+00:00",
        "participant": [{"actor": {"reference": one}, "status": "accepted"} for one in people],
    }


def slot_ids(appointment: Json) -> list[str]:
    """The ids of the slots to which an appointment refers."""
    listed = appointment.get("slot")
    references = (
        [one.get("reference") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    )
    return [str(one).removeprefix("Slot/") for one in references]


def patient_of(appointment: Json) -> str:
    """The reference to the patient whom an appointment is for; empty where there is none."""
    for one in appointment.get("participant") or []:
        reference = str(((one or {}).get("actor") or {}).get("reference", ""))
        if reference.startswith("Patient/"):
            return reference
    return ""


def moment(text: str) -> datetime:
    """The moment that a FHIR dateTime with an offset names. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} names no offset")
    return found
