"""Reading JSON that may hold anything anywhere.

A rule takes what it understands and leaves the rest to the element table, which says what has a wrong type; so
these readers give an empty answer where a value is not what it should be, and never raise.
"""

from collections.abc import Iterator
from typing import Any

from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Structure
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.scope import Scope

Json = dict[str, Any]

SHORT = 80


def text_at(value: Any, name: str) -> str:
    """The string that an object has under a name, or an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def object_at(value: Any, name: str) -> Json:
    """The object that an object has under a name, or an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def objects_at(value: Any, name: str) -> list[Json]:
    """The objects in the array that an object has under a name; whatever else the array holds is left out."""
    found = value.get(name) if isinstance(value, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def everything_below(value: Any) -> Iterator[Json]:
    """Every object in a value, the value itself first, without recursion: depth is the sender's choice."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(reversed(found.values()))
        elif isinstance(found, list):
            waiting.extend(reversed(found))


def choice_of(value: Any, name: str) -> tuple[str, Any]:
    """The type (as the property shows it, `Coding`, `String`) and the value of a choice element, or two Nones."""
    if isinstance(value, dict):
        for key, found in value.items():
            if key.startswith(name) and key[len(name) : len(name) + 1].isupper():
                return key[len(name) :], found
    return "", None


def shortened(text: str) -> str:
    """A text of the document as a message may quote it."""
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def structure_of(scope: Scope, canonical: str) -> Structure | None:
    """The structure of a canonical; None where it is unknown or cannot be used (which the definitions report)."""
    try:
        return scope.definitions.structure(canonical)
    except DefinitionProblem:
        return None


def type_of(scope: Scope, name: str) -> Structure | None:
    """The definition of a FHIR type by its name, or None."""
    try:
        return scope.definitions.type(name)
    except DefinitionProblem:
        return None


def is_resource_type(scope: Scope, name: str) -> bool:
    """Whether a name is that of a resource type that can be instantiated."""
    found = type_of(scope, name) if name.isalnum() else None
    return found is not None and found.kind == "resource" and not found.abstract and not found.is_profile


def first_below(scope: Scope, node: Node, name: str) -> Node:
    """The first node below with this element name, or the node itself where there is none: a place to point at."""
    return next(iter(scope.below(node, name)), node)
