"""Dates, dateTimes and times of FHIRPath, each exactly as precise as it was written.

Two of them are compared part by part; where one ends before a difference was seen, nothing can be said (None).
Source: FHIRPath N1, 4.1.6-4.1.8 and 6.1, 6.2.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date as calendar_date
from decimal import Decimal
from functools import lru_cache
from typing import Self

Parts = tuple[int | Decimal, ...]
"""Year, month, day, hour, minute, second (with its fraction), as far as they are known. A Time begins at the hour."""

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_TIME = re.compile(r"([0-9]{2})(?::([0-9]{2})(?::([0-9]{2}(?:\.[0-9]+)?))?)?")
_DATE_TIME = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T(?:([0-9]{2})(?::([0-9]{2})(?::([0-9]{2}(?:\.[0-9]+)?))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?)?"
)
MONTHS, HOURS, MINUTES, SECONDS = 12, 24, 60, 61  # a leap second is the sixty-first
DAY_IS_KNOWN, MINUTE_IS_KNOWN = 3, 5
WIDEST_OFFSET = 14 * 60
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Temporal:
    """What dates, dateTimes and times share: the known `parts`, the offset from UTC in minutes, the text."""

    parts: Parts
    offset: int | None = None
    text: str = ""

    def __str__(self) -> str:
        return self.text

    @property
    def digits(self) -> int:
        """The precision as FHIRPath counts it: how many digits are known (`2014-01` has 6)."""
        return sum(character.isdigit() for character in _without_offset(self.text))


@dataclass(frozen=True, slots=True)
class Date(Temporal):
    """A date: year, year and month, or a whole date."""

    @classmethod
    @lru_cache(maxsize=16384)
    def parse(cls, text: str) -> Self | None:
        """The date of a text such as `2014-01`; None where it is none, or does not exist."""
        match = _DATE.fullmatch(text)
        parts = _numbers(match.groups()) if match else ()
        return cls(parts, None, text) if _is_date(parts) else None


@dataclass(frozen=True, slots=True)
class DateTime(Temporal):
    """A date with or without a time; a time may have an offset."""

    @classmethod
    @lru_cache(maxsize=16384)
    def parse(cls, text: str) -> Self | None:
        """The dateTime of a text such as `2014-01-25T14:30:14.559Z`; None where it is none, or does not exist."""
        match = _DATE_TIME.fullmatch(text)
        if match is None:
            return None
        *numbers, zone = match.groups()
        parts, offset = _numbers(tuple(numbers)), offset_minutes(zone)
        fits = _is_date(parts[:DAY_IS_KNOWN]) and _is_time(parts[DAY_IS_KNOWN:])
        return cls(parts, offset, text) if fits else None


@dataclass(frozen=True, slots=True)
class Time(Temporal):
    """A time of the day, without an offset."""

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, text: str) -> Self | None:
        """The time of a text such as `14:30`; None where it is none, or does not exist."""
        match = _TIME.fullmatch(text)
        parts = _numbers(match.groups()) if match else ()
        return cls(parts, None, text) if parts and _is_time(parts) else None


def order(left: Temporal, right: Temporal) -> int | None:
    """Negative, zero or positive as `left` is before, at or after `right`; None where their precision cannot tell.

    Seconds and their fractions are one precision. Where only one of two times states its offset, they are told
    apart only when they differ by more than any offset can explain.
    """
    first, second = left.parts, right.parts
    if left.offset is not None and right.offset is not None:
        if left.offset != right.offset:
            first, second = in_utc(left), in_utc(right)
    elif (left.offset is not None or right.offset is not None) and min(
        len(first), len(second)
    ) > DAY_IS_KNOWN:
        return _far_apart(left, right)
    return _by_parts(first, second)


def in_utc(value: Temporal) -> Parts:
    """The parts of a dateTime moved to UTC; as they are where it has no offset, or would leave the calendar."""
    if not value.offset or len(value.parts) <= DAY_IS_KNOWN:
        return value.parts
    minutes = _minutes(value.parts) - value.offset
    days, rest = divmod(minutes, _DAY)
    try:
        day = calendar_date.fromordinal(days)
    except (ValueError, OverflowError):
        return value.parts
    moved: Parts = (day.year, day.month, day.day, rest // 60, rest % 60, *value.parts[MINUTE_IS_KNOWN:])
    return moved[: len(value.parts)]


def offset_minutes(zone: str | None) -> int | None:
    """`+01:00` as 60, `Z` as 0, nothing as None."""
    if zone is None:
        return None
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes


def zone_text(offset: int | None) -> str:
    """60 as `+01:00`, 0 as `Z`, None as nothing."""
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    return f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


def days_in(year: int, month: int) -> int:
    """How many days a month has."""
    return monthrange(year, month)[1]


def _by_parts(first: Parts, second: Parts) -> int | None:
    for one, other in zip(first, second, strict=False):
        if one != other:
            return -1 if one < other else 1
    return 0 if len(first) == len(second) else None


def _far_apart(left: Temporal, right: Temporal) -> int | None:
    difference = _minutes(in_utc(left)) - _minutes(in_utc(right))
    if abs(difference) <= WIDEST_OFFSET:
        return None
    return -1 if difference < 0 else 1


def _minutes(parts: Parts) -> int:
    year, month, day, hour, minute, *_ = (*(int(part) for part in parts), 0, 0)
    return calendar_date(year, month, day).toordinal() * _DAY + hour * 60 + minute


def _numbers(groups: tuple[str | None, ...]) -> Parts:
    known = [group for group in groups if group is not None]
    return tuple(Decimal(group) if "." in group else int(group) for group in known)


def _is_date(parts: Parts) -> bool:
    if not parts or not parts[0]:
        return False
    if len(parts) > 1 and not 1 <= parts[1] <= MONTHS:
        return False
    return len(parts) < DAY_IS_KNOWN or 1 <= parts[2] <= days_in(int(parts[0]), int(parts[1]))


def _is_time(parts: Parts) -> bool:
    return all(part < limit for part, limit in zip(parts, (HOURS, MINUTES, SECONDS), strict=False))


def _without_offset(text: str) -> str:
    head, mark, tail = text.partition("T")
    return head + mark + re.split(r"[Z+-]", tail, maxsplit=1)[0]
