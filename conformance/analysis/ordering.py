"""Where a resource stands when searches are sorted, as far as every lawful order agrees.

FHIR leaves the rules of sorting to the server (https://hl7.org/fhir/R4/search.html#sort): how accents and
punctuation are ordered, whether a code counts by itself or with its system. So a place is a set of keys, one for each
reading, and one resource stands before another only where it does by all of them.
"""

from dataclasses import dataclass
from typing import Any

from conformance.analysis.search_values import held
from conformance.fhir.dates import WIDEST_OFFSET, Interval, interval
from conformance.fhir.elements import Resource
from conformance.plugin import NotJudgeable

Key = tuple[Any, Any]
"""The least and the greatest value that a reading can take for a resource's value."""


@dataclass(frozen=True)
class Place:
    """The keys of a resource's only value, one for each lawful reading."""

    keys: tuple[Key, ...]

    def is_before(self, other: "Place") -> bool:
        """Whether this stands before the other in rising order, however that is read."""
        return len(self.keys) == len(other.keys) and all(
            mine[1] < theirs[0] for mine, theirs in zip(self.keys, other.keys, strict=True)
        )


def place(resource: Resource, name: str, kind: str) -> Place | None:
    """Where the resource stands when sorted by a parameter of that kind; None where it has no value.

    Raises NotJudgeable where it has several values, or one whose place is a matter of taste.
    """
    values = [value for value in held(resource, name) if value is not None]
    if not values:
        return None
    if len(values) > 1:
        raise NotJudgeable(f"there are several values for {name}")
    keys = _KINDS[kind](values[0]) if kind in _KINDS else None
    if keys is None:
        raise NotJudgeable(f"how the value for {name} is to be ordered is left to the server")
    return Place(keys)


def _date(value: Any) -> tuple[Key, ...] | None:
    found: Interval | None
    if isinstance(value, dict):
        start, end = interval(value.get("start")), interval(value.get("end"))
        if start is None or end is None or start.zoned != end.zoned:
            return None
        found = Interval(start.low, end.high, start.zoned)
    else:
        found = interval(value)
    if found is None:
        return None
    slack = found.low - found.low if found.zoned else WIDEST_OFFSET
    try:
        return ((found.low - slack, found.high + slack),)
    except OverflowError:
        return None


def _number(value: Any) -> tuple[Key, ...] | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return ((value, value),)


def _quantity(value: Any) -> tuple[Key, ...] | None:
    """Numbers of different units are never ordered: the unit is the first part of each key, and must be the same."""
    if not isinstance(value, dict) or "comparator" in value:
        return None
    number = _number(value.get("value"))
    unit = (value.get("system"), value.get("code"))
    return (*number, _SameUnit.of(unit)) if number and None not in unit else None


def _string(value: Any) -> tuple[Key, ...] | None:
    """Plain letters only: the places of accents, digits, blanks and punctuation differ from order to order."""
    if not isinstance(value, str) or not value.isascii() or not value.isalpha():
        return None
    return ((value, value), (value.casefold(), value.casefold()))


def _token(value: Any) -> tuple[Key, ...] | None:
    """Codes and ids by themselves. A Coding or an Identifier may count by its system or display as well."""
    if isinstance(value, bool):
        return ((value, value), (str(value), str(value)))
    if not isinstance(value, str) or not value.isascii() or not value.replace("-", "").isalnum():
        return None
    readings = [value, value.casefold(), value.replace("-", "").casefold()]
    as_number = (int(value), int(value)) if value.isdigit() else None
    return (*((text, text) for text in readings), *((as_number,) if as_number else ()))


@dataclass(frozen=True)
class _SameUnit:
    """Compares as less only where units are the same."""

    unit: tuple[Any, Any]

    @classmethod
    def of(cls, unit: tuple[Any, Any]) -> Key:
        """The key of a unit."""
        return cls(unit), cls(unit)

    def __lt__(self, other: "_SameUnit") -> bool:
        return self.unit == other.unit


_KINDS = {"date": _date, "number": _number, "quantity": _quantity, "string": _string, "token": _token}
