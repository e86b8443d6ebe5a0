"""Checks of an appointment book: bookings that hold, slots that are taken and freed, and no slot given twice."""

from collections.abc import Iterator
from typing import Any

from conformance.analysis.bookings import patient_in, resources_in, slots_in, slots_of
from conformance.checks.exchanged import noted_as, resource_of, version
from conformance.checks.picking import listed, one, permitted, picked, quoted
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.fhir.dates import interval
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

Json = dict[str, Any]

STANDING = frozenset({"pending", "booked", "arrived", "fulfilled", "checked-in", "waitlist"})
TIMES = ("start", "end")
WORDS = ("description", "comment")


@check("booking-kept")
def booking_kept(evidence: Evidence, *, book: str = "book", read: str = "read-booked") -> Findings:
    """A slot that is offered as free can be booked, and then reads as it was booked: slot, patient, times, status."""
    answer = permitted(one(evidence, book))
    if not answer.ok:
        yield answer.finding(f"answered {answer.status} to a booking of a slot that was offered as free")
        return
    kept = permitted(one(evidence, read))
    if not kept.ok:
        yield kept.finding(f"answered {kept.status} to a read of what was just booked")
        return
    sent, found = noted_as(evidence, f"sent-{book}", dict), resource_of(kept)
    if found.get("status") != "booked":
        yield kept.finding(f"gives the status {quoted(found.get('status'))}, not booked")
    yield from _same_booking(kept, sent, found)


def _same_booking(kept: Exchange, sent: Json, found: Json) -> Iterator[str]:
    if missing := set(slots_of(sent)) - set(slots_of(found)):
        yield kept.finding(f"does not name the slot that was booked ({listed(sorted(missing))})")
    if patient_in(found) != patient_in(sent):
        yield kept.finding(f"names the patient {quoted(patient_in(found))}, not {quoted(patient_in(sent))}")
    for name in TIMES:
        wanted, given = interval(sent.get(name)), interval(found.get(name))
        if wanted is not None and (given is None or given.low != wanted.low):
            yield kept.finding(f"gives the {name} {quoted(found.get(name))}, not {quoted(sent.get(name))}")


@check("booking-words-kept")
def booking_words_kept(evidence: Evidence, *, book: str = "book", read: str = "read-booked") -> Findings:
    """Description and comment of a booking are kept whole, be it in one field for both."""
    kept = one(evidence, read)
    sent, found = noted_as(evidence, f"sent-{book}", dict), resource_of(kept)
    for name in WORDS:
        words = str(sent.get(name, ""))
        if words not in _words_in(found):
            yield kept.finding(f"has lost some of the {len(words)} letters that were sent as {name}")


def _words_in(appointment: Json) -> str:
    """The words of an appointment: a product may have one field for all of them."""
    return " ".join(str(appointment.get(name, "")) for name in WORDS)


@check("slot-taken")
def slot_taken(evidence: Evidence, *, label: str = "free-after-booking") -> Findings:
    """A slot that was booked is not offered as free any more."""
    _booked(evidence)
    search = _searched(evidence, label)
    for slot in _chosen(evidence):
        if slot in {each["id"] for each in slots_in(search)}:
            yield search.finding(f"still offers Slot/{slot} as free, though it was booked")


@check("slot-freed")
def slot_freed(evidence: Evidence) -> Findings:
    """A slot whose booking was cancelled is offered as free again."""
    _booked(evidence)
    _cancelled(evidence)
    before, search = _searched(evidence, "free-after-booking"), _searched(evidence, "free-after-cancel")
    for slot in _chosen(evidence):
        if slot in {each["id"] for each in slots_in(before)}:
            raise NotJudgeable(f"Slot/{slot} was offered as free while it was booked too")
        if slot not in {each["id"] for each in slots_in(search)}:
            yield search.finding(f"does not offer Slot/{slot} as free, though its booking was cancelled")


@check("slot-booked-anew")
def slot_booked_anew(evidence: Evidence) -> Findings:
    """A slot whose booking was cancelled can be booked again."""
    _cancelled(evidence)
    answer = permitted(one(evidence, "rebook"))
    if not answer.ok:
        yield answer.finding(f"answered {answer.status} to a booking of a slot whose booking was cancelled")


@check("second-booking-refused")
def second_booking_refused(evidence: Evidence) -> Findings:
    """A slot that is booked is not given a second time, and the first booking stands as it was."""
    _booked(evidence)
    second = permitted(one(evidence, "book-again"))
    if second.ok:
        yield second.finding(
            f"answered {second.status} to a second booking of a slot that was booked already"
        )
    elif second.status not in CLIENT_ERRORS:
        raise NotJudgeable(f"{second} answered {second.status}, which neither accepts nor refuses")
    before, after = resource_of(one(evidence, "read-booked")), one(evidence, "read-after-second")
    now = resource_of(after)
    if (now.get("status"), patient_in(now)) != (before.get("status"), patient_in(before)):
        yield after.finding("is not the booking any more that it was before somebody else asked for its slot")


