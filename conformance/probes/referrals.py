"""A directory with bookings and referrals: slots, bookings, and the life of a referral, each put to the test."""

import datetime as dt
from typing import Any

from conformance.analysis.bookings import references_of, resources_in, slots_in, slots_of
from conformance.fhir.bundles import matches
from conformance.fhir.nhs import NHS_NUMBER_SYSTEM
from conformance.plugin import Exchange, Untestable, Wire, probe
from conformance.probes.booking_story import booked_id, give_back, needed_slots, race, story
from conformance.probes.nhs_records import nhs_patient
from conformance.probes.patients import RUN_SYSTEM, TEST_DATA
from conformance.probes.records import needed, posted, put, seen_within
from conformance.probes.referral_desk import R4Desk
from conformance.probes.request import with_query

Json = dict[str, Any]

CATEGORY = {"system": "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest", "code": "referral"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"
MOST_SERVICES = 10
A_MINUTE = dt.timedelta(minutes=1)


@probe("free-slots")
def free_slots(wire: Wire) -> None:
    """Search for the free slots of two weeks (`slots`), then of a range that leaves out the first and last (`narrow`).

    The services that the schedules of the slots name are read, ten at the most (`service`).
    """
    desk = R4Desk(wire, {})
    answer = desk.free("slots")
    found = slots_in(answer)
    actors = [ref for each in resources_in(answer, "Schedule") for ref in references_of(each.get("actor"))]
    for name in [ref for ref in dict.fromkeys(actors) if ref.startswith("HealthcareService/")][
        :MOST_SERVICES
    ]:
        wire.send("GET", f"/{name}", label="service")
    starts = sorted(filter(None, (_moment(slot.get("start")) for slot in found)))
    if len(starts) > 1 and starts[0] < starts[-1]:
        begin, end = starts[0] + A_MINUTE, starts[-1] - A_MINUTE
        wire.note("narrow", [begin.isoformat(), end.isoformat()])
        desk.search(begin, end, "narrow")


@probe("booked-slots")
def booked_slots(wire: Wire, *, most: int = 20) -> None:
    """Search for appointments that are booked (`sampled`), and read so many of their slots (`slot`)."""
    found = wire.send(
        "GET", "/Appointment?status=booked&_count=50", label="sampled", about={"type": "Appointment"}
    )
    named_ = [name for each in resources_in(found, "Appointment") for name in slots_of(each)]
    for name in list(dict.fromkeys(named_))[:most]:
        wire.send("GET", f"/{name}", label="slot")


@probe("slot-booking", writes=True)
def slot_booking(wire: Wire, *, patients: list[str], seconds: int) -> None:
    """Book a free slot, book it again for another patient, cancel, book it anew, and bring the first booking back.

    `patients` are references to two test patients; without any, two are made. A search may lag behind by so many
    seconds. The labels are `free`, `book`, `read-booked`, `free-after-booking`,
    `found-booked`, `book-again`, `read-after-second`, `cancel`, `read-cancelled`, `found-cancelled`,
    `free-after-cancel`, `rebook`, `reinstate`, `read-reinstated`, `found-by-number`.
    """
    desk, first, second = _desk(wire, patients)
    told = story(wire, desk, first, second, seconds)
    if told is None:
        return
    if desk.numbers[first]:
        number = f"{NHS_NUMBER_SYSTEM}|{desk.numbers[first]}"
        wire.send("GET", with_query("/Appointment", {"patient:identifier": number}), label="found-by-number")
    if told.rebooked is not None:
        if told.cancelled.ok:
            back = desk.put(told.cancelled, {"status": "booked"}, "reinstate")
            if desk.read(told.identity, "read-reinstated").ok and back.ok:
                give_back(desk, told.identity)
        give_back(desk, told.rebooked)


@probe("slot-race", writes=True)
def slot_race(wire: Wire, *, patients: list[str], rounds: int) -> None:
    """Book a slot for two patients at the very same time, some rounds, each with a slot of its own.

    The labels are `race-N` for the two bookings of round N, and `raced-N` for what is read of each that was accepted.
    """
    desk, first, second = _desk(wire, patients)
    race(wire, desk, (first, second), rounds)


@probe("slot-booking-refusals", writes=True)
def booking_refusals(wire: Wire, *, patients: list[str]) -> None:
    """Book a slot that there is not (`unknown-slot`) and one that is taken (`book-again`, after `book`).

    What is accepted all the same is cancelled.
    """
    desk, first, second = _desk(wire, patients)
    (slot,) = needed_slots(wire, desk, 1)
    answers = [
        desk.book(slot, first, "book"),
        desk.book({**slot, "id": UNKNOWN}, first, "unknown-slot"),
        desk.book(slot, second, "book-again"),
    ]
    for made in [identity for answer in answers if (identity := booked_id(wire, answer)) is not None]:
        give_back(desk, made)


@probe("referral-life", writes=True)
def referral_life(wire: Wire, *, patients: list[str], ending: str, seconds: int) -> None:
    """Refer a patient (`refer`), end the referral by this status (`end`), and ask for it to go on (`go-on`).

    Another patient is referred too (`refer-beside`), whom a search for the first is not to find. The labels are
    `read-referred`, `found-referred` (by patient), `found-by-reference` (by identifier), `stale` (an
    update of the outdated version), `read-ended`, `found-active` and `found-ended` (by patient and status),
    `read-after-going-on`, and `no-status` (an update with a status that there is not).
    """
    (patient, number), (other, others_number) = _patients(wire, patients, 2)
    wire.note("patient", patient)
    sent = referral(wire.tag, patient, number)
    posted(wire, referral(f"{wire.tag}-beside", other, others_number), "refer-beside")
    _, identity = posted(wire, sent, "refer")
    if not identity:
        return
    read = wire.send("GET", f"/ServiceRequest/{identity}", label="read-referred")
    _found(wire, {"patient": patient}, "found-referred", seconds, wanted=True)
    _found(wire, {"identifier": f"{RUN_SYSTEM}|{wire.tag}"}, "found-by-reference", seconds, wanted=True)
    kept = read.resource("ServiceRequest") or sent
    put(wire, kept | {"status": "not-a-status"}, identity, "no-status")
    now = wire.send("GET", f"/ServiceRequest/{identity}", label="read-before-end")
    put(wire, kept | {"status": ending}, identity, "end", now)
    put(wire, kept | {"status": ending, "priority": "urgent"}, identity, "stale", read)
    ended = wire.send("GET", f"/ServiceRequest/{identity}", label="read-ended")
    for status, label, wanted in ((ending, "found-ended", True), ("active", "found-active", False)):
        _found(wire, {"patient": patient, "status": status}, label, seconds, wanted=wanted)
    put(wire, (ended.resource("ServiceRequest") or kept) | {"status": "active"}, identity, "go-on")
    wire.send("GET", f"/ServiceRequest/{identity}", label="read-after-going-on")


def referral(tag: str, patient: str, number: str) -> Json:
    """A referral of a patient to a cardiologist, marked as test data."""
    return {
        "resourceType": "ServiceRequest",
        "meta": {"tag": [TEST_DATA]},
        "identifier": [{"system": RUN_SYSTEM, "value": tag}],
        "status": "active",
        "intent": "order",
        "category": [{"coding": [CATEGORY]}],
        "priority": "routine",
        "code": {
            "coding": [{"system": "http://snomed.info/sct", "code": "394579002", "display": "Cardiology"}]
        },
        "subject": {"reference": patient, "identifier": {"system": NHS_NUMBER_SYSTEM, "value": number}},
        "authoredOn": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "note": [{"text": "HTEST: made by a conformance test"}],
    }


def _found(wire: Wire, by: dict[str, str | list[str]], label: str, seconds: int, *, wanted: bool) -> Exchange:
    url = with_query("/ServiceRequest", by)
    look = lambda: wire.send("GET", url, label=label, headers={"Cache-Control": "no-cache"})  # noqa: E731 - one line
    is_so = lambda answer: bool(matches(answer.resource("Bundle") or {})) is wanted  # noqa: E731 - one line
    return seen_within(wire, look, is_so, label, seconds)


def _desk(wire: Wire, patients: list[str]) -> tuple[R4Desk, str, str]:
    """A desk, and two patients who book there."""
    first, second = _patients(wire, patients, 2)
    return R4Desk(wire, dict((first, second))), first[0], second[0]


def _patients(wire: Wire, given: list[str], number: int) -> list[tuple[str, str]]:
    """So many test patients by reference and NHS number: those that are given, or new ones. Raises Untestable."""
    if not given:
        made = [nhs_patient(f"{wire.tag}-{n}") for n in range(number)]
        return [(f"Patient/{needed(wire, one, 'patient')}", one["identifier"][0]["value"]) for one in made]
    if len(set(given)) < number:
        raise Untestable(f"{number} different test patients are needed: give them with --set patients")
    found = []
    for reference in list(dict.fromkeys(given))[:number]:
        answer = wire.send("GET", f"/{reference}", label="patient")
        held = (answer.resource("Patient") or {}).get("identifier")
        numbers = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
        values = [str(one.get("value")) for one in numbers if one.get("system") == NHS_NUMBER_SYSTEM]
        found.append((reference, next(iter(values), "")))
    return found


def _moment(text: object) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
