"""Which of two values comes first. Source: FHIRPath N1, 6.2."""

from decimal import Decimal
from typing import Any

from conformance.fhir.fhirpath import quantity, temporal
from conformance.fhir.fhirpath.equality import as_moments
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.nodes import Items
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.temporal import Temporal, Time
from conformance.fhir.fhirpath.values import described, single


def ordered(left: Items, right: Items) -> int | None:
    """Negative, zero or positive as the left value is less, equal or more; None where one is empty or it is open.

    Raises EvaluationError for several items, and for values that have no order among them.
    """
    first, second = single(left, "a comparison"), single(right, "a comparison")
    if first is None or second is None:
        return None
    if first.__class__ is int and second.__class__ is int:
        return (first > second) - (first < second)
    found = _ordered(*as_moments(left[0], first, right[0], second))
    if found is _INCOMPARABLE:
        raise EvaluationError(f"{described(left[0])} and {described(right[0])} cannot be compared")
    return found


_INCOMPARABLE: Any = object()


def _ordered(first: Any, second: Any) -> int | None:
    if isinstance(first, bool) or isinstance(second, bool):
        return _INCOMPARABLE  # type: ignore[no-any-return]
    if isinstance(first, str) and isinstance(second, str):
        return (first > second) - (first < second)
    if isinstance(first, int | Decimal) and isinstance(second, int | Decimal):
        return (first > second) - (first < second)
    if isinstance(first, Temporal) and isinstance(second, Temporal) and _same_kind(first, second):
        return temporal.order(first, second)
    if isinstance(first, Quantity) or isinstance(second, Quantity):
        left, right = _measured(first), _measured(second)
        if left is not None and right is not None:
            return quantity.order(left, right)
    return _INCOMPARABLE  # type: ignore[no-any-return]


def _same_kind(first: Temporal, second: Temporal) -> bool:
    return isinstance(first, Time) == isinstance(second, Time)


def _measured(value: Any) -> Quantity | None:
    if isinstance(value, int | Decimal):
        return Quantity(Decimal(value))
    return value if isinstance(value, Quantity) else None
