"""Reckoning with numbers, texts, quantities and dates. Source: FHIRPath N1, 6.6."""

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from conformance.fhir.fhirpath import quantity
from conformance.fhir.fhirpath.environment import EMPTY
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.nodes import Items
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.temporal import Temporal
from conformance.fhir.fhirpath.temporal_arithmetic import add
from conformance.fhir.fhirpath.values import described, is_reckonable, single

LARGEST_INTEGER = 2**63 - 1
"""Wide enough for R5's integer64. What goes beyond is empty, as FHIRPath wants of an overflow."""


def negated(items: Items) -> Items:
    """`-x`. Raises EvaluationError for what is no number and no quantity."""
    value = single(items, "-")
    if value is None:
        return EMPTY
    if isinstance(value, Quantity):
        return (Quantity(-value.value, value.unit, value.calendar),)
    if _is_number(value):
        return (-value,)
    raise EvaluationError(f"- needs a number or a quantity, not {described(items[0])}")


def affirmed(items: Items) -> Items:
    """`+x`. Raises EvaluationError for what is no number and no quantity."""
    value = single(items, "+")
    if value is None or isinstance(value, Quantity) or _is_number(value):
        return items
    raise EvaluationError(f"+ needs a number or a quantity, not {described(items[0])}")


def number(value: int | Decimal) -> Items:
    """A number as a collection; empty where it is too large for its type."""
    if isinstance(value, int):
        return (value,) if -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER else EMPTY
    return (value,) if is_reckonable(value) else EMPTY


def _operation(sign: str, reckon: Callable[[Any, Any], Any]) -> Callable[[Items, Items], Items]:
    def run(left: Items, right: Items) -> Items:
        first, second = single(left, sign), single(right, sign)
        if first is None or second is None:
            return EMPTY
        try:
            found = reckon(first, second)
        except DecimalException:
            return EMPTY
        if found is NotImplemented:
            raise EvaluationError(f"{described(left[0])} {sign} {described(right[0])} means nothing")
        if found is None:
            return EMPTY
        if isinstance(found, Quantity):
            return (found,) if is_reckonable(found.value) else EMPTY
        return number(found) if _is_number(found) else (found,)

    return run


def _plus(first: Any, second: Any) -> Any:
    if isinstance(first, str) and isinstance(second, str):
        return first + second
    return _sum(first, second, 1)


def _minus(first: Any, second: Any) -> Any:
    return _sum(first, second, -1)


def _sum(first: Any, second: Any, sign: int) -> Any:
    if _is_number(first) and _is_number(second):
        return first + sign * second
    if isinstance(first, Temporal) and isinstance(second, Quantity):
        return add(first, second, sign)
    return _measured(first, second, lambda left, right: quantity.plus(left, right, sign))


def _times(first: Any, second: Any) -> Any:
    if _is_number(first) and _is_number(second):
        return first * second
    return _measured(first, second, quantity.times)


def _divided(first: Any, second: Any) -> Any:
    if _is_number(first) and _is_number(second):
        return Decimal(first) / Decimal(second) if second else None
    return _measured(first, second, quantity.divided)


def _measured(first: Any, second: Any, reckon: Callable[[Quantity, Quantity], Quantity | None]) -> Any:
    """What two quantities come to; a number beside a quantity is one of unit 1 (FHIRPath N1, 5.5)."""
    if not isinstance(first, Quantity) and not isinstance(second, Quantity):
        return NotImplemented
    if not all(isinstance(side, Quantity) or _is_number(side) for side in (first, second)):
        return NotImplemented
    left, right = (
        side if isinstance(side, Quantity) else Quantity(Decimal(side)) for side in (first, second)
    )
    return reckon(left, right)


def _quotient(first: Any, second: Any) -> Any:
    if not _is_number(first) or not _is_number(second):
        return NotImplemented
    if not second:
        return None
    if isinstance(first, int) and isinstance(second, int):
        return abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
    return int(Decimal(first) / Decimal(second))


def _rest(first: Any, second: Any) -> Any:
    if not _is_number(first) or not _is_number(second):
        return NotImplemented
    if not second:
        return None
    if isinstance(first, int) and isinstance(second, int):
        return (abs(first) % abs(second)) * (-1 if first < 0 else 1)
    return Decimal(first) % Decimal(second)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


ARITHMETIC: dict[str, Callable[[Items, Items], Items]] = {
    "+": _operation("+", _plus),
    "-": _operation("-", _minus),
    "*": _operation("*", _times),
    "/": _operation("/", _divided),
    "div": _operation("div", _quotient),
    "mod": _operation("mod", _rest),
}
"""What each arithmetic operator does with two collections."""
