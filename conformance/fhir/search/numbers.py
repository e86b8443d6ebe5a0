"""Numbers and quantities: prefixes, significant figures, units (FHIR R4, search.html#number, #quantity)."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from typing import Any

from conformance.fhir import ucum
from conformance.fhir.dates import Prefix
from conformance.fhir.search.answers import Answer, Test, all_of, undecided
from conformance.fhir.search.criteria import split, unescaped
from conformance.fhir.search.dates import prefixed
from conformance.fhir.search.held import Held

__all__ = ["decimal", "number_test", "quantity_test"]

UCUM = "http://unitsofmeasure.org"
_APPROXIMATELY = Decimal("0.1")
_QUANTITIES = frozenset(
    {"Quantity", "Age", "Count", "Distance", "Duration", "SimpleQuantity", "MoneyQuantity"}
)
_LARGEST_EXPONENT = 400


def decimal(value: Any) -> Decimal | None:
    """A JSON number, or the text of one, as the decimal that it was written as; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < _LARGEST_EXPONENT else None


def number_test(text: str) -> Test:
    """Whether a number matches the searched one; whole numbers are compared exactly."""
    prefix, number = prefixed(text)
    searched = decimal(number)
    return undecided if searched is None else partial(_number, prefix, searched)


def _number(prefix: Prefix, searched: Decimal, held: Held) -> Answer:
    number = decimal(held.value)
    if number is None:
        return None
    answer = _compared(prefix, searched, number)
    whole = held.type in {"integer", "positiveInt", "unsignedInt"}
    return (
        None
        if whole and prefix in {"eq", "ne"} and answer is (prefix == "eq") and number != searched
        else answer
    )


def quantity_test(text: str) -> Test:
    """Whether a quantity matches `number`, `number|system|code` or `number||unit`.

    Servers may convert units; what is only found so, nobody can tell. Ranges, sampled data and quantities with a
    comparator are not judged.
    """
    stated, *unit = split(text, "|")
    prefix, number = prefixed(unescaped(stated))
    searched = decimal(number)
    if searched is None or len(unit) not in {0, 2}:
        return undecided
    return partial(_quantity, prefix, searched, [unescaped(part) for part in unit])


def _quantity(prefix: Prefix, searched: Decimal, unit: list[str], held: Held) -> Answer:
    value = held.value
    if held.type not in _QUANTITIES or not isinstance(value, dict):
        return None
    number = decimal(value.get("value"))
    if number is None or "comparator" in value:
        return None
    if not unit:
        return _compared(prefix, searched, number)
    system, code = unit
    same = _same_unit(system, code, value)
    if same is not False:
        return all_of((same, _compared(prefix, searched, number)))
    return _converted(prefix, searched, code, number, value) if system in {"", UCUM} else False


def _same_unit(system: str, code: str, held: dict[str, Any]) -> Answer:
    if not system:
        return code in {held.get("code"), held.get("unit")}
    if held.get("code") == code and held.get("system") == system:
        return True
    # A unit that is written without its system may be understood all the same.
    return None if "system" not in held and code in {held.get("code"), held.get("unit")} else False


def _converted(prefix: Prefix, searched: Decimal, code: str, number: Decimal, held: dict[str, Any]) -> Answer:
    source = held.get("code")
    if held.get("system") != UCUM or not isinstance(source, str):
        return False if held.get("system") not in {None, UCUM} else None
    converted = ucum.convert(Fraction(number), source, code)
    if converted is None:
        return False if ucum.measure(code) is not None and ucum.measure(source) is not None else None
    try:
        there = Decimal(converted.numerator) / Decimal(converted.denominator)
    except (InvalidOperation, ArithmeticError):
        return None
    return False if _compared(prefix, searched, there) is False and not _near(searched, there) else None


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= abs(one) * _APPROXIMATELY


def _compared(prefix: Prefix, searched: Decimal, held: Decimal) -> Answer:
    if prefix in {"", "eq", "ne"}:
        within = _within(searched, held)
        if prefix != "ne":
            return within
        return None if within is not False and held != searched else not within
    if prefix == "ap":
        return True if held == searched else None
    # A number is a point: nothing lies between after it and greater than it.
    return {
        "gt": held > searched,
        "sa": held > searched,
        "lt": held < searched,
        "eb": held < searched,
        "ge": held >= searched,
        "le": held <= searched,
    }[prefix]


def _within(searched: Decimal, held: Decimal) -> Answer:
    """Whether a number rounds to the searched one: 5.4 stands for 5.35 up to but without 5.45.

    What 1e2 stands for is told in two ways: by its one digit, and by the example in the specification.
    """
    exponent = int(searched.as_tuple().exponent)
    wide, narrow = (
        Decimal(5).scaleb(exponent - 1),
        Decimal(5).scaleb(min(exponent, 0) - 1 + max(exponent - 1, 0)),
    )
    if searched - narrow <= held < searched + narrow:
        return True
    return None if searched - wide <= held < searched + wide else False
