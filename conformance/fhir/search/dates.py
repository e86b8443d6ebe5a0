"""Date searches: intervals compared as the prefixes say (FHIR R4, search.html#prefix and #date).

What the specification's table or its examples decide is decided. Two readings are lawful where the range above a
value begins: at its start or at its end. Times with an offset and without one may be up to fourteen hours apart.
"""

import datetime as dt
import re
from functools import partial
from typing import Any, get_args

from conformance.fhir.dates import WIDEST_OFFSET, Interval, Prefix, interval
from conformance.fhir.search.answers import Answer, Test, any_of, negated, undecided
from conformance.fhir.search.held import Held

__all__ = ["compared", "date_test", "prefixed", "spans"]

_PREFIXED = re.compile(f"({'|'.join(filter(None, get_args(Prefix)))})(?=[0-9.+-])(.*)", re.DOTALL)
_FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


def prefixed(text: str) -> tuple[Prefix, str]:
    """The prefix of an ordered value, `eq` where it has none, and the rest."""
    found = _PREFIXED.fullmatch(text)
    return (found[1], found[2]) if found else ("eq", text)  # type: ignore[return-value]  # the pattern's choices


def date_test(text: str) -> Test:
    """Whether a value matches the searched date; None for what is no date, on either side."""
    prefix, date = prefixed(text)
    searched = interval(date)
    return undecided if searched is None else partial(_answer, prefix, searched)


def _answer(prefix: Prefix, searched: Interval, held: Held) -> Answer:
    found = held.read(spans)
    return None if found is None else any_of([compared(prefix, searched, span) for span in found])


def spans(kind: str, value: Any) -> list[Interval] | None:
    """The intervals that a value stands for: one, or none where it says nothing; None where it cannot be read."""
    if kind in {"Period", "Timing"} and not isinstance(value, dict):
        return None
    if kind == "Period":
        return _period(value)
    if kind == "Timing":
        return _timing(value)
    span = interval(value)
    return None if span is None else [span]


def compared(prefix: Prefix, search: Interval, target: Interval) -> Answer:
    """Whether a search for this prefix and interval finds a value with that interval."""
    if prefix in {"", "eq"}:
        return _equal(search, target)
    if prefix == "ne":
        # A value that overlaps the searched one is not equal to it; some servers see it otherwise.
        overlap = search.low < target.high and target.low < search.high
        return None if overlap and not _contains(search, target) else negated(_equal(search, target))
    if search.zoned == target.zoned:
        return _ordered(prefix, search, target)
    early, late = (
        _ordered(prefix, search, _moved(target, hours)) for hours in (-WIDEST_OFFSET, WIDEST_OFFSET)
    )
    return early if early == late else None


def _equal(search: Interval, target: Interval) -> Answer:
    if search.zoned == target.zoned:
        return _contains(search, target)
    early, late = _moved(target, -WIDEST_OFFSET), _moved(target, WIDEST_OFFSET)
    if _contains(search, early) and _contains(search, late):
        return True
    return False if late.high <= search.low or early.low >= search.high else None


def _contains(search: Interval, target: Interval) -> bool:
    return search.low <= target.low and target.high <= search.high


def _ordered(prefix: Prefix, search: Interval, target: Interval) -> Answer:  # noqa: PLR0911 - one for each prefix
    same = (search.low, search.high) == (target.low, target.high)
    match prefix:
        case "gt":
            if target.high > search.high:
                return True
            return False if target.high <= search.low or same else None
        case "ge":
            if target.low >= search.low or target.high > search.high:
                return True
            return False if target.high <= search.low else None
        case "lt":
            return target.low < search.low
        case "le":
            if target.low < search.low or target.high <= search.high:
                return True
            return False if target.low >= search.high else None
        case "sa":
            return target.low >= search.high
        case "eb":
            return target.high <= search.low
        case _:
            return True if search.low < target.high and target.low < search.high else None


def _moved(target: Interval, by: dt.timedelta) -> Interval:
    def moved(moment: dt.datetime) -> dt.datetime:
        try:
            return moment + by
        except OverflowError:
            return moment

    return Interval(moved(target.low), moved(target.high), target.zoned)


def _period(value: dict[str, Any]) -> list[Interval] | None:
    found = [interval(value[name]) for name in ("start", "end") if name in value]
    if not found or None in found:
        return None
    zones = {span.zoned for span in found if span is not None}
    start = interval(value["start"]) if "start" in value else None
    end = interval(value["end"]) if "end" in value else None
    low, high = start.low if start else _FIRST, end.high if end else _LAST
    return [Interval(low, high, zones.pop())] if len(zones) == 1 and low < high else None


def _timing(value: dict[str, Any]) -> list[Interval] | None:
    """The outer limits of a schedule; None where they depend on more than its events or its bounds."""
    events = value.get("event", [])
    repeat = value.get("repeat")
    if isinstance(repeat, dict):
        bounds = repeat.get("boundsPeriod")
        return _period(bounds) if isinstance(bounds, dict) and not events else None
    found = [interval(event) for event in events] if isinstance(events, list) else []
    whole = [span for span in found if span is not None]
    if not whole or len(whole) < len(found) or len({span.zoned for span in whole}) > 1:
        return None
    if len(whole) == 1:
        return whole
    return [Interval(min(s.low for s in whole), max(s.high for s in whole), whole[0].zoned)]
