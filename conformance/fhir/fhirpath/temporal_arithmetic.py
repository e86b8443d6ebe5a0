"""Adding a duration to a date, dateTime or time. Source: FHIRPath N1, 6.6.8 and 6.6.9 (date/time arithmetic)."""

from datetime import date as calendar_date
from decimal import Decimal

from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.quantity import CALENDAR_UNITS, Quantity
from conformance.fhir.fhirpath.temporal import (
    DAY_IS_KNOWN,
    MONTHS,
    Date,
    DateTime,
    Parts,
    Temporal,
    Time,
    days_in,
    zone_text,
)

_MILLISECONDS = {
    "week": 604_800_000,
    "day": 86_400_000,
    "hour": 3_600_000,
    "minute": 60_000,
    "second": 1_000,
    "millisecond": 1,
}
_UCUM = {"wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}
_DAY = _MILLISECONDS["day"]
_MONTHS_IN_YEAR, _DAYS_IN_MONTH, _LAST_YEAR = 12, 30, 9999
_HOUR, _MINUTE, _SECOND = 3_600_000, 60_000, 1_000


def add(moment: Temporal, duration: Quantity, sign: int) -> Temporal | None:
    """The moment later by a duration (earlier where `sign` is -1), as precise as before.

    None where the result lies outside the calendar. Fractions count for seconds and milliseconds only. A UCUM month
    or year is a mean length of time, no calendar month: adding it to a date raises EvaluationError, as does a unit
    that is no time. The words for calendar durations may stand in quotes: they are no UCUM units.
    """
    unit = CALENDAR_UNITS.get(duration.unit) or _UCUM.get(duration.unit)
    if unit is None:
        raise EvaluationError(
            f"{duration} cannot be added to or taken from a date or time",
            hint="Use a calendar duration: year, month, week, day, hour, minute, second or millisecond.",
        )
    amount = sign * duration.value
    if isinstance(moment, Time):
        return _add_to_time(moment, unit, amount)
    if unit in ("year", "month"):
        return _add_months(moment, int(amount) * (_MONTHS_IN_YEAR if unit == "year" else 1))
    return _add_milliseconds(moment, unit, amount)


def _add_to_time(moment: Time, unit: str, amount: Decimal) -> Time | None:
    if unit in ("year", "month"):
        raise EvaluationError(f"a {unit} cannot be added to a time of the day")
    hour, minute, second = (*moment.parts, 0, 0)[:3]
    start = int(hour) * _HOUR + int(minute) * _MINUTE + int(Decimal(second) * 1000)
    rest = (start + _whole(unit, amount)) % _DAY
    parts = _clock(rest, moment.parts)
    return Time.parse(":".join(_two(part) for part in parts))


def _add_months(moment: Temporal, months: int) -> Temporal | None:
    year, month, day = (*(int(part) for part in moment.parts[:DAY_IS_KNOWN]), 1, 1)[:3]
    if len(moment.parts) == 1:
        months = int(months / _MONTHS_IN_YEAR) * _MONTHS_IN_YEAR
    years, index = divmod(year * MONTHS + month - 1 + months, MONTHS)
    if not 1 <= years <= _LAST_YEAR:
        return None
    day = min(day, days_in(years, index + 1))
    date: Parts = (years, index + 1, day)
    return _made(moment, (*date[: len(moment.parts)], *moment.parts[DAY_IS_KNOWN:]))


def _add_milliseconds(moment: Temporal, unit: str, amount: Decimal) -> Temporal | None:
    parts = moment.parts
    change = _whole(unit, amount)
    if len(parts) < DAY_IS_KNOWN:  # as many whole months or years as the duration has
        return _add_months(moment, int(int(change / _DAY) / _DAYS_IN_MONTH))
    hour, minute, second = (*parts[DAY_IS_KNOWN:], 0, 0, 0)[:3]
    if len(parts) == DAY_IS_KNOWN:
        change = int(change / _DAY) * _DAY
    start = int(hour) * _HOUR + int(minute) * _MINUTE + int(Decimal(second) * 1000)
    days, rest = divmod(start + change, _DAY)
    try:
        day = calendar_date.fromordinal(
            calendar_date(int(parts[0]), int(parts[1]), int(parts[2])).toordinal() + days
        )
    except (ValueError, OverflowError):
        return None
    return _made(moment, (day.year, day.month, day.day, *_clock(rest, parts[DAY_IS_KNOWN:])))


def _whole(unit: str, amount: Decimal) -> int:
    fine = unit in ("second", "millisecond")
    return int(amount * _MILLISECONDS[unit]) if fine else int(amount) * _MILLISECONDS[unit]


def _clock(milliseconds: int, like: Parts) -> Parts:
    hour, rest = divmod(milliseconds, _HOUR)
    minute, rest = divmod(rest, _MINUTE)
    fraction = len(like) == DAY_IS_KNOWN and (isinstance(like[2], Decimal) or rest % _SECOND)
    second: int | Decimal = (
        (Decimal(rest) / _SECOND).quantize(Decimal("0.001")) if fraction else rest // _SECOND
    )
    return (hour, minute, second)[: len(like)]


def _made(moment: Temporal, parts: Parts) -> Temporal | None:
    date = "-".join(
        f"{part:04}" if place == 0 else f"{part:02}" for place, part in enumerate(parts[:DAY_IS_KNOWN])
    )
    clock = ":".join(_two(part) for part in parts[DAY_IS_KNOWN:])
    text = f"{date}T{clock}{zone_text(moment.offset)}" if clock else date
    return Date.parse(text) if isinstance(moment, Date) else DateTime.parse(text)


def _two(part: int | Decimal) -> str:
    return f"{part:02}" if isinstance(part, int) else f"{part:06.3f}"
