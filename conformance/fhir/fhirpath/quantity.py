"""Quantities of FHIRPath: a number with a UCUM or calendar unit, compared and reckoned in exact decimals.

Source: FHIRPath N1, 4.1.9 and 6.1-6.6.
"""

from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from conformance.fhir import ucum

CALENDAR_UNITS: dict[str, str] = {
    unit + plural: unit
    for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for plural in ("", "s")
}
"""The words for calendar durations, each with its singular."""

_DEFINITE = {
    "week": "wk",
    "day": "d",
    "hour": "h",
    "minute": "min",
    "second": "s",
    "millisecond": "ms",
}
"""Calendar units that are as long as the UCUM unit of that name; years and months are only equivalent to it."""

_ABOUT = _DEFINITE | {"year": "a", "month": "mo"}
MONTHS_IN_YEAR = 12


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit: a UCUM code, or the singular of a calendar unit where `calendar` is set.

    `code` is the UCUM code that a FHIR Quantity was written with where FHIR takes it for a calendar unit (`a` for
    years): compared with a UCUM quantity it counts as what was written.
    """

    value: Decimal
    unit: str = "1"
    calendar: bool = False
    code: str = field(default="", compare=False)

    def __str__(self) -> str:
        number = f"{self.value:f}"
        if not self.calendar:
            return f"{number} '{self.unit}'"
        return f"{number} {self.unit}" if self.value == 1 else f"{number} {self.unit}s"


def comparable(left: Quantity, right: Quantity) -> bool:
    """Whether both measure the same kind of thing, so that one can be converted to the unit of the other."""
    return _scales(left, right) is not None


def order(left: Quantity, right: Quantity) -> int | None:
    """Negative, zero or positive as `left` is less than, equal to or more than `right`; None if not comparable.

    A calendar year or month and a UCUM year or month are not comparable: their lengths differ.
    """
    scales = _scales(left, right)
    if scales is None:
        return None
    first, second = Fraction(left.value) * scales[0], Fraction(right.value) * scales[1]
    return (first > second) - (first < second)


def equivalent(left: Quantity, right: Quantity) -> bool:
    """Whether both are the same at the precision of the less precise one, in the coarser of their units."""
    scales = _scales(_as_ucum(left), _as_ucum(right))
    if scales is None:
        return left.unit == right.unit and left.value == right.value
    coarser = max(scales)
    places = min(
        decimals(left.value) if scales[0] == coarser else _converted_places(left.value, scales[0] / coarser),
        decimals(right.value)
        if scales[1] == coarser
        else _converted_places(right.value, scales[1] / coarser),
    )
    first, second = Fraction(left.value) * scales[0] / coarser, Fraction(right.value) * scales[1] / coarser
    return _rounded(first, places) == _rounded(second, places)


def base(value: Quantity) -> tuple[Fraction, ucum.Dimension] | None:
    """The value in UCUM's base units, with what it measures; None for calendar and special units."""
    measure = None if value.calendar else ucum.measure(value.unit)
    if measure is None or measure.special:
        return None
    return Fraction(value.value) * measure.factor, measure.dimension


def plus(left: Quantity, right: Quantity, sign: int) -> Quantity | None:
    """The sum (or the difference, where `sign` is -1) in the finer of both units; None if not comparable."""
    if left.unit == right.unit and left.calendar == right.calendar:
        return Quantity(left.value + sign * right.value, left.unit, left.calendar)
    scales = _scales(left, right)
    if scales is None:
        return None
    finer = left if scales[0] <= scales[1] else right
    total = (Fraction(left.value) * scales[0] + sign * Fraction(right.value) * scales[1]) / min(scales)
    return Quantity(as_decimal(total), finer.unit, finer.calendar)


def times(left: Quantity, right: Quantity) -> Quantity | None:
    """The product, in the product of the units; None where a unit cannot be multiplied.

    Times a plain number, a calendar duration stays one: `2 days * 3` is 6 days, and can be added to a date.
    """
    if left.calendar and right == Quantity(right.value):
        return replace(left, value=left.value * right.value)
    if right.calendar and left == Quantity(left.value):
        return replace(right, value=left.value * right.value)
    return _combined(left, right, 1)


def divided(left: Quantity, right: Quantity) -> Quantity | None:
    """The quotient, in the quotient of the units; None for a division by zero or by a special unit."""
    if right.value == 0:
        return None
    if left.calendar and right == Quantity(right.value):
        return replace(left, value=left.value / right.value)
    return _combined(left, right, -1)


def decimals(value: Decimal) -> int:
    """How many decimal places a number is written with, trailing zeros left out."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def as_decimal(value: Fraction) -> Decimal:
    """A fraction as a decimal of up to 28 digits."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def _as_ucum(value: Quantity) -> Quantity:
    return Quantity(value.value, _ABOUT[value.unit]) if value.calendar else value


def _scales(left: Quantity, right: Quantity) -> tuple[Fraction, Fraction] | None:
    """By what to multiply each value so that both are in one unit; None where there is no such unit."""
    if left.unit == right.unit and left.calendar == right.calendar:
        return Fraction(1), Fraction(1)
    if left.calendar != right.calendar and (left.code or right.code):
        return _scales(_as_written(left), _as_written(right))
    months = _months(left), _months(right)
    if months[0] and months[1]:
        return Fraction(months[0]), Fraction(months[1])
    if months[0] or months[1]:
        return None
    first, second = (
        ucum.measure(_DEFINITE[side.unit] if side.calendar else side.unit) for side in (left, right)
    )
    if (
        first is None
        or second is None
        or first.dimension != second.dimension
        or first.special
        or second.special
    ):
        return None
    return first.factor, second.factor


def _as_written(value: Quantity) -> Quantity:
    return Quantity(value.value, value.code) if value.code else value


def _months(value: Quantity) -> int:
    if not value.calendar:
        return 0
    return {"year": MONTHS_IN_YEAR, "month": 1}.get(value.unit, 0)


def _combined(left: Quantity, right: Quantity, power: int) -> Quantity | None:
    first, second = _as_ucum(left), _as_ucum(right)
    unit = ucum.product(first.unit, second.unit, power)
    if unit is None:
        return None
    value = Fraction(first.value) * unit.scale * (Fraction(second.value) ** power)
    return Quantity(as_decimal(value), unit.code)


def _converted_places(value: Decimal, scale: Fraction) -> int:
    return decimals(as_decimal(Fraction(value) * scale))


def _rounded(value: Fraction, places: int) -> Decimal:
    return as_decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
