"""Checks of a directory of services, and of the slots that it offers."""

from typing import Any, Literal

from conformance.analysis.bookings import references_of, resources_in, slots_in, slots_of
from conformance.checks.exchanged import noted_as
from conformance.checks.picking import listed, one, permitted, picked, quoted
from conformance.fhir import bundles
from conformance.fhir.dates import interval
from conformance.fhir.elements import values
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

Json = dict[str, Any]

SAMPLED = "sampled"
TIMES = ("start", "end")


@check("each-has")
def each_has(evidence: Evidence, *, resource: str, paths: list[str]) -> Findings:
    """Each resource of this type that was given has a value at each of these element paths."""
    found = [
        (each, answer) for answer in picked(evidence, SAMPLED) for each in _of(permitted(answer), resource)
    ]
    if not found:
        raise NoData(f"no {resource} was given")
    for path in paths:
        without = [(each, answer) for each, answer in found if not any(_told(each, path))]
        if without:
            names = listed(bundles.reference(each) for each, _ in without)
            yield without[0][1].finding(
                f"gives {len(without)} of {len(found)} {resource} without {path}: {names}"
            )


def _told(resource: Json, path: str) -> list[Any]:
    return [value for value in values(resource, path) if value not in ("", None, [], {})]


def _of(answer: Exchange, kind: str) -> list[Json]:
    return resources_in(answer, kind)


@check("offered-slots")
def offered_slots(evidence: Evidence) -> Findings:
    """A search for free slots gives free slots only, each with times and with its schedule, which is given too.

    A slot ends after it begins, and lies within the time that its schedule plans for.
    """
    search = _searched(evidence, "slots")
    slots = _needed(search)
    if taken := [slot["id"] for slot in slots if slot.get("status") != "free"]:
        yield search.finding(f"gives slots that are not free: {listed(taken)}")
    schedules = {bundles.reference(each): each for each in resources_in(search, "Schedule")}
    if lost := [slot["id"] for slot in slots if not _schedule(slot) or _schedule(slot) not in schedules]:
        yield search.finding(
            f"gives slots without their schedule, though _include asks for it: {listed(lost)}"
        )
    if odd := [slot["id"] for slot in slots if not _ends_later(slot)]:
        yield search.finding(f"gives slots that do not end after they begin: {listed(odd)}")
    beyond = [slot["id"] for slot in slots if not _within(slot, schedules.get(_schedule(slot), {}))]
    if beyond:
        yield search.finding(f"gives slots beyond the planning horizon of their schedule: {listed(beyond)}")


@check("slots-of-services")
def slots_of_services(evidence: Evidence) -> Findings:
    """The schedule of each slot names a service, and the service can be read in the directory."""
    search = _searched(evidence, "slots")
    schedules = resources_in(search, "Schedule")
    given = {bundles.reference(each) for each in schedules}
    if unseen := [slot["id"] for slot in _needed(search) if _schedule(slot) not in given]:
        raise NotJudgeable(f"{search} gives slots without their schedule: {listed(unseen)}")
    for schedule in schedules:
        services = [
            ref for ref in references_of(schedule.get("actor")) if ref.startswith("HealthcareService/")
        ]
        if not services:
            yield search.finding(
                f"gives {bundles.reference(schedule)}, which names no service among its actors"
            )
    for read in evidence.labelled("service"):
        if permitted(read).resource("HealthcareService") is None or not read.ok:
            yield read.finding(f"answered {read.status} and no service, though slots are offered of it")


@check("slots-within")
def slots_within(evidence: Evidence, *, by: Literal["start", "whole"] = "start") -> Findings:
    """No slot is given that begins outside the range that was asked for, or (`whole`) ends after it."""
    whole, search = slots_in(_searched(evidence, "slots")), _searched(evidence, "narrow")
    bounds = [interval(text) for text in noted_as(evidence, "narrow", list)]
    lows = [bound.low for bound in bounds if bound is not None]
    if len(lows) != len(TIMES):
        raise NoData("the probe noted no range")
    begin, end = lows
    outside = []
    for slot in slots_in(search):
        start, stop = interval(slot.get("start")), interval(slot.get("end" if by == "whole" else "start"))
        if start is None or stop is None:
            raise NotJudgeable(f"{search} gives a slot without a start or an end that can be read")
        if start.low < begin or stop.low > end:
            outside.append(slot["id"])
    if outside:
        yield search.finding(f"gives slots outside the range: {listed(outside)}")
    if not slots_in(search) and len(whole) > len(TIMES):
        yield search.finding("gives no slot at all, though some are within the range")


@check("booked-slots-taken")
def booked_slots_taken(evidence: Evidence) -> Findings:
    """The slots of appointments that stand are not free, and have the times of the appointment."""
    booked = [each for answer in picked(evidence, SAMPLED) for each in _of(permitted(answer), "Appointment")]
    slots: dict[str, tuple[Json, Exchange]] = {}
    for answer in evidence.labelled("slot"):
        found = permitted(answer).resource("Slot")
        if found is not None:
            slots[bundles.reference(found)] = found, answer
    standing = [each for each in booked if each.get("status") == "booked"]
    pairs = [(each, slots[name]) for each in standing for name in slots_of(each) if name in slots]
    if not pairs:
        raise NoData("no appointment was shown that is booked and names its slot")
    for each, (slot, answer) in pairs:
        name = bundles.reference(each)
        if slot.get("status") == "free":
            yield answer.finding(f"is free, though {name} is booked into it")
        if len(slots_of(each)) == 1 and not _same_times(each, slot):
            told = f"from {quoted(slot.get('start'))} to {quoted(slot.get('end'))}"
            yield answer.finding(f"is {told}, and {name}, which is booked into it, is not")


def _same_times(one_: Json, other: Json) -> bool:
    pairs = [(interval(one_.get(name)), interval(other.get(name))) for name in TIMES]
    return all(mine is None or (its is not None and mine.low == its.low) for mine, its in pairs)


def _searched(evidence: Evidence, label: str) -> Exchange:
    search = permitted(one(evidence, label))
    if not search.ok or search.resource("Bundle") is None:
        raise NotJudgeable(f"{search} answered {search.status} and no Bundle")
    return search


def _needed(search: Exchange) -> list[Json]:
    found = slots_in(search)
    if not found:
        raise NoData(f"{search} finds no free slot: free some in the next two weeks")
    return found


def _schedule(slot: Json) -> str:
    found = references_of([slot.get("schedule") or {}])
    return found[0] if found else ""


def _ends_later(slot: Json) -> bool:
    start, end = (interval(slot.get(name)) for name in TIMES)
    return start is not None and end is not None and start.low < end.low


def _within(slot: Json, schedule: Json) -> bool:
    period = schedule.get("planningHorizon")
    if not isinstance(period, dict):
        return True
    start, end = (interval(slot.get(name)) for name in TIMES)
    first, last = (interval(period.get(name)) for name in TIMES)
    begins = first is None or start is None or start.low >= first.low
    return begins and (last is None or end is None or end.low <= last.high)
