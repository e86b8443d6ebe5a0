"""GP Connect: what is asked of an appointment book, rightly and wrongly (Appointment Management 1.2.x)."""

import datetime as dt
from typing import Any
from urllib.parse import quote

from conformance.analysis.bookings import slots_in
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.booking_story import booked_id, give_back, needed_slots, race, story
from conformance.probes.gp_connect_consumer import AMEND, CANCEL, REST, asking
from conformance.probes.gp_connect_diary import READS, GpDesk, cancelled, slot_search, today

Json = dict[str, Any]

BAD, GOOD = "bad", "good"
A_MINUTE, A_WEEK = dt.timedelta(minutes=1), dt.timedelta(days=7)
NEW_WORDS = "Conformance test booking, amended: please ignore."
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@probe("gp-connect-slots")
def free_slots(wire: Wire, *, consumer: dict[str, str]) -> None:
    """Search for free slots (`slots`), in a range that cuts the first and the last (`narrow`), and by a strange filter.

    The last is labelled `filtered`. `consumer` is that of `gp-connect-discover`.
    """
    desk = _desk(wire, consumer)
    found = desk.free("slots")
    wire.note("first-day", (today() + dt.timedelta(days=1)).isoformat())
    slots = slots_in(found)
    begin = _shifted(slots[0].get("start"), A_MINUTE) if slots else ""
    near = [one for one in slots if str(one.get("end")) < _shifted(slots[0].get("start"), A_WEEK)]
    end = _shifted(near[-1].get("end"), -A_MINUTE) if near else ""
    if begin and end:
        wire.note("narrow", [begin, end])
        desk.search(slot_search(begin, end), "narrow")
    day = today() + dt.timedelta(days=1)
    plain = slot_search(day.isoformat(), (day + dt.timedelta(days=7)).isoformat())
    foreign = quote("https://conformance-harness.org/Id/filter|none", safe="")
    desk.search(f"{plain}&searchFilter={foreign}", "filtered")


@probe("gp-connect-slots-refusals")
def slots_refusals(wire: Wire, *, consumer: dict[str, str]) -> None:
    """Search for free slots rightly (`good`), then with one thing that is not permitted each (`bad`, see `variant`)."""
    desk = _desk(wire, consumer)
    desk.free(GOOD)
    day = today() + dt.timedelta(days=1)
    week = (day + dt.timedelta(days=7)).isoformat()
    right = slot_search(day.isoformat(), week)
    wrong = {
        "a range of four weeks": slot_search(day.isoformat(), (day + dt.timedelta(days=28)).isoformat()),
        "no status": right.replace("status=free&", ""),
        "the status busy": right.replace("status=free", "status=busy"),
        "no _include of the schedule": right.replace("_include=Slot:schedule&", ""),
        "a start of a month only": slot_search(day.isoformat()[:7], week),
    }
    for variant, query in wrong.items():
        desk.search(query, BAD, {"variant": variant})


@probe("gp-connect-booking", writes=True)
def booking(
    wire: Wire,
    *,
    consumer: dict[str, str],
    patient: str,
    other_patient: str,
    seconds: int,
) -> None:
    """Book a free slot, book it again for another patient, cancel, and book it anew: see the labels of `booking`.

    A search may lag behind by so many seconds. What was booked is cancelled again.
    """
    desk = _desk(wire, consumer)
    first, second = (desk.consumer.needed_patient(one) for one in (patient, other_patient))
    told = story(wire, desk, first, second, seconds)
    if told is not None and told.rebooked is not None:
        give_back(desk, told.rebooked)


@probe("gp-connect-race", writes=True)
def booking_race(
    wire: Wire,
    *,
    consumer: dict[str, str],
    patient: str,
    other_patient: str,
    rounds: int,
) -> None:
    """Book a slot for two patients at the very same time, in some rounds: see the labels of `booking-race`."""
    desk = _desk(wire, consumer)
    patients = desk.consumer.needed_patient(patient), desk.consumer.needed_patient(other_patient)
    race(wire, desk, patients, rounds)


