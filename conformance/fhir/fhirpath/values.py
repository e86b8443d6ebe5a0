"""What items mean: a FHIR primitive as a System value, a Quantity as a System.Quantity, types, texts.

Source: FHIRPath N1, 4.1 and 5.5; FHIR R4, fhirpath.html (using FHIR types in expressions).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.nodes import Item, Items, Node
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.temporal import Date, DateTime, Time

UCUM = "http://unitsofmeasure.org"

LARGEST_EXPONENT = 400
"""Numbers of more digits than this, before or after the point, are not reckoned with."""

_SHOWN = 60
"""Characters of a number that a message shows."""

_CALENDAR = {"a": "year", "mo": "month"}
"""UCUM codes that FHIR takes for calendar durations when a Quantity is converted."""

_PARSERS = {"Date": Date.parse, "DateTime": DateTime.parse, "Time": Time.parse}


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """What `type()` gives: `System.String`, `FHIR.Patient`."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"


def system(item: Item) -> Any:  # noqa: PLR0911 - one for each kind of value
    """The System value of an item: of a primitive its value, of a Quantity a System.Quantity.

    A primitive without a value is None. Whatever has no System value stays the node that it is; a primitive whose
    text is not of its type stays that text.
    """
    if item.__class__ is not Node:
        return item
    value, shape = item.value, item.shape
    if value is None:
        return None if item.is_primitive else item
    kind = value.__class__
    if kind is str:
        if shape is not None and shape.system in _PARSERS:
            parsed: Any = _PARSERS[shape.system](value)
            return value if parsed is None else parsed
        return value
    if kind is bool:
        return value
    if kind is int:
        return Decimal(value) if shape is not None and shape.system == "Decimal" else value
    if kind is float or kind is Decimal:
        return _decimal(value)
    if kind is dict and shape is not None and "Quantity" in shape.ancestors:
        return _quantity(item, value)
    return item


def single(items: Items, what: str) -> Any:
    """The System value of the only item, None where there is none. Raises EvaluationError where there are more."""
    if not items:
        return None
    if len(items) > 1:
        raise EvaluationError(f"{what} needs one item, and has {len(items)}")
    return system(items[0])


def truth(items: Items, what: str = "a condition") -> bool | None:
    """A collection as a condition: empty is None, one Boolean itself, any other single item is true.

    Raises EvaluationError for several items. Source: FHIRPath N1, 4.5 (singleton evaluation of collections).
    """
    if not items:
        return None
    if len(items) > 1:
        raise EvaluationError(f"{what} needs one item, and has {len(items)}")
    item = items[0]
    if item is True or item is False:
        return bool(item)
    if item.__class__ is Node:
        value = item.value
        if value is True or value is False:
            return bool(value)
    return True


def type_of(item: Item) -> TypeInfo:
    """The type of an item, with its namespace."""
    if isinstance(item, Node):
        if item.shape is None and item.value.__class__ is not dict:
            return type_of(system(item))
        return TypeInfo("FHIR", item.type_name)
    return TypeInfo("System", _SYSTEM_NAMES.get(type(item), "Any"))


_SYSTEM_NAMES: dict[type, str] = {
    bool: "Boolean",
    int: "Integer",
    Decimal: "Decimal",
    str: "String",
    Date: "Date",
    DateTime: "DateTime",
    Time: "Time",
    Quantity: "Quantity",
    TypeInfo: "SimpleTypeInfo",
}
SYSTEM_TYPES = frozenset(_SYSTEM_NAMES.values()) | {"Any"}


def text(value: Any) -> str | None:
    """A System value as `toString()` writes it; None for what has no text."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str | int | Date | DateTime | Time | Quantity | TypeInfo):
        return str(value)
    return None


def described(item: Item) -> str:
    """How a message calls an item: its type, and its place where it has one."""
    return repr(item) if isinstance(item, Node) else f"a {type_of(item).name}"


def is_reckonable(value: Decimal) -> bool:
    """Whether a number is of a size that can be reckoned with and written out (1E+999999999 cannot).

    Nor can one of very many places: to compare two such quantities takes time by the square of their digits.
    """
    if not value.is_finite() or abs(value.adjusted()) > LARGEST_EXPONENT:
        return False
    return len(value.as_tuple().digits) <= 2 * LARGEST_EXPONENT


def _decimal(value: float | Decimal) -> Decimal:
    found = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not is_reckonable(found):
        shown = str(found)
        number = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        raise EvaluationError(f"the number {number} is too large, too small or too long to reckon with")
    return found


def _quantity(node: Node, value: dict[str, Any]) -> Any:
    number = value.get("value")
    if not isinstance(number, int | float | Decimal) or isinstance(number, bool) or value.get("comparator"):
        return node
    amount = _decimal(number)
    code, declared = value.get("code"), value.get("system")
    if not isinstance(code, str) or not code:
        unit = value.get("unit")
        return Quantity(amount, unit if isinstance(unit, str) and unit else "1")
    if declared != UCUM:
        return Quantity(amount, f"{declared}|{code}")
    calendar = _CALENDAR.get(code)
    return Quantity(amount, calendar, calendar=True, code=code) if calendar else Quantity(amount, code)
