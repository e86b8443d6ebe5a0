"""The filters of a value set, computed on a code system whose codes are at hand.

Source: FHIR R4, ValueSet.compose.include.filter and the value set FilterOperator; `child-of` and `descendent-leaf`
are R5's. All filters of one include must hold.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from conformance.fhir.terminology import patterns
from conformance.fhir.terminology.code_system import CodeSystem
from conformance.fhir.terminology.nouns import text

ADDING = frozenset({"=", "is-a", "descendent-of", "in", "regex", "child-of"})
"""Operations that a longer list of codes can only make to select more."""

_ITSELF = frozenset({"concept", "code"})


class CannotCompute(Exception):
    """Raised where a filter cannot be computed; the message says which and why, for people."""


def select(system: CodeSystem, filters: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The codes for which every filter holds. Raises CannotCompute."""
    found = system.codes
    for each in filters:
        found &= _selected(system, text(each, "property"), text(each, "op"), text(each, "value"))
    return found


def _selected(system: CodeSystem, name: str, operation: str, value: str) -> frozenset[str]:
    told = f"the filter {name or '?'} {operation or '?'} {value or '?'} on {system.url}"
    on_hierarchy = _HIERARCHY.get(operation)
    if name in _ITSELF and on_hierarchy:
        if value not in system.codes:
            raise CannotCompute(f"{told} cannot be computed: the system has no code {value}")
        return on_hierarchy(system, value)
    if name not in _ITSELF and name not in system.known_properties:
        raise CannotCompute(
            f"{told} cannot be computed: it is not known which codes have the property {name}"
        )
    carried = _carried(system, name)
    by_value = _BY_VALUE.get(operation)
    if by_value is None or not value:
        raise CannotCompute(f"{told} cannot be computed")
    if operation == "=" and value == "false" and not all(carried.values()):
        raise CannotCompute(f"{told} cannot be computed: some codes do not say whether it is false")
    try:
        return by_value(carried, value)
    except ValueError as error:
        raise CannotCompute(f"{told} cannot be computed: {error}") from error


def _carried(system: CodeSystem, name: str) -> dict[str, tuple[str, ...]]:
    if name in _ITSELF:
        return {code: (code,) for code in system.codes}
    return {code: system.values(code, name) for code in system.codes}


def _leaves(system: CodeSystem, code: str) -> frozenset[str]:
    return frozenset(each for each in system.below(code) if not system.children.get(each))


_HIERARCHY: Mapping[str, Callable[[CodeSystem, str], frozenset[str]]] = {
    "is-a": lambda system, code: system.below(code) | {code},
    "descendent-of": lambda system, code: system.below(code),
    "is-not-a": lambda system, code: system.codes - system.below(code) - {code},
    "generalizes": lambda system, code: system.above(code) | {code},
    "child-of": lambda system, code: frozenset(system.children.get(code, ())),
    "descendent-leaf": _leaves,
}

_Carried = Mapping[str, tuple[str, ...]]


def _items(value: str) -> frozenset[str]:
    return frozenset(item.strip() for item in value.split(","))


def _equal(carried: _Carried, value: str) -> frozenset[str]:
    return frozenset(code for code, values in carried.items() if value in values)


def _in(carried: _Carried, value: str) -> frozenset[str]:
    wanted = _items(value)
    return frozenset(code for code, values in carried.items() if not wanted.isdisjoint(values))


def _not_in(carried: _Carried, value: str) -> frozenset[str]:
    return frozenset(carried) - _in(carried, value)


def _exists(carried: _Carried, value: str) -> frozenset[str]:
    if value not in {"true", "false"}:
        raise ValueError("exists asks for true or false")
    return frozenset(code for code, values in carried.items() if bool(values) is (value == "true"))


def _matching(carried: _Carried, value: str) -> frozenset[str]:
    fitting = patterns.whole_match(value, {each for values in carried.values() for each in values})
    return frozenset(code for code, values in carried.items() if not fitting.isdisjoint(values))


_BY_VALUE: Mapping[str, Callable[[_Carried, str], frozenset[str]]] = {
    "=": _equal,
    "in": _in,
    "not-in": _not_in,
    "exists": _exists,
    "regex": _matching,
}
