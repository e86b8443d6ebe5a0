"""Checks of a search for free slots ("Search for free slots", GP Connect 1.2.x)."""

from typing import Any

from conformance.analysis.bookings import references_of, resources_in, slots_in
from conformance.checks.picking import listed, one, quoted
from conformance.fhir import bundles
from conformance.fhir.dates import interval
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

Json = dict[str, Any]


@check("gp-connect-free-slots")
def free_slots(evidence: Evidence, *, label: str = "slots") -> Findings:
    """A search for free slots answers a searchset of free slots only, each with its type and its times."""
    search = _searched(evidence, label)
    slots = _slots(search)
    if (search.resource("Bundle") or {}).get("type") != "searchset":
        yield search.finding("answers a Bundle that is no searchset")
    for name, wrong in (
        ("are not free", [slot for slot in slots if slot.get("status") != "free"]),
        ("have no serviceType.text", [slot for slot in slots if not _has_text(slot)]),
        ("have a start or end without an offset", [slot for slot in slots if not _is_timed(slot)]),
        ("have a specialty, which is not to be there", [slot for slot in slots if "specialty" in slot]),
    ):
        if wrong:
            yield search.finding(
                f"gives {len(wrong)} slots that {name} ({listed(slot['id'] for slot in wrong)})"
            )


@check("gp-connect-slots-included")
def slots_included(evidence: Evidence) -> Findings:
    """With the slots come their schedules, the places and people of these where asked for, and the organisation.

    Nothing is given that belongs to none of the slots.
    """
    search = _searched(evidence, "slots")
    slots = _slots(search)
    given = {bundles.reference(entry["resource"]) for entry in _entries(search)}
    schedules = {one for slot in slots for one in references_of([slot.get("schedule") or {}])}
    if lost := sorted(schedules - given):
        yield search.finding(f"leaves out schedules of the slots: {listed(lost)}")
    held = [each for each in resources_in(search, "Schedule") if bundles.reference(each) in schedules]
    actors = {actor for each in held for actor in references_of(each.get("actor"))}
    if lost := sorted(actors - given):
        yield search.finding(f"leaves out who or where the schedules are of: {listed(lost)}")
    if not any(actor.startswith("Location/") for actor in actors):
        yield search.finding("gives schedules that name no Location")
    if not any(name.startswith("Organization/") for name in given):
        yield search.finding("leaves out the organisation that the places belong to")
    known = schedules | actors | {bundles.reference(slot) for slot in slots}
    strange = sorted(name for name in given - known if not name.startswith("Organization/"))
    if strange:
        yield search.finding(f"gives what belongs to none of the slots: {listed(strange)}")


@check("gp-connect-filter-ignored")
def filter_ignored(evidence: Evidence) -> Findings:
    """A search filter that the provider does not know is ignored, and is no error."""
    _searched(evidence, "slots")
    search = one(evidence, "filtered")
    if not search.ok:
        yield search.finding(f"answered {search.status} to a search filter that it need not know")


def _searched(evidence: Evidence, label: str) -> Exchange:
    search = one(evidence, label)
    if not search.ok or search.resource("Bundle") is None:
        raise NotJudgeable(f"{search} answered {search.status} and no Bundle")
    return search


def _slots(search: Exchange) -> list[Json]:
    found = slots_in(search)
    if not found:
        raise NoData(f"{search} finds no free slot: free some in the next two weeks")
    return found


def _entries(search: Exchange) -> list[Json]:
    return [
        one
        for one in bundles.entries(search.resource("Bundle") or {})
        if isinstance(one.get("resource"), dict)
    ]


def _has_text(slot: Json) -> bool:
    listed_ = slot.get("serviceType")
    return isinstance(listed_, list) and any(isinstance(one, dict) and one.get("text") for one in listed_)


def _is_timed(slot: Json) -> bool:
    times = [interval(slot.get(name)) for name in ("start", "end")]
    return all(time is not None and time.zoned for time in times) and not quoted(slot.get("start")).endswith(
        "Z'"
    )
