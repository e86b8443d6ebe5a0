"""Comparing values with those that a definition gives: fixed[x], pattern[x], minValue[x] and maxValue[x].

Source: FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html#ElementDefinition.fixed_x_ and the three after it.
"""

import re
from calendar import isleap, monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from conformance.fhir.definitions.table import Typed

__all__ = ["contains", "equal", "order"]

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?)?)?)?\Z"
)
_DAYS = {"a": 365, "year": 365, "years": 365, "mo": 30, "month": 30, "months": 30}
_SECONDS = {
    "wk": 604800, "week": 604800, "weeks": 604800,
    "d": 86400, "day": 86400, "days": 86400,
    "h": 3600, "hour": 3600, "hours": 3600,
    "min": 60, "minute": 60, "minutes": 60,
    "s": 1, "second": 1, "seconds": 1,
}  # fmt: skip


def equal(found: Any, expected: Any) -> bool:
    """Whether two JSON values are the same: numbers by value, arrays in order, objects without regard to it."""
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and found.keys() == expected.keys()
            and all(equal(found[name], value) for name, value in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(equal(one, other) for one, other in zip(found, expected, strict=True))
        )
    return _same(found, expected)


def contains(found: Any, pattern: Any) -> bool:
    """Whether a value has everything that a pattern has; each item of an array in the pattern meets some item."""
    if isinstance(pattern, dict):
        return isinstance(found, dict) and all(
            name in found and contains(found[name], value) for name, value in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(found, list) and all(
            any(contains(item, wanted) for item in found) for wanted in pattern
        )
    return _same(found, pattern)


def order(found: Any, bound: Typed, now: datetime, *, lowest: bool = False) -> int | None:
    """-1, 0 or 1 as a value is below, at or above a bound; None where the two cannot be put in order.

    A bound that is an amount of time on a date is relative to `now`: it lies that far ahead, or for the `lowest`
    allowed value that far back, as the definitions of maxValue[x] and minValue[x] say. Those take a Quantity for it;
    no other type of amounts is among theirs, so such a bound limits nothing.
    """
    if bound.type == "Quantity" and isinstance(bound.value, dict):
        return _order_quantity(found, bound.value, now, -1 if lowest else 1)
    if bound.type in {"date", "dateTime", "instant"}:
        return _order_moment(found, bound.value)
    if bound.type == "time":
        return _sign(found, str(bound.value)) if isinstance(found, str) else None
    one, other = _number(found), _number(bound.value)
    return None if one is None or other is None else _sign(one, other)


def _order_quantity(found: Any, bound: dict[str, Any], now: datetime, direction: int) -> int | None:
    amount = _number(bound.get("value"))
    if amount is None:
        return None
    unit = bound.get("code") or bound.get("unit") or ""
    if isinstance(found, str):
        seconds = _DAYS[unit] * 86400 if unit in _DAYS else _SECONDS.get(unit)
        if seconds is None:
            return None
        moment = now + timedelta(seconds=direction * float(amount) * seconds)
        return _order_moment(found, moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if not isinstance(found, dict) or (found.get("code") or found.get("unit") or "") != unit:
        return None
    value = _number(found.get("value"))
    return None if value is None else _sign(value, amount)


def _order_moment(found: Any, bound: Any) -> int | None:
    one, other = _moments(found), _moments(bound)
    if one is None or other is None:
        return None
    if one == other:
        return 0
    if one[1] < other[0]:
        return -1
    return 1 if one[0] > other[1] else None


def _sign(one: Any, other: Any) -> int:
    return 1 if one > other else -1 if one < other else 0


def _moments(text: Any) -> tuple[datetime, datetime] | None:
    """The first and the last second that a date may mean."""
    found = _DATE.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, _, zone = found.groups()
    try:
        start = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), min(int(second or 0), 59),
            tzinfo=UTC,
        )  # fmt: skip
        if zone and zone != "Z":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
            start += -offset if zone[0] == "+" else offset
        return start, start + _width(start, month, day, hour)
    except (ValueError, OverflowError):
        return None


def _width(start: datetime, month: str | None, day: str | None, hour: str | None) -> timedelta:
    """From the first to the last second of what a date of this precision may mean."""
    last = timedelta(seconds=-1)
    if month is None:
        return timedelta(days=366 if isleap(start.year) else 365) + last
    if day is None:
        return timedelta(days=monthrange(start.year, start.month)[1]) + last
    return timedelta(0) if hour else timedelta(days=1) + last


def _same(found: Any, expected: Any) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    if isinstance(expected, str) or isinstance(found, str):
        return isinstance(found, str) and found == expected
    one, other = _number(found), _number(expected)
    return found is expected if one is None or other is None else one == other


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
