"""What every appointment book is put through: a booking, a second one of the same slot, a cancellation, a new booking.

How a system is asked is its desk's; what is asked, and in which order, is the same for all of them.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from conformance.analysis.bookings import slots_in
from conformance.fhir.references import id_in, plain_id
from conformance.plugin import Exchange, Untestable, Wire

Json = dict[str, Any]

FIRST_WAIT = 0.05


class Desk(Protocol):
    """How one system's appointment book is asked. Each method sends one request under the label."""

    def free(self, label: str) -> Exchange:
        """Search for the slots that are free."""

    def offered(self, slot: Json, label: str) -> Exchange:
        """Search for the free slots at the time of this one."""

    def book(self, slot: Json, patient: str, label: str) -> Exchange:
        """Book the slot for the patient (a reference)."""

    def read(self, identity: str, label: str) -> Exchange:
        """Read the appointment of that id."""

    def cancel(self, appointment: Exchange, label: str) -> Exchange:
        """Cancel the appointment that was read."""

    def of_patient(self, patient: str, label: str) -> Exchange:
        """Search for the patient's appointments."""

    def settled(self, identity: str) -> None:
        """Be told that the appointment was cancelled, so that nothing of it is left to be removed."""


def needed_slots(wire: Wire, desk: Desk, number: int) -> list[Json]:
    """The last of the free slots, least likely to be wanted by others. Raises Untestable where there are too few."""
    found = desk.free("free")
    slots = slots_in(found)
    if len(slots) < number:
        raise Untestable(f"{found} answered {found.status} with {len(slots)} free slots; {number} are needed")
    wire.note("slots", [one["id"] for one in slots[-number:]])
    return slots[-number:]


@dataclass(frozen=True)
class Told:
    """What is left at the end of a story: the cancelled appointment, and the id of the booking after it."""

    identity: str
    cancelled: Exchange
    rebooked: str | None


def story(wire: Wire, desk: Desk, first: str, second: str, seconds: float) -> Told | None:
    """Book a slot, book it again for another patient, cancel, and book it anew. None where nothing could be booked.

    The other patient has a booking of another slot meanwhile, which a search for the first's is not to find.
    Labels: `free`, `book`, `read-booked`, `book-beside`, `free-after-booking`, `found-booked`, `book-again`,
    `read-after-second`, `cancel`, `read-cancelled`, `found-cancelled`, `free-after-cancel`, `rebook`.
    Notes: `slots`, `patient`, `other`.
    """
    beside, slot = needed_slots(wire, desk, 2)
    wire.note("slots", [slot["id"]])
    wire.note("patient", first)
    wire.note("other", second)
    identity = booked_id(wire, desk.book(slot, first, "book"))
    if identity is None:
        return None
    booked = desk.read(identity, "read-booked")
    others = booked_id(wire, desk.book(beside, second, "book-beside"))
    watched(wire, lambda: desk.offered(slot, "free-after-booking"), slot["id"], seconds, wanted=False)
    desk.of_patient(first, "found-booked")
    again = booked_id(wire, desk.book(slot, second, "book-again"))
    after = desk.read(identity, "read-after-second")
    if again is not None:
        give_back(desk, again)
    if desk.cancel(after if after.ok else booked, "cancel").ok:
        desk.settled(identity)
    cancelled = desk.read(identity, "read-cancelled")
    desk.of_patient(first, "found-cancelled")
    watched(wire, lambda: desk.offered(slot, "free-after-cancel"), slot["id"], seconds, wanted=True)
    if others is not None:
        give_back(desk, others)
    return Told(identity, cancelled, booked_id(wire, desk.book(slot, second, "rebook")))


def race(wire: Wire, desk: Desk, patients: tuple[str, str], rounds: int) -> None:
    """Book a slot twice at the very same time, some rounds, each with a slot of its own.

    Labels: `free`, `race-N` (the two bookings of round N), `raced-N` (what is read of each that was accepted).
    """
    slots = needed_slots(wire, desk, rounds)
    wire.note("rounds", rounds)
    for number, slot in enumerate(slots, 1):
        answers = at_once([partial(desk.book, slot, patient, f"race-{number}") for patient in patients])
        won = [identity for answer in answers if (identity := booked_id(wire, answer)) is not None]
        for identity in won:
            desk.read(identity, f"raced-{number}")
        for identity in won:
            give_back(desk, identity)


def at_once(sending: list[Callable[[], Exchange]]) -> list[Exchange]:
    """Send all of these at the same moment, and wait for all answers."""
    barrier = threading.Barrier(len(sending))

    def start(send: Callable[[], Exchange]) -> Exchange:
        barrier.wait()
        return send()

    with ThreadPoolExecutor(len(sending)) as pool:
        return list(pool.map(start, sending))


def booked_id(wire: Wire, answer: Exchange) -> str | None:
    """The id of the appointment that was made, remembered for the end of the run; None where none was."""
    if not answer.ok:
        return None
    body = answer.resource("Appointment") or {}
    found = plain_id(body.get("id")) or id_in(answer.header("location"), "Appointment")
    if found is not None:
        wire.created(f"Appointment/{found}")
    return found


def give_back(desk: Desk, identity: str) -> None:
    """Cancel an appointment that the story does not need any more (labels `clean-up`)."""
    read = desk.read(identity, "clean-up")
    if read.ok and desk.cancel(read, "clean-up").ok:
        desk.settled(identity)


def watched(wire: Wire, look: Callable[[], Exchange], slot: str, seconds: float, *, wanted: bool) -> None:
    """Look for the slot until it is there or not, as wanted, or the time is up; the last answer counts."""
    began, pause = time.monotonic(), FIRST_WAIT
    while True:
        there = any(one["id"] == slot for one in slots_in(look()))
        passed = time.monotonic() - began
        if there is wanted or passed >= seconds:
            return
        wire.pause(min(pause, seconds - passed))
        pause *= 2
