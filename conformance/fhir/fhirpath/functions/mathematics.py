"""Mathematical functions. Source: FHIRPath N1, 5.7."""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

from conformance.fhir.fhirpath.arithmetic import number
from conformance.fhir.fhirpath.environment import EMPTY, Env, Step
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.functions.registry import Arguments, Function, function, integer_of
from conformance.fhir.fhirpath.nodes import Items
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.values import described, is_reckonable, single

_MOST_DIGITS = 28


def _on_number(name: str, reckon: Callable[[Any], Any]) -> Function:
    def step(_env: Env, items: Items) -> Items:
        value = _number_of(items, name)
        return EMPTY if value is None else _safely(reckon, value)

    return Function(name, 0, 0, lambda _arguments: step)


def _number_of(items: Items, name: str) -> int | Decimal | None:
    value = single(items, f"{name}()")
    if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    raise EvaluationError(f"{name}() needs a number, not {described(items[0])}")


def _safely(reckon: Callable[..., Any], *values: Any) -> Items:
    try:
        found = reckon(*values)
    except DecimalException:
        return EMPTY
    return EMPTY if found is None else number(found)


def _to_integer(rounding: str) -> Callable[[Any], int]:
    return lambda value: int(Decimal(value).to_integral_value(rounding))


def _root(value: int | Decimal) -> Decimal | None:
    return Decimal(value).sqrt() if value >= 0 else None


def _natural(value: int | Decimal) -> Decimal | None:
    return Decimal(value).ln() if value > 0 else None


ceiling = _on_number("ceiling", _to_integer(ROUND_CEILING))
floor = _on_number("floor", _to_integer(ROUND_FLOOR))
truncate = _on_number("truncate", _to_integer(ROUND_DOWN))
exp = _on_number("exp", lambda value: Decimal(value).exp())
ln = _on_number("ln", _natural)
sqrt = _on_number("sqrt", _root)


def _abs_step(_env: Env, items: Items) -> Items:
    value = single(items, "abs()")
    if isinstance(value, Quantity):
        return (Quantity(abs(value.value), value.unit, value.calendar),)
    found = _number_of(items, "abs")
    return EMPTY if found is None else _safely(abs, found)


abs_ = Function("abs", 0, 0, lambda _arguments: _abs_step)


@function("log", 1)
def log(arguments: Arguments) -> Step:
    """The logarithm to a base."""

    def step(env: Env, items: Items) -> Items:
        value, base = _number_of(items, "log"), _number_of(arguments[0].run(env), "log")
        if value is None or base is None or value <= 0 or base <= 0 or base == 1:
            return EMPTY
        return _safely(_logarithm, Decimal(value), Decimal(base))

    return step


@function("power", 1)
def power(arguments: Arguments) -> Step:
    """The number to a power; empty where there is none among the real numbers."""

    def step(env: Env, items: Items) -> Items:
        value, exponent = _number_of(items, "power"), _number_of(arguments[0].run(env), "power")
        return EMPTY if value is None or exponent is None else _safely(_raised, value, exponent)

    return step


@function("round", 0, 1)
def round_(arguments: Arguments) -> Step:
    """The number to so many decimal places, halves away from zero."""

    def step(env: Env, items: Items) -> Items:
        value = _number_of(items, "round")
        places = integer_of(arguments[0].run(env), "round()") if arguments else 0
        if value is None or places is None:
            return EMPTY
        if places < 0:
            raise EvaluationError("round() needs a precision of zero or more")
        if isinstance(value, int):
            return number(Decimal(value))
        return _safely(value.quantize, Decimal(1).scaleb(-min(places, _MOST_DIGITS)), ROUND_HALF_UP)

    return step


def _logarithm(value: Decimal, base: Decimal) -> Decimal:
    found = value.ln() / base.ln()
    nearest = found.to_integral_value()
    return nearest if base**nearest == value else found


def _raised(value: int | Decimal, exponent: int | Decimal) -> int | Decimal | None:
    if value < 0 and exponent != int(exponent):
        return None
    if value == 0 and exponent < 0:
        return None
    found = Decimal(value) ** Decimal(exponent)
    if not is_reckonable(found):
        return None
    return int(found) if isinstance(value, int) and isinstance(exponent, int) and exponent >= 0 else found
