"""What can be searched: the search parameters of each resource type, read from small tables.

A table gives each type a text with one line a parameter: its name, its kind and the elements that it looks at.
`token@system` names the code system that a plain code element is bound to; `reference>Patient` looks only at
references to that type; `telecom[system=phone]` takes only the list items with that member. A composite names the
places that its parts stand in together (`.` is the resource) and then each part as `kind:element`.
See https://hl7.org/fhir/R4/searchparameter-registry.html.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from conformance.reference.records.parameters_admin import ADMINISTRATIVE
from conformance.reference.records.parameters_clinical import CLINICAL
from conformance.reference.records.parameters_worlds import OF_SOME_WORLDS

COMMON = """
_tag       token  meta.tag
_security  token  meta.security
_profile   uri    meta.profile
_source    uri    meta.source
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One element on the way to a value, and the member that list items must have."""

    element: str
    member: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter of one resource type."""

    name: str
    kind: str
    paths: tuple[tuple[Step, ...], ...]
    system: str = ""
    target: str = ""
    parts: tuple["Parameter", ...] = ()

    def part(self, number: int, place: int) -> "Parameter":
        """One part of a composite at one of its places, as a parameter of its own."""
        return replace(self.parts[number], name=f"{self.name}${number}@{place}")

    def beside(self, what: str, kind: str) -> "Parameter":
        """What is searched beside the values themselves: texts of codes, identifiers of references."""
        return Parameter(f"{self.name}:{what}", kind, self.paths)


def values(resource: Mapping[str, Any], path: Iterable[Step]) -> list[Any]:
    """Everything that stands at a path, lists flattened."""
    nodes: list[Any] = [resource]
    for step in path:
        found: list[Any] = []
        for node in nodes:
            value = node.get(step.element) if isinstance(node, dict) else None
            if isinstance(value, list):
                found.extend(value)
            elif value is not None:
                found.append(value)
        if step.member:
            found = [node for node in found if isinstance(node, dict) and node.get(step.member) == step.value]
        if not found:
            return found
        nodes = found
    return nodes


def _step(text: str) -> Step:
    element, _, condition = text.partition("[")
    member, _, value = condition.rstrip("]").partition("=")
    return Step(element, member, value)


def _parameter(line: str) -> Parameter:
    name, form, *paths = line.split()
    kind, _, target = form.partition(">")
    kind, _, system = kind.partition("@")
    if kind == "composite":
        places, *parts = paths
        return Parameter(
            name, kind, tuple(_path(place) for place in places.split(",")), parts=tuple(map(_part, parts))
        )
    return Parameter(name, kind, tuple(map(_path, paths)), system, target)


def _path(text: str) -> tuple[Step, ...]:
    """The steps of a path; none for the resource itself."""
    return () if text == "." else tuple(_step(step) for step in text.split("."))


def _part(text: str) -> Parameter:
    kind, _, path = text.partition(":")
    return Parameter("", kind, (_path(path),))


def _table(text: str) -> tuple[Parameter, ...]:
    lines = (*COMMON.splitlines(), *text.splitlines())
    return tuple(_parameter(line) for line in lines if line.strip())


_TABLES: Mapping[str, tuple[Parameter, ...]] = MappingProxyType(
    {name: _table(text) for name, text in sorted({**ADMINISTRATIVE, **CLINICAL, **OF_SOME_WORLDS}.items())}
)
_GENERIC = _table("")

KNOWN_TYPES = tuple(_TABLES)
"""All types of which the search parameters are known."""

SUPPORTED_TYPES = tuple(name for name in _TABLES if name not in OF_SOME_WORLDS)
"""The types that every supplier offers."""


def parameters_of(resource_type: str) -> tuple[Parameter, ...]:
    """The search parameters of a type, beside `_id` and `_lastUpdated`, which every type has."""
    return _TABLES.get(resource_type, _GENERIC)


def parameter(resource_type: str, name: str) -> Parameter | None:
    """The parameter of that name, if the type has it."""
    return next((known for known in parameters_of(resource_type) if known.name == name), None)
