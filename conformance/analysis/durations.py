"""Durations of ISO 8601 as contracts use them: whole years, months, weeks and days, compared on the calendar.

A month is no number of days: two months are 59 to 62 days. Whether one duration is longer than another can
therefore depend on the day on which it starts, so two are compared over every start day of a four-year cycle.
Adding follows XML Schema part 2, appendix E: months first, clamped to the month's last day, then days.
"""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

_FORM = re.compile(r"P(?=\d)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?", re.ASCII)
_CYCLE_BEGINS = dt.date(2024, 1, 1)
_CYCLE_DAYS = 4 * 365 + 1
_LONGEST_YEARS = 1000


class NoDuration(ValueError):
    """A text is no duration that these rules can read; the message says why."""


@dataclass(frozen=True)
class Duration:
    """So many months and, after them, so many days."""

    months: int
    days: int

    def after(self, start: dt.date) -> dt.date:
        """The day on which the duration ends that begins on `start`."""
        years, month = divmod(start.month - 1 + self.months, 12)
        year = start.year + years
        day = min(start.day, calendar.monthrange(year, month + 1)[1])
        return dt.date(year, month + 1, day) + dt.timedelta(days=self.days)

    @property
    def days_range(self) -> tuple[int, int]:
        """The fewest and the most days that it can last, over every start day of a four-year cycle."""
        lasted = [(end - start).days for start, end in zip(_starts(), _ends(self), strict=True)]
        return min(lasted), max(lasted)


@dataclass(frozen=True)
class Comparison:
    """On which start days of a four-year cycle one duration is no longer than another, and on which it is."""

    no_longer: int
    longer: int
    first_no_longer: dt.date | None
    first_longer: dt.date | None

    @property
    def always(self) -> bool:
        """No longer, on whatever day it starts."""
        return self.longer == 0

    @property
    def never(self) -> bool:
        """Longer, on whatever day it starts."""
        return self.no_longer == 0


def duration(text: object) -> Duration:
    """The duration that a text such as `P2M` or `P1Y6M10D` states (ISO 8601-1, 5.5.2). Raises NoDuration."""
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise NoDuration("it is no ISO 8601 duration of years, months, weeks and days, as in P2M or P30D")
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    if years + months / 12 + (weeks * 7 + days) / 365 > _LONGEST_YEARS:
        raise NoDuration(f"it is longer than {_LONGEST_YEARS} years")
    return Duration(years * 12 + months, weeks * 7 + days)


@lru_cache(maxsize=256)
def compare(one: Duration, other: Duration) -> Comparison:
    """Whether `one` is no longer than `other`, over every start day of a four-year cycle."""
    longer: list[dt.date] = []
    within: list[dt.date] = []
    for start, end, limit in zip(_starts(), _ends(one), _ends(other), strict=True):
        (longer if end > limit else within).append(start)
    return Comparison(len(within), len(longer), next(iter(within), None), next(iter(longer), None))


@lru_cache(maxsize=1)
def _starts() -> tuple[dt.date, ...]:
    return tuple(_CYCLE_BEGINS + dt.timedelta(days=day) for day in range(_CYCLE_DAYS))


@lru_cache(maxsize=256)
def _ends(length: Duration) -> tuple[dt.date, ...]:
    return tuple(length.after(start) for start in _starts())
