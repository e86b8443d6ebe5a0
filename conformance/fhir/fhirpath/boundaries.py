"""The least and the greatest value that a decimal, date or time may stand for, given its precision.

Source: FHIRPath 3.0, lowBoundary and highBoundary. A decimal stands for half a unit of its last place to either
side. Shortened to fewer places, the bound that lies towards zero is cut, the other one is rounded half up: so the
official suite has it, where the text leaves the choice.
"""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.temporal import Date, DateTime, Temporal, Time, days_in, zone_text

DEFAULT_PLACES = 8
MOST_PLACES = 28
_WIDE = Context(prec=200)
_EARLIEST_ZONE, _LATEST_ZONE = 14 * 60, -12 * 60
_DATE_DIGITS = (4, 6, 8)
_DATE_TIME_DIGITS = (4, 6, 8, 10, 12, 14, 17)
_TIME_DIGITS = (2, 4, 6, 9)
_LOWEST = (1, 1, 1, 0, 0, 0, 0)
_DECEMBER = 12


def boundary(value: Any, digits: int | None, sign: int) -> Any:
    """The low (`sign` -1) or high (1) boundary, to `digits` (None: as many as there are); None for none such."""
    if isinstance(value, Decimal):
        return _of_decimal(value, DEFAULT_PLACES if digits is None else digits, sign)
    if isinstance(value, Date):
        return _of_date(value, _DATE_DIGITS[-1] if digits is None else digits, sign)
    if isinstance(value, DateTime):
        return _of_date_time(value, _DATE_TIME_DIGITS[-1] if digits is None else digits, sign)
    return _of_time(value, _TIME_DIGITS[-1] if digits is None else digits, sign)


def precision(value: Any) -> int:
    """How many digits are known."""
    if isinstance(value, Quantity):
        return precision(value.value)
    if isinstance(value, Temporal):
        return value.digits
    exponent = value.as_tuple().exponent
    return max(0, -int(exponent))


def _of_decimal(value: Decimal, places: int, sign: int) -> Decimal | None:
    if not 0 <= places <= MOST_PLACES:
        return None
    half = Decimal(5).scaleb(-precision(value) - 1)
    exact = _WIDE.add(value, sign * half)
    towards_zero = (value >= 0) == (sign < 0)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_DOWN if towards_zero else ROUND_HALF_UP, _WIDE)


def _of_date(value: Date, digits: int, sign: int) -> Date | None:
    if digits not in _DATE_DIGITS:
        return None
    parts = _filled(value, sign)[: _DATE_DIGITS.index(digits) + 1]
    return Date.parse(_date_text(parts))


def _of_date_time(value: DateTime, digits: int, sign: int) -> DateTime | None:
    if digits not in _DATE_TIME_DIGITS:
        return None
    parts = _filled(value, sign)[: _DATE_TIME_DIGITS.index(digits) + 1]
    text = _date_text(parts[:3])
    if len(parts) > len(_DATE_DIGITS):
        zone = value.offset
        if zone is None:
            zone = _EARLIEST_ZONE if sign < 0 else _LATEST_ZONE
        text = f"{text}T{_time_text(parts[3:])}{zone_text(zone)}"
    return DateTime.parse(text)


def _of_time(value: Time, digits: int, sign: int) -> Time | None:
    if digits not in _TIME_DIGITS:
        return None
    return Time.parse(_time_text(_clock(value.parts, sign)[: _TIME_DIGITS.index(digits) + 1]))


def _filled(value: Temporal, sign: int) -> tuple[int, ...]:
    parts = [int(part) for part in value.parts[:3]]
    if sign < 0:
        parts += _LOWEST[len(parts) : 3]
    else:
        if len(parts) == 1:
            parts.append(_DECEMBER)
        if len(parts) == len(("year", "month")):
            parts.append(days_in(parts[0], parts[1]))
    return (*parts, *_clock(value.parts[3:], sign))


def _clock(parts: tuple[int | Decimal, ...], sign: int) -> tuple[int, ...]:
    """Hour, minute, second, millisecond."""
    limits = (0, 0, 0, 0) if sign < 0 else (23, 59, 59, 999)
    if len(parts) < len(("hour", "minute", "second")):
        return (*(int(part) for part in parts), *limits[len(parts) :])
    second = parts[2]
    known = isinstance(second, Decimal)
    fraction = int(Decimal(second) % 1 * 1000) if known else limits[3]
    return (int(parts[0]), int(parts[1]), int(second), fraction)


def _date_text(parts: tuple[int, ...]) -> str:
    return "-".join(f"{part:04}" if place == 0 else f"{part:02}" for place, part in enumerate(parts))


def _time_text(parts: tuple[int, ...]) -> str:
    text = ":".join(f"{part:02}" for part in parts[:3])
    return text if len(parts) <= len(("hour", "minute", "second")) else f"{text}.{parts[3]:03}"
