"""Conversion functions, and `iif`. Source: FHIRPath N1, 5.5."""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from conformance.fhir import ucum
from conformance.fhir.fhirpath.environment import EMPTY, Env, Step, boolean
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.functions.registry import Arguments, Function, function, only, text_of
from conformance.fhir.fhirpath.nodes import Items
from conformance.fhir.fhirpath.quantity import CALENDAR_UNITS, Quantity, as_decimal
from conformance.fhir.fhirpath.temporal import Date, DateTime, Time
from conformance.fhir.fhirpath.values import described, single, text

_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0"})
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*(?:'([^']+)'|([A-Za-z]+))?")
_LONGEST_NUMBER = 40


@function("iif", 2, 3)
def iif(arguments: Arguments) -> Step:
    """The second argument where the first is true, else the third; only the one that is needed is evaluated."""
    criterion, then = arguments[0].run, arguments[1].run
    otherwise = arguments[2].run if len(arguments) > 2 else None  # noqa: PLR2004 - the third is optional

    def step(env: Env, items: Items) -> Items:
        if len(items) > 1:
            raise EvaluationError(f"iif() needs one item, and has {len(items)}")
        this = env.this
        env.this = items
        found = single(criterion(env), "the criterion of iif()")
        if found is not None and not isinstance(found, bool):
            raise EvaluationError(f"the criterion of iif() must be a Boolean, not {described(found)}")
        branch = then if found else otherwise
        result = branch(env) if branch else EMPTY
        env.this = this
        return result

    return step


def to_boolean(value: Any) -> bool | None:
    """The Boolean that a value stands for, or None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return bool(value) if value in (0, 1) else None
    if isinstance(value, str):
        lowered = value.lower()
        return True if lowered in _TRUE else False if lowered in _FALSE else None
    return None


def to_integer(value: Any) -> int | None:
    """The Integer that a value stands for, or None."""
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _INTEGER.fullmatch(value):
        return int(value)
    return None


def to_decimal(value: Any) -> Decimal | None:
    """The Decimal that a value stands for, or None."""
    if isinstance(value, bool | int | Decimal):
        return Decimal(value)
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return None


def to_date(value: Any) -> Date | None:
    """The Date that a value stands for, or None."""
    if isinstance(value, Date):
        return value
    if isinstance(value, DateTime):
        return Date.parse(value.text.split("T", 1)[0])
    return to_date(DateTime.parse(value)) if isinstance(value, str) else None


def to_date_time(value: Any) -> DateTime | None:
    """The DateTime that a value stands for, or None."""
    if isinstance(value, DateTime):
        return value
    if isinstance(value, Date):
        return DateTime.parse(value.text)
    return DateTime.parse(value) if isinstance(value, str) else None


def to_time(value: Any) -> Time | None:
    """The Time that a value stands for, or None."""
    if isinstance(value, Time):
        return value
    return Time.parse(value.removeprefix("T")) if isinstance(value, str) else None


def to_quantity(value: Any) -> Quantity | None:
    """The Quantity that a value stands for, or None."""
    if isinstance(value, Quantity):
        return value
    if isinstance(value, bool | int | Decimal):
        return Quantity(Decimal(value))
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    number, unit, word = match.groups()
    if word is not None:
        return (
            Quantity(Decimal(number), CALENDAR_UNITS[word], calendar=True) if word in CALENDAR_UNITS else None
        )
    return Quantity(Decimal(number), unit or "1")


def _to(name: str, convert: Callable[[Any], Any]) -> Function:
    def step(_env: Env, items: Items) -> Items:
        value = single(items, f"to{name}()")
        return EMPTY if value is None else only(convert(value))

    return Function(f"to{name}", 0, 0, lambda _arguments: step)


def _converts(name: str, convert: Callable[[Any], Any]) -> Function:
    def step(_env: Env, items: Items) -> Items:
        value = single(items, f"convertsTo{name}()")
        return EMPTY if value is None else boolean(convert(value) is not None)

    return Function(f"convertsTo{name}", 0, 0, lambda _arguments: step)


to_boolean_ = _to("Boolean", to_boolean)
to_integer_ = _to("Integer", to_integer)
to_decimal_ = _to("Decimal", to_decimal)
to_string_ = _to("String", text)
to_date_ = _to("Date", to_date)
to_date_time_ = _to("DateTime", to_date_time)
to_time_ = _to("Time", to_time)
converts_to_boolean = _converts("Boolean", to_boolean)
converts_to_integer = _converts("Integer", to_integer)
converts_to_decimal = _converts("Decimal", to_decimal)
converts_to_string = _converts("String", text)
converts_to_date = _converts("Date", to_date)
converts_to_date_time = _converts("DateTime", to_date_time)
converts_to_time = _converts("Time", to_time)


@function("toQuantity", 0, 1)
def to_quantity_(arguments: Arguments) -> Step:
    """The item as a Quantity, in the unit that is given, if any."""
    return lambda env, items: only(_in_unit(env, items, arguments))


@function("convertsToQuantity", 0, 1)
def converts_to_quantity(arguments: Arguments) -> Step:
    """Whether the item can be a Quantity, in the unit that is given, if any."""
    return lambda env, items: boolean(_in_unit(env, items, arguments) is not None) if items else EMPTY


def _in_unit(env: Env, items: Items, arguments: Arguments) -> Quantity | None:
    value = single(items, "toQuantity()")
    found = None if value is None else to_quantity(value)
    unit = text_of(arguments[0].run(env), "toQuantity()") if arguments else None
    if found is None or unit is None or found.unit == unit:
        return found
    converted = None if found.calendar else ucum.convert(Fraction(found.value), found.unit, unit)
    return None if converted is None else Quantity(as_decimal(converted), unit)
