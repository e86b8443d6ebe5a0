"""When items are equal (`=`), equivalent (`~`) or the same member of a set.

Source: FHIRPath N1, 6.1. Equality can be undecided (None): dates of different precision, units that do not convert.
"""

from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from conformance.fhir.fhirpath import quantity, temporal
from conformance.fhir.fhirpath.nodes import Item, Items, Node, children
from conformance.fhir.fhirpath.quantity import Quantity, decimals
from conformance.fhir.fhirpath.temporal import Date, DateTime, Temporal, Time
from conformance.fhir.fhirpath.values import system


def equal(left: Items, right: Items) -> bool | None:
    """`left = right`: None where either is empty, or where the items cannot tell."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    undecided = False
    for one, other in zip(left, right, strict=True):
        same = equal_items(one, other)
        if same is False:
            return False
        undecided = undecided or same is None
    return None if undecided else True


def equivalent(left: Items, right: Items) -> bool:
    """`left ~ right`: the same items in any order, texts without regard to case and white space."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for one in left:
        place = next((at for at, other in enumerate(rest) if equivalent_items(one, other)), None)
        if place is None:
            return False
        del rest[place]
    return True


def equal_items(one: Item, other: Item) -> bool | None:  # noqa: PLR0911 - one for each kind of value
    """Whether two items are equal; None where their precision or units cannot tell."""
    first, second = system(one), system(other)
    kind = first.__class__
    if kind is str and second.__class__ is str:
        return bool(first == second)
    if first is None or second is None or kind is Node or second.__class__ is Node:
        return _equal_nodes(one, other)
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, int | Decimal) and isinstance(second, int | Decimal):
        return first == second
    if isinstance(first, Temporal) or isinstance(second, Temporal):
        return _equal_moments(*as_moments(one, first, other, second))
    if isinstance(first, Quantity) or isinstance(second, Quantity):
        return _equal_quantities(_measured(first), _measured(second))
    return bool(first == second) if kind is second.__class__ else False


def equivalent_items(one: Item, other: Item) -> bool:  # noqa: PLR0911 - one for each kind of value
    """Whether two items are equivalent."""
    first, second = system(one), system(other)
    if isinstance(first, Node) or isinstance(second, Node) or first is None or second is None:
        return _equivalent_nodes(one, other)
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, str) and isinstance(second, str):
        return " ".join(first.casefold().split()) == " ".join(second.casefold().split())
    if isinstance(first, int | Decimal) and isinstance(second, int | Decimal):
        return _alike(Decimal(first), Decimal(second))
    if isinstance(first, Temporal) or isinstance(second, Temporal):
        return _equal_moments(*as_moments(one, first, other, second)) is True
    if isinstance(first, Quantity) or isinstance(second, Quantity):
        left, right = _measured(first), _measured(second)
        return left is not None and right is not None and quantity.equivalent(left, right)
    return bool(first == second)


def as_moments(one: Item, first: Any, other: Item, second: Any) -> tuple[Any, Any]:
    """Two values of which one is a date or time; the text of an untyped node is read as the other's type."""
    if isinstance(first, str) and isinstance(one, Node) and one.shape is None:
        first = _like(second, first)
    if isinstance(second, str) and isinstance(other, Node) and other.shape is None:
        second = _like(first, second)
    return first, second


def key(item: Item) -> Hashable:  # noqa: PLR0911 - one for each kind of value
    """What two equal items share, and different ones do not: for sets."""
    value = system(item)
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, str | int | Decimal):
        return value
    if isinstance(value, Time):
        return ("time", value.parts)
    if isinstance(value, Temporal):
        zoned = value.offset is not None
        return ("date", temporal.in_utc(value), zoned and len(value.parts) > temporal.DAY_IS_KNOWN)
    if isinstance(value, Quantity):
        return _quantity_key(value)
    if isinstance(item, Node):
        return ("node", _frozen(item.value), _frozen(item.extra))
    return ("other", str(value))


def distinct(items: Iterable[Item]) -> list[Item]:
    """The items without those that equal an earlier one, in order."""
    found: dict[Hashable, Item] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())


def _quantity_key(value: Quantity) -> Hashable:
    if not value.calendar:
        measured = quantity.base(value)
        if measured is not None:
            return ("quantity", *measured)
    return ("quantity", value.value, value.unit, value.calendar)


def _equal_moments(first: Any, second: Any) -> bool | None:
    if not isinstance(first, Temporal) or not isinstance(second, Temporal):
        return False
    if isinstance(first, Time) != isinstance(second, Time):
        return False
    found = temporal.order(first, second)
    return None if found is None else found == 0


def _equal_quantities(first: Quantity | None, second: Quantity | None) -> bool | None:
    if first is None or second is None:
        return False
    found = quantity.order(first, second)
    return None if found is None else found == 0


def _measured(value: Any) -> Quantity | None:
    if isinstance(value, Quantity):
        return value
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Quantity(Decimal(value)) if number else None


def _alike(first: Decimal, second: Decimal) -> bool:
    places = min(decimals(first), decimals(second))
    return round(first, places) == round(second, places)


def _like(moment: Any, text: str) -> Any:
    kind = next((kind for kind in (Date, DateTime, Time) if isinstance(moment, kind)), None)
    parsed = DateTime.parse(text) if kind is Date and "T" in text else kind.parse(text) if kind else None
    return text if parsed is None else parsed


def _equal_nodes(one: Item, other: Item) -> bool | None:
    if not isinstance(one, Node) or not isinstance(other, Node):
        return False
    if one is other or (one.value == other.value and (one.extra or None) == (other.extra or None)):
        return True
    first, second = _by_name(one), _by_name(other)
    if not first or first.keys() != second.keys():
        return False
    answers = [equal(first[name], second[name]) for name in first]
    if False in answers:
        return False
    return None if None in answers else True


def _equivalent_nodes(one: Item, other: Item) -> bool:
    if not isinstance(one, Node) or not isinstance(other, Node):
        return False
    if one is other or (one.value == other.value and (one.extra or None) == (other.extra or None)):
        return True
    first, second = _by_name(one), _by_name(other)
    return (
        bool(first)
        and first.keys() == second.keys()
        and all(equivalent(first[name], second[name]) for name in first)
    )


def _by_name(node: Node) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for child in children(node):
        found.setdefault(child.name, []).append(child)
    return found


def _frozen(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return frozenset((name, _frozen(part)) for name, part in value.items())
    if isinstance(value, list):
        return tuple(_frozen(part) for part in value)
    if isinstance(value, bool):
        return ("boolean", value)
    return value  # type: ignore[no-any-return]
