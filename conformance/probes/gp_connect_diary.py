"""The desk of a GP system: how appointments are found, booked and cancelled (Appointment Management 1.2.x)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from conformance.analysis.bookings import references_of, resources_in
from conformance.plugin import Exchange, Wire
from conformance.probes.gp_connect_consumer import (
    BOOK,
    CANCEL,
    FREE_SLOTS,
    ODS_CODE,
    OF_PATIENT,
    READ_APPOINTMENT,
    Consumer,
)

Json = dict[str, Any]

STRUCTURES = "https://fhir.nhs.uk/STU3/StructureDefinition"
APPOINTMENT = f"{STRUCTURES}/GPConnect-Appointment-1"
BOOKED_BY = f"{STRUCTURES}/Extension-GPConnect-BookingOrganisation-1"
REASON = f"{STRUCTURES}/Extension-GPConnect-AppointmentCancellationReason-1"
DAYS = 12
INCLUDES = (
    "_include=Slot:schedule&_include:recurse=Schedule:actor:Practitioner"
    "&_include:recurse=Schedule:actor:Location&_include:recurse=Location:managingOrganization"
)
READS, WRITES, SLOTS = "patient/*.read", "patient/*.write", "organization/*.read"
DESCRIPTION = "Conformance test booking, to be cancelled at once: please ignore. ".ljust(100, "x")
COMMENT = "HTEST: made and cancelled by a conformance test. ".ljust(500, "x")


@dataclass
class GpDesk:
    """The appointment book of a GP system, asked by a consumer."""

    consumer: Consumer
    _locations: dict[str, str] = field(default_factory=dict)

    @property
    def wire(self) -> Wire:
        """What is sent through."""
        return self.consumer.wire

    def free(self, label: str) -> Exchange:
        """Search for the free slots of the days that begin tomorrow."""
        first = today() + dt.timedelta(days=1)
        found = self.search(
            slot_search(first.isoformat(), (first + dt.timedelta(days=DAYS)).isoformat()), label
        )
        for schedule in resources_in(found, "Schedule"):
            places = [one for one in references_of(schedule.get("actor")) if one.startswith("Location/")]
            self._locations |= {f"Schedule/{schedule['id']}": place for place in places[:1]}
        return found

    def offered(self, slot: Json, label: str) -> Exchange:
        """Search for the free slots at the time of this one."""
        return self.search(slot_search(str(slot.get("start")), str(slot.get("end"))), label)

    def search(self, query: str, label: str, about: Mapping[str, str] | None = None) -> Exchange:
        """Search for slots by this query."""
        return self.consumer.send("GET", f"/Slot?{query}", FREE_SLOTS, SLOTS, label=label, about=about)

    def booking(self, slot: Json, patient: str) -> Json:
        """The appointment that books a slot for a patient."""
        schedule = references_of([slot.get("schedule") or {}])
        location = self._locations.get(schedule[0], "") if schedule else ""
        actors = [patient, *([location] if location else [])]
        organisation = {
            "resourceType": "Organization",
            "id": "1",
            "meta": {"profile": [f"{STRUCTURES}/CareConnect-GPC-Organization-1"]},
            "identifier": [{"system": ODS_CODE, "value": self.consumer.organisation}],
            "name": "Conformance test organisation",
            "telecom": [{"system": "phone", "value": "01632 960099"}],
        }
        return {
            "resourceType": "Appointment",
            "meta": {"profile": [APPOINTMENT]},
            "contained": [organisation],
            "extension": [{"url": BOOKED_BY, "valueReference": {"reference": "#1"}}],
            "status": "booked",
            "description": DESCRIPTION,
            "start": slot.get("start"),
            "end": slot.get("end"),
            "slot": [{"reference": f"Slot/{slot['id']}"}],
            "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "comment": COMMENT,
            "participant": [{"actor": {"reference": actor}, "status": "accepted"} for actor in actors],
        }

    def book(self, slot: Json, patient: str, label: str) -> Exchange:
        """Book the slot for the patient."""
        return self.post(self.booking(slot, patient), label)

    def post(self, appointment: Json, label: str) -> Exchange:
        """Send an appointment that is to be made."""
        self.wire.note(f"sent-{label}", appointment)
        return self.consumer.send("POST", "/Appointment", BOOK, WRITES, label=label, json=appointment)

    def read(self, identity: str, label: str) -> Exchange:
        """Read the appointment of that id."""
        return self.consumer.send("GET", f"/Appointment/{identity}", READ_APPOINTMENT, READS, label=label)

    def put(
        self,
        appointment: Json,
        interaction: str,
        label: str,
        version: str = "",
        about: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Change an appointment, as what was read of it in that version (by default the one that it says)."""
        tag = f'W/"{version or (appointment.get("meta") or {}).get("versionId", "")}"'
        return self.consumer.send(
            "PUT",
            f"/Appointment/{appointment.get('id')}",
            interaction,
            WRITES,
            label=label,
            json=appointment,
            headers={"If-Match": tag},
            about=about,
        )

    def cancel(self, appointment: Exchange, label: str) -> Exchange:
        """Cancel the appointment that was read."""
        return self.put(cancelled(appointment.resource("Appointment") or {}), CANCEL, label)

    def of_patient(self, patient: str, label: str) -> Exchange:
        """Search for the patient's appointments from today on."""
        first = today()
        bounds = f"start=ge{first}&start=le{first + dt.timedelta(days=DAYS + 2)}"
        return self.appointments(patient, bounds, label)

    def appointments(
        self, patient: str, query: str, label: str, about: Mapping[str, str] | None = None
    ) -> Exchange:
        """Search for the patient's appointments by this query."""
        path = f"/{patient}/Appointment?{query}"
        return self.consumer.send("GET", path, OF_PATIENT, READS, label=label, about=about)

    def settled(self, identity: str) -> None:
        """GP Connect removes no appointments: one that is cancelled is all that can be had."""
        self.wire.deleted(f"Appointment/{identity}")


def today() -> dt.date:
    """The day, in UTC."""
    return dt.datetime.now(dt.UTC).date()


def slot_search(start: str, end: str) -> str:
    """The query for free slots of a range."""
    bounds = f"status=free&start=ge{quote(start)}&end=le{quote(end)}"
    return f"{bounds}&{INCLUDES}"


def cancelled(appointment: Json) -> Json:
    """An appointment as it is sent to be cancelled: with the status, and the reason."""
    given = appointment.get("extension")
    extension = [
        *(given if isinstance(given, list) else []),
        {"url": REASON, "valueString": "Conformance test"},
    ]
    return {**appointment, "status": "cancelled", "extension": extension}