@check("refused-with")
def refused_with(evidence: Evidence, *, label: str, statuses: list[int]) -> Findings:
    """What was refused was refused with one of these statuses."""
    refused = [answer for answer in picked(evidence, label) if answer.status in CLIENT_ERRORS]
    if not refused:
        raise NoData("nothing was refused here")
    for answer in refused:
        if answer.status not in statuses:
            yield answer.finding(f"answered {answer.status}, not {' or '.join(map(str, statuses))}")


@check("one-booking-wins")
def one_booking_wins(evidence: Evidence) -> Findings:
    """Of two bookings of one slot that come at the same time, one is accepted at the most."""
    rounds = noted_as(evidence, "rounds", int)
    decided = 0
    for number in range(1, rounds + 1):
        answers = [permitted(answer) for answer in evidence.labelled(f"race-{number}")]
        won = [answer for answer in answers if answer.ok]
        decided += len(won) > 0
        if len(won) > 1:
            standing = [read for read in evidence.labelled(f"raced-{number}") if _stands(read)]
            seen = f"; {len(standing)} of them stand when they are read" if standing else ""
            yield won[-1].finding(
                f"was accepted, as was another booking of the same slot at the same time{seen}"
            )
    if not decided:
        raise NotJudgeable("no booking was accepted in any round, so that nothing was contested")


def _stands(read: Exchange) -> bool:
    status = (read.resource("Appointment") or {}).get("status")
    return isinstance(status, str) and status in STANDING


@check("cancelled-stays")
def cancelled_stays(evidence: Evidence) -> Findings:
    """A booking can be cancelled; it is read as cancelled, and says as before when, where and for whom it was."""
    booked = resource_of(one(evidence, "read-booked"))
    answer = permitted(one(evidence, "cancel"))
    if not answer.ok:
        yield answer.finding(f"answered {answer.status} to the cancellation of a booking")
        return
    read = permitted(one(evidence, "read-cancelled"))
    if not read.ok:
        yield read.finding(f"answered {read.status}, though the appointment was cancelled and not removed")
        return
    found = resource_of(read)
    if found.get("status") != "cancelled":
        yield read.finding(f"gives the status {quoted(found.get('status'))} after the cancellation")
    yield from _same_booking(read, booked, found)


@check("amendment-kept")
def amendment_kept(evidence: Evidence) -> Findings:
    """The description of an appointment can be amended; what is read then is the new one, in a new version."""
    booked = resource_of(one(evidence, "read-booked"))
    answer = permitted(one(evidence, "amend"))
    if not answer.ok:
        yield answer.finding(f"answered {answer.status} to an amendment of the description")
        return
    read = one(evidence, "read-amended")
    found, words = resource_of(read), str(noted_as(evidence, "sent-amend", dict).get("description", ""))
    if found.get("description") == booked.get("description"):
        yield read.finding("gives the description that was there before the amendment")
    elif words not in _words_in(found):
        yield read.finding(f"has lost some of the {len(words)} letters of the new description")
    if version(read) == version(one(evidence, "read-booked")):
        yield read.finding(f"gives the version {quoted(version(read))}, as before the amendment")


@check("appointments-of-patient")
def appointments_of_patient(evidence: Evidence, *, label: str, status: str) -> Findings:
    """A search for a patient's appointments finds the one that was made, in this status, and none of anybody else."""
    booked = resource_of(one(evidence, "read-booked"))
    if status == "cancelled":
        _cancelled(evidence)
    search = _searched(evidence, label)
    found = resources_in(search, "Appointment")
    own = [each for each in found if each["id"] == booked.get("id")]
    if not own:
        yield search.finding(f"does not find the appointment that was made for the patient and is {status}")
    for each in own:
        if each.get("status") != status:
            yield search.finding(f"gives it the status {quoted(each.get('status'))}, not {status}")
    others = [each["id"] for each in found if patient_in(each) != patient_in(booked)]
    if others:
        yield search.finding(f"finds {len(others)} appointments of others ({listed(others)})")


def _searched(evidence: Evidence, label: str) -> Exchange:
    """The last search under the label. Raises NotJudgeable where it was not answered by a Bundle."""
    search = permitted(one(evidence, label))
    if not search.ok or search.resource("Bundle") is None:
        raise NotJudgeable(f"{search} answered {search.status} and no Bundle")
    return search


def _chosen(evidence: Evidence) -> list[str]:
    """The ids of the slots that were booked."""
    return [str(each) for each in noted_as(evidence, "slots", list)]


def _booked(evidence: Evidence) -> None:
    """Raises NoData where nothing was booked, so that nothing can have come of it."""
    if not permitted(one(evidence, "book")).ok:
        raise NoData("the booking was refused: nothing can be seen of what follows from one")


def _cancelled(evidence: Evidence) -> None:
    """Raises NoData where the booking could not be cancelled."""
    if not permitted(one(evidence, "cancel")).ok:
        raise NoData("the cancellation was refused: nothing can be seen of what follows from one")
