"""Comparisons that invariants ask for, true only where there is no doubt.

Source: FHIRPath N1, comparison, http://hl7.org/fhirpath/N1/#comparison
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

__all__ = ["any_of", "listed", "not_after", "not_more", "number", "share"]

_DAY = 10
_SECOND = 19
_UNITS = ("system", "code", "unit")


def listed(value: Any) -> tuple[Any, ...]:
    """A value or nothing as a sequence."""
    return () if value is None else (value,)


def any_of(holder: dict[str, Any], names: tuple[str, ...]) -> bool:
    """Whether an object has any of these names."""
    return not holder.keys().isdisjoint(names)


def share(some: Iterable[Any], others: Iterable[Any]) -> bool:
    """Whether two collections of objects have one in common."""
    found = list(others)
    return any(item in found for item in some)


def not_after(first: Any, second: Any) -> bool:
    """Whether two FHIR dates are there and the first is certainly not after the second."""
    if first is None or second is None:
        return False
    if len(first) <= _DAY and len(second) <= _DAY:
        shorter = min(len(first), len(second))
        return bool(first <= second if len(first) == len(second) else first[:shorter] < second[:shorter])
    if len(first) <= _DAY or len(second) <= _DAY:
        return False  # one has a time and a zone, the other only a day
    if first[_SECOND:] == second[_SECOND:]:
        return bool(first[:_SECOND] <= second[:_SECOND])
    return datetime.fromisoformat(first) <= datetime.fromisoformat(second)


def not_more(first: Any, second: Any) -> bool:
    """Whether two quantities of the same unit are there and the first is certainly not more than the second."""
    if first is None or second is None or any(first.get(name) != second.get(name) for name in _UNITS):
        return False
    one, other = first.get("value"), second.get("value")
    if one is None or other is None or "comparator" in first or "comparator" in second:
        return False
    # binary fractions that are equal may stand for decimals that are not
    return bool(one < other) or (one == other and type(one) is int and type(other) is int)


def number(found: Any, operator: str, bound: float) -> bool:
    """Whether a number is there and certainly stands to a bound as asked.

    Binary fractions that are equal may stand for decimals that are not, so only whole numbers can be equal.
    """
    if found is None:
        return False
    if operator[0] == "<":
        return bool(found < bound) or (operator == "<=" and type(found) is int and found == bound)
    return bool(found > bound) or (operator == ">=" and type(found) is int and found == bound)
