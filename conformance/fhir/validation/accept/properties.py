"""Tests of single properties: companions of primitives, contained and nested resources, fixed and counted values."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from conformance.fhir.definitions.table import Element
from conformance.fhir.validation.accept.extensions import Extensions
from conformance.fhir.validation.accept.plan import Check, Json, Kind, Refused, Row
from conformance.fhir.validation.limits import Limits
from conformance.fhir.validation.values import contains, equal
from conformance.fhir.validation.xhtml import is_clean_narrative

__all__ = ["all_of", "companion", "contained", "counted", "given", "given_scalar", "is_narrative", "resource"]

_COMPANION = frozenset({"id", "extension"})


def is_narrative(value: Any) -> bool:
    """Whether the XHTML of a narrative is certainly right."""
    return type(value) is str and is_clean_narrative(value)


def all_of(check: Check, tests: Iterable[Check]) -> Check:
    """A check of a scalar that asks several things."""
    asked = (check, *tests)

    def judged(value: Any) -> bool:
        return all(test(value) for test in asked)

    return judged


def given_scalar(element: Element | Limits) -> list[Check]:
    """Tests of what a definition gives for a primitive: fixed and pattern values, lengths and limits."""
    tests: list[Check] = [partial(_same, each.value) for each in (element.fixed, element.pattern) if each]
    if element.max_length is not None:
        tests.append(partial(_no_longer, element.max_length))
    if element.min_value is not None or element.max_value is not None:
        low, high = element.min_value, element.max_value
        tests.append(partial(_between, low.value if low else None, high.value if high else None))
    return tests


def given(element: Element | Limits) -> list[Callable[[Any, Any, Any], bool]]:
    """Tests of what a definition gives for a complex value."""
    tests: list[Callable[[Any, Any, Any], bool]] = []
    if element.fixed is not None:
        tests.append(partial(_equal, element.fixed.value))
    if element.pattern is not None:
        tests.append(partial(_contains, element.pattern.value))
    if element.min_value is not None or element.max_value is not None:
        tests.append(_never)
    return tests


def counted(element: Element) -> Callable[[Json, Any, Any], bool]:
    """A test of how often an element is there, where that is more than a question of being there."""
    name, least, most = element.name, element.min, element.max

    def judged(found: Json, _walk: Any, _row: Any) -> bool:
        count = len(found.get(name, ()))
        return (count >= least or (not count and not least)) and (most is None or count <= most)

    return judged


def companion(row: Row, extensions: Extensions) -> Row:
    """The row of `_name`, which carries the ids and extensions of a primitive."""
    made = Row(f"_{row.name}", row.path, row.type, Kind.SPECIAL)
    repeats = row.kind == Kind.SCALARS
    inner = Row("extension", f"{row.path}.extension", "Extension", Kind.SPECIAL, build=extensions.plan)

    def special(walk: Any, made: Row, holder: Json, value: Any, _holder_row: Row) -> int:
        walk.companions += 1
        if not repeats:
            if row.name not in holder and (row.bit or "extension" not in value):
                raise Refused
            return _companion(walk, extensions, inner, made, value)
        values = holder[row.name]  # gaps on either side are left to `explain`
        if type(value) is not list or len(value) != len(values) or not any(value):
            raise Refused
        return sum(_companion(walk, extensions, inner, made, each) for each in value if each is not None)

    made.special = special
    return made


def _companion(walk: Any, extensions: Extensions, inner: Row, holder_row: Row, value: Any) -> int:
    if type(value) is not dict or "extension" not in value or not value.keys() <= _COMPANION:
        raise Refused
    if "id" in value and (type(value["id"]) is not str or not value["id"].isalnum()):
        raise Refused
    return len(value) + extensions.visit(walk, inner, value, value["extension"], holder_row)


def contained(walk: Any, _row: Row, holder: Json, value: Any, holder_row: Row) -> int:
    """The resources that another one contains: without contained ones of their own, versions or labels."""
    if type(value) is not list or not value or holder is not walk.outermost or holder_row.path == "Bundle":
        raise Refused
    count = 0
    for item in value:
        if "contained" in item or not _CONTAINED_META.isdisjoint(item.get("meta", ())):
            raise Refused
        walk.resource = item
        count += walk.nested(item)
    walk.resource = holder
    return count


_CONTAINED_META = frozenset({"versionId", "lastUpdated", "security", "_versionId", "_lastUpdated"})


def resource(walk: Any, _row: Row, _holder: Json, value: Any, _holder_row: Row) -> int:
    """A resource in a Bundle's entry or in Parameters."""
    return int(walk.document(value))


def _same(expected: Any, value: Any) -> bool:
    return type(value) is type(expected) and bool(value == expected)


def _no_longer(most: int, value: Any) -> bool:
    return len(value) <= most


def _between(low: Any, high: Any, value: Any) -> bool:
    if type(value) is not int or type(low) not in {int, type(None)} or type(high) not in {int, type(None)}:
        return False
    return (low is None or low <= value) and (high is None or value <= high)


def _equal(expected: Any, found: Any, _walk: Any, _row: Any) -> bool:
    return equal(found, expected)


def _contains(expected: Any, found: Any, _walk: Any, _row: Any) -> bool:
    return contains(found, expected)


def _never(_found: Any, _walk: Any, _row: Any) -> bool:
    return False
