"""The desk of a system that takes bookings by FHIR R4: how slots are found, booked, read and cancelled.

Source: Booking and Referral Standard, Core 1.5.0, Appointment standard patterns (book, cancel) and GET /Slot.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conformance.fhir.nhs import NHS_NUMBER_SYSTEM
from conformance.plugin import Exchange, Wire
from conformance.probes.patients import TEST_DATA
from conformance.probes.write import version_tag

Json = dict[str, Any]

DAYS = 14
REASON = {"text": "HTEST: cancelled by a conformance test"}


@dataclass(frozen=True)
class R4Desk:
    """The appointment book of a FHIR R4 server. `numbers` are the NHS numbers of the patients who book."""

    wire: Wire
    numbers: dict[str, str]
    referral: str = ""

    def free(self, label: str) -> Exchange:
        """Search for the free slots of the two weeks that begin tomorrow, with their schedules."""
        first = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(
            days=1
        )
        return self.search(first, first + dt.timedelta(days=DAYS), label)

    def offered(self, slot: Json, label: str) -> Exchange:
        """Search for the free slots that start when this one does."""
        start = str(slot.get("start"))
        return self._searched(f"start=ge{quote(start)}&start=le{quote(start)}", label)

    def search(self, start: dt.datetime, end: dt.datetime, label: str) -> Exchange:
        """Search for the free slots that start in the range."""
        return self._searched(f"start=ge{quote(start.isoformat())}&start=lt{quote(end.isoformat())}", label)

    def _searched(self, bounds: str, label: str) -> Exchange:
        url = f"/Slot?status=free&{bounds}&_include=Slot:schedule&_count=1000"
        return self.wire.send("GET", url, label=label, headers={"Cache-Control": "no-cache"})

    def booking(self, slot: Json, patient: str) -> Json:
        """The appointment that books a slot for a patient."""
        number = {"system": NHS_NUMBER_SYSTEM, "value": self.numbers.get(patient, "")}
        booked = {
            "resourceType": "Appointment",
            "meta": {"tag": [TEST_DATA]},
            "status": "booked",
            "slot": [{"reference": f"Slot/{slot['id']}"}],
            "description": "HTEST: booked by a conformance test",
            "start": slot.get("start"),
            "end": slot.get("end"),
            "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "participant": [{"actor": {"reference": patient, "identifier": number}, "status": "accepted"}],
        }
        return booked | ({"basedOn": [{"reference": self.referral}]} if self.referral else {})

    def book(self, slot: Json, patient: str, label: str) -> Exchange:
        """Book the slot for the patient."""
        return self.post(self.booking(slot, patient), label)

    def post(self, appointment: Json, label: str) -> Exchange:
        """Send an appointment that is to be made."""
        self.wire.note(f"sent-{label}", appointment)
        return self.wire.send("POST", "/Appointment", label=label, json=appointment)

    def read(self, identity: str, label: str) -> Exchange:
        """Read the appointment of that id."""
        return self.wire.send("GET", f"/Appointment/{identity}", label=label)

    def put(self, appointment: Exchange, changed: Json, label: str) -> Exchange:
        """Change the appointment that was read."""
        body = {**(appointment.resource("Appointment") or {}), **changed}
        tag = version_tag(appointment)
        headers = {"If-Match": tag} if tag else None
        return self.wire.send(
            "PUT", f"/Appointment/{body.get('id')}", label=label, json=body, headers=headers
        )

    def cancel(self, appointment: Exchange, label: str) -> Exchange:
        """Cancel the appointment that was read."""
        return self.put(appointment, {"status": "cancelled", "cancelationReason": REASON}, label)

    def of_patient(self, patient: str, label: str) -> Exchange:
        """Search for the patient's appointments."""
        url = f"/Appointment?patient={quote(patient, safe='')}"
        return self.wire.send("GET", url, label=label, headers={"Cache-Control": "no-cache"})

    def settled(self, identity: str) -> None:
        """What was cancelled is still removed at the end of the run, as all that was made."""
