"""Booking, amending and cancelling, each under the lock of the diary and refused where a rule is broken."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

from conformance.reference.behaviour.gp_connect import DiaryBehaviour
from conformance.reference.gp_connect import terms
from conformance.reference.gp_connect.diary import Diary, moment, patient_of, slot_ids
from conformance.reference.gp_connect.outcomes import Refusal, bad_request, wrong_resource
from conformance.reference.gp_connect.people import READABLE, shown

Json = dict[str, Any]

_FORBIDDEN = ("reason", "specialty")
_LONGEST = {"description": 100, "comment": 500}
_NEEDED = ("start", "end", "created", "description", "slot", "participant")
_SLIP_SECONDS = 0.15


async def book(diary: Diary, sent: Json, behaviour: DiaryBehaviour) -> Json:
    """The new appointment. Raises Refusal."""
    _check_form(sent, behaviour)
    slots = slot_ids(sent)
    unknown = [one for one in slots if one not in diary.slots]
    if unknown and behaviour.unknown_slot_refused:
        raise Refusal(422, "invalid", "REFERENCE_NOT_FOUND", f"Slot/{unknown[0]} is not there")
    slots = [one for one in slots if one in diary.slots]
    if not behaviour.looks_twice:
        _refuse_taken(diary, slots)
        await asyncio.sleep(_SLIP_SECONDS)
    with diary.lock:
        if behaviour.busy_refused and behaviour.looks_twice:
            _refuse_taken(diary, slots)
        if slots:
            _check_times(diary, sent, slots)
        if behaviour.takes_slot:
            diary.mark(slots, "busy")
        return diary.keep(_made(diary, sent, slots, behaviour))


def _refuse_taken(diary: Diary, slots: list[str]) -> None:
    if any(diary.slots[one]["status"] != "free" for one in slots) or _booked(diary, slots):
        raise Refusal(409, "duplicate", "DUPLICATE_REJECTED", "The slot is no longer free")


def _booked(diary: Diary, slots: list[str]) -> bool:
    """Whether an appointment that stands has one of the slots, whatever the slot itself says."""
    standing = [one for one in diary.appointments.values() if one["status"] == "booked"]
    return any(slot in slot_ids(one) for one in standing for slot in slots)


def _check_form(sent: Json, behaviour: DiaryBehaviour) -> None:
    for name in _FORBIDDEN:
        if name in sent and behaviour.forbidden_refused:
            raise wrong_resource(f"{name} must not be there")
    for name, most in _LONGEST.items():
        if len(str(sent.get(name, ""))) > most:
            raise wrong_resource(f"{name} is longer than {most} characters")
    for name in _NEEDED:
        if not sent.get(name):
            raise wrong_resource(f"{name} is missing")
    if terms.APPOINTMENT not in (sent.get("meta") or {}).get("profile", []):
        raise wrong_resource("meta.profile does not name the structure")
    if sent.get("status") != "booked":
        raise wrong_resource("The status of a booking is booked")
    if not any(one.get("url") == terms.BOOKED_BY for one in sent.get("extension") or []):
        raise wrong_resource("The organisation that books is not named")
    _check_participants(sent)


def _check_participants(sent: Json) -> None:
    if patient_of(sent).removeprefix("Patient/") not in shown():
        raise Refusal(422, "invalid", "REFERENCE_NOT_FOUND", "The patient is not there")
    locations = [_actor(one) for one in sent["participant"] if _actor(one).startswith("Location/")]
    if not locations or any(one not in READABLE for one in locations):
        raise wrong_resource("There is no location of this practice among the participants")


def _actor(participant: Json) -> str:
    return str((participant.get("actor") or {}).get("reference", ""))


def _check_times(diary: Diary, sent: Json, slots: list[str]) -> None:
    begin = min(moment(diary.slots[one]["start"]) for one in slots)
    end = max(moment(diary.slots[one]["end"]) for one in slots)
    try:
        given = moment(sent["start"]), moment(sent["end"])
    except ValueError as error:
        raise wrong_resource("start or end is no time with its offset") from error
    if given != (begin, end):
        raise wrong_resource("start and end are not those of the slots")
    if begin <= datetime.now(UTC):
        raise wrong_resource("The slot is in the past")


def _made(diary: Diary, sent: Json, slots: list[str], behaviour: DiaryBehaviour) -> Json:
    made = {**sent, "id": str(uuid.uuid4())}
    for name in _LONGEST:
        if name in made:
            made[name] = behaviour.text_kept(made[name])
    if slots:
        slot = diary.slots[slots[0]]
        schedule = diary.schedules[slot["schedule"]["reference"].removeprefix("Schedule/")]
        made["serviceType"] = slot["serviceType"]
        made["serviceCategory"] = schedule["serviceCategory"]
        made["extension"] = [*made["extension"], *slot["extension"], *schedule["extension"]]
    return made


def change(
    diary: Diary, identity: str, sent: Json, if_match: str, behaviour: DiaryBehaviour, *, cancels: bool
) -> Json:
    """The appointment as amended or cancelled. Raises Refusal."""
    with diary.lock:
        before = diary.appointments.get(identity)
        if before is None:
            raise Refusal(404, "not-found", "NO_RECORD_FOUND", f"There is no Appointment/{identity}")
        if not if_match:
            raise bad_request("The header If-Match is missing")
        if if_match != f'W/"{before["meta"]["versionId"]}"' and behaviour.stale_refused:
            raise Refusal(409, "conflict", "INVALID_RESOURCE", "If-Match names another version")
        if moment(before["start"]) <= datetime.now(UTC):
            raise wrong_resource("The appointment is in the past")
        return (
            _cancelled(diary, before, sent, behaviour)
            if cancels
            else _amended(diary, before, sent, behaviour)
        )


def _amended(diary: Diary, before: Json, sent: Json, behaviour: DiaryBehaviour) -> Json:
    if before["status"] == "cancelled" and not behaviour.cancelled_amended:
        raise wrong_resource("A cancelled appointment cannot be amended")
    if behaviour.amendments_limited and _rest(before, *_LONGEST) != _rest(sent, *_LONGEST):
        raise wrong_resource("Only description and comment can be amended")
    kept = before if not behaviour.amendment_kept else {**sent, "id": before["id"]}
    return diary.keep(kept)


def _cancelled(diary: Diary, before: Json, sent: Json, behaviour: DiaryBehaviour) -> Json:
    reasons = [one for one in sent.get("extension") or [] if one.get("url") == terms.REASON]
    if sent.get("status") != "cancelled" or not reasons:
        raise wrong_resource("A cancellation has the status cancelled, and its reason")
    other = [one for one in sent.get("extension") or [] if one.get("url") != terms.REASON]
    plain = {**sent, "extension": other, "status": before["status"]}
    if behaviour.cancellations_limited and _rest(before) != _rest(plain):
        raise wrong_resource(
            "A cancellation changes the status and gives the reason, and changes nothing else"
        )
    if before["status"] == "booked" and behaviour.frees_slot:
        diary.mark([one for one in slot_ids(before) if one in diary.slots], "free")
    return diary.keep({**sent, "id": before["id"]})


def _rest(appointment: Json, *without: str) -> Json:
    return {name: value for name, value in appointment.items() if name not in {"meta", *without}}