@probe("gp-connect-amending", writes=True)
def amending(wire: Wire, *, consumer: dict[str, str], patient: str) -> None:
    """Book a slot (`book`) and amend what may be amended (`amend`, `read-amended`), then what may not be.

    `bad-amendment` is one of the time, and one of what was cancelled meanwhile (`cancel`); `outdated` are an amendment
    and a cancellation of an old version; `bad-cancellation` is one that changes more.
    """
    desk = _desk(wire, consumer)
    (slot,) = needed_slots(wire, desk, 1)
    identity = booked_id(wire, desk.book(slot, desk.consumer.needed_patient(patient), "book"))
    if identity is None:
        return
    before = desk.read(identity, "read-booked").resource("Appointment") or {}
    old = str((before.get("meta") or {}).get("versionId", ""))
    amended = {**before, "description": NEW_WORDS}
    wire.note("sent-amend", amended)
    desk.put(amended, AMEND, "amend")
    desk.read(identity, "read-amended")

    def now() -> Json:
        return desk.read(identity, "look").resource("Appointment") or before

    moved = {**now(), "start": before.get("end"), "end": before.get("start")}
    desk.put(moved, AMEND, "bad-amendment", about={"variant": "an amendment of the time"})
    more = {**cancelled(now()), "description": "Cancelled, and changed too"}
    desk.put(
        more, CANCEL, "bad-cancellation", about={"variant": "a cancellation that changes the description"}
    )
    if old:
        late = {**now(), "description": "x"}
        desk.put(late, AMEND, "outdated", old, {"variant": "an amendment of an outdated version"})
        gone = cancelled(now())
        desk.put(gone, CANCEL, "outdated", old, {"variant": "a cancellation of an outdated version"})
    last = desk.read(identity, "read-last")
    if desk.cancel(last, "cancel").ok:
        desk.settled(identity)
    desk.put(
        {**now(), "description": "y"},
        AMEND,
        "bad-amendment",
        about={"variant": "an amendment of what is cancelled"},
    )


@probe("gp-connect-booking-refusals", writes=True)
def booking_refusals(wire: Wire, *, consumer: dict[str, str], patient: str) -> None:
    """Send a booking of a slot that there is not (`unknown-slot`), and some with what must not be in them (`bad`).

    What must not be there is told in `variant`. A booking that is accepted all the same is cancelled.
    """
    desk = _desk(wire, consumer)
    (slot,) = needed_slots(wire, desk, 1)
    right = desk.booking(slot, desk.consumer.needed_patient(patient))
    coded = [{"text": "conformance test"}]
    answers = [
        desk.post({**right, "slot": [{"reference": f"Slot/{UNKNOWN}"}]}, "unknown-slot"),
        _sent(desk, {**right, "reason": coded}, "a reason"),
        _sent(desk, {**right, "specialty": coded}, "a specialty"),
    ]
    for answer in answers:
        made = booked_id(wire, answer)
        if made is not None:
            give_back(desk, made)


@probe("gp-connect-appointments-refusals")
def appointments_refusals(wire: Wire, *, consumer: dict[str, str], patient: str) -> None:
    """Search for a patient's appointments rightly (`good`), then by ranges that are not permitted (`bad`)."""
    desk = _desk(wire, consumer)
    found = desk.consumer.needed_patient(patient)
    day = today()
    later = day + dt.timedelta(days=7)
    desk.appointments(found, f"start=ge{day}&start=le{later}", GOOD)
    past = day - dt.timedelta(days=30)
    wrong = {
        "a range that begins in the past": f"start=ge{past}&start=le{later}",
        "no upper bound": f"start=ge{day}",
        "no range": "",
        "bounds with a time": f"start=ge{day}T09:00:00%2B00:00&start=le{later}T09:00:00%2B00:00",
    }
    for variant, query in wrong.items():
        desk.appointments(found, query, BAD, {"variant": variant})


@probe("gp-connect-nothing")
def nothing(wire: Wire, *, consumer: dict[str, str], patient: str) -> None:
    """Ask for what there is not, or cannot be: each answer is an error.

    An appointment (`unknown-id`), a patient by a wrong number (`wrong-number`), a type that is not served
    (`unknown-type`), and a booking that is no JSON (`no-json`).
    """
    desk = _desk(wire, consumer)
    desk.read(UNKNOWN, "unknown-id")
    desk.consumer.find_patient(patient[:-1], "wrong-number")
    send = desk.consumer.send
    send("GET", "/Basic/1", f"{REST}:read:basic-1", READS, label="unknown-type")
    _no_json(desk)


def _no_json(desk: GpDesk) -> Exchange:
    return desk.consumer.send(
        "POST",
        "/Appointment",
        f"{REST}:create:appointment-1",
        "patient/*.write",
        label="no-json",
        body=b"{nothing",
    )


def _sent(desk: GpDesk, appointment: Json, variant: str) -> Exchange:
    desk.wire.note(f"sent-{variant}", appointment)
    return desk.consumer.send(
        "POST",
        "/Appointment",
        f"{REST}:create:appointment-1",
        "patient/*.write",
        label=BAD,
        json=appointment,
        about={"variant": variant},
    )


def _shifted(text: object, by: dt.timedelta) -> str:
    """The time that much later, in its own offset; empty where the text is no time."""
    try:
        return (dt.datetime.fromisoformat(str(text)) + by).isoformat()
    except (ValueError, OverflowError):
        return ""


def _desk(wire: Wire, consumer: dict[str, str]) -> GpDesk:
    return GpDesk(asking(wire, consumer))
