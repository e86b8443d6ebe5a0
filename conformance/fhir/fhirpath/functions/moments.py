"""Precision and boundaries of decimals, quantities, dates and times. Source: FHIRPath 2.1 and 3.0, 5.6 and 5.9."""

from decimal import Decimal
from typing import Any

from conformance.fhir.fhirpath import quantity
from conformance.fhir.fhirpath.boundaries import boundary, precision
from conformance.fhir.fhirpath.environment import EMPTY, Env, Step, boolean
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.functions.registry import Arguments, function, integer_of, only, plain
from conformance.fhir.fhirpath.nodes import Items
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.temporal import Temporal
from conformance.fhir.fhirpath.values import described, single


@function("lowBoundary", 0, 1)
def low_boundary(arguments: Arguments) -> Step:
    """The least value that the item may stand for, to a precision."""
    return lambda env, items: _bound(env, items, arguments, -1)


@function("highBoundary", 0, 1)
def high_boundary(arguments: Arguments) -> Step:
    """The greatest value that the item may stand for, to a precision."""
    return lambda env, items: _bound(env, items, arguments, 1)


@plain("precision")
def precision_(_env: Env, items: Items) -> Items:
    """How many digits are known: decimal places of a number, all digits of a date or time."""
    value = _bounded(items, "precision()")
    return EMPTY if value is None else (precision(value),)


@function("comparable", 1)
def comparable(arguments: Arguments) -> Step:
    """Whether two quantities measure the same kind of thing."""

    def step(env: Env, items: Items) -> Items:
        one, other = single(items, "comparable()"), single(arguments[0].run(env), "comparable()")
        if one is None or other is None:
            return EMPTY
        if not isinstance(one, Quantity) or not isinstance(other, Quantity):
            raise EvaluationError("comparable() needs two quantities")
        return boolean(quantity.comparable(one, other))

    return step


def _bound(env: Env, items: Items, arguments: Arguments, sign: int) -> Items:
    value = _bounded(items, "a boundary")
    digits = integer_of(arguments[0].run(env), "a boundary") if arguments else None
    if value is None or (arguments and digits is None):
        return EMPTY
    if isinstance(value, Quantity):
        found = boundary(value.value, digits, sign)
        return EMPTY if found is None else (Quantity(found, value.unit, value.calendar),)
    return only(boundary(value, digits, sign))


def _bounded(items: Items, what: str) -> Any:
    value = single(items, what)
    if value is None or isinstance(value, Temporal | Quantity):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise EvaluationError(f"{what} needs a number, quantity, date or time, not {described(items[0])}")
