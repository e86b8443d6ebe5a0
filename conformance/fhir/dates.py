"""FHIR dates as intervals: a date says no more than its precision, `1980` is the whole year.

Source: FHIR R4, datatypes.html#date, #dateTime, #instant. How searches compare them: `conformance.fhir.search.dates`.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Prefix = Literal["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
"""How a search compares (FHIR R4, search.html#prefix); empty is `eq`."""

WIDEST_OFFSET = dt.timedelta(hours=14)
"""Where one value has an offset and the other has none, they may be this far apart and still be the same time."""

_FORM = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})"
    r"(T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
_LONGEST = len("2020-01-31T00:00:00.000000000+00:00")


@dataclass(frozen=True, order=True)
class Interval:
    """The times from `low` up to but without `high`; `zoned` if the value stated its offset."""

    low: dt.datetime
    high: dt.datetime
    zoned: bool = False


def interval(text: object) -> Interval | None:
    """The interval that a FHIR date, dateTime or instant stands for; None where it is none of these."""
    return _interval(text) if isinstance(text, str) and len(text) <= _LONGEST else None


def is_full_date(text: object) -> bool:
    """Whether this is a date with year, month and day, and no time."""
    return isinstance(text, str) and len(text) == len("2020-01-31") and interval(text) is not None


@lru_cache(maxsize=8192)
def _interval(text: str) -> Interval | None:
    match = _FORM.fullmatch(text)
    try:
        return _read(match) if match else None
    except (ValueError, OverflowError):
        return None


def _read(match: re.Match[str]) -> Interval:
    date = dt.datetime(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1), tzinfo=dt.UTC)
    if match["hour"] is None:
        return Interval(date, _next_date(date, match))
    time = dt.timedelta(
        hours=int(match["hour"]),
        minutes=int(match["minute"]),
        seconds=int(match["second"] or 0),
        microseconds=int((match["fraction"] or "").ljust(6, "0")[:6]),
    )
    low = date + time - _offset(match["offset"])
    return Interval(low, low + _resolution(match), zoned=match["offset"] is not None)


def _next_date(low: dt.datetime, match: re.Match[str]) -> dt.datetime:
    if match["day"] is not None:
        return low + dt.timedelta(days=1)
    if match["month"] is not None and low.month < 12:  # noqa: PLR2004 - December ends the year
        return low.replace(month=low.month + 1)
    return low.replace(year=low.year + 1, month=1)


def _resolution(match: re.Match[str]) -> dt.timedelta:
    if match["fraction"] is not None:
        digits = min(len(match["fraction"]), 6)
        return dt.timedelta(microseconds=int("1".ljust(7 - digits, "0")))
    return dt.timedelta(seconds=1) if match["second"] is not None else dt.timedelta(minutes=1)


def _offset(text: str | None) -> dt.timedelta:
    if text is None or text == "Z":
        return dt.timedelta(0)
    sign = -1 if text[0] == "-" else 1
    return sign * dt.timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
