"""Search parameters as they are published for R4, and the values that they look at in a resource.

An expression is evaluated by the FHIRPath engine, branch by branch of its union. `where(resolve() is Patient)` needs
no other resource here: which type a reference is to is told by the reference itself, or not at all.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.fhir.capability import search_parameters
from conformance.fhir.definitions import r4
from conformance.fhir.definitions.search import SearchParameter
from conformance.fhir.fhirpath import (
    DefinitionsModel,
    Expression,
    FhirPathError,
    Node,
    compile_invariant,
    root,
)
from conformance.fhir.references import named
from conformance.fhir.search.held import Held

__all__ = ["Known", "by_url", "held_values", "kinds", "known", "published"]

_RESOLVED = re.compile(r"\.where\(resolve\(\) is ([A-Za-z]+)\)$")
_LIMIT = 50_000
_MODEL = DefinitionsModel(r4())

Resource = dict[str, Any]


@dataclass(frozen=True)
class Branch:
    """One part of a union: `target` is the type that a reference must be to, empty where any will do."""

    expression: Expression
    target: str = ""


@dataclass(frozen=True)
class Known:
    """A search parameter of one resource type, ready to be evaluated."""

    name: str
    type: str
    definition: SearchParameter
    branches: tuple[Branch, ...]

    @property
    def target(self) -> str:
        """A type that its references may be to."""
        only = next((branch.target for branch in self.branches if branch.target), "")
        return only or next(iter(self.definition.target), "Patient")


@lru_cache(maxsize=4096)
def known(resource_type: str, name: str) -> Known | None:
    """The published parameter of this name for the type; None where there is none that can be evaluated."""
    definition = published(resource_type, name)
    if definition is None or not definition.expression:
        return None
    parts = [part for part in _union(definition.expression) if _is_for(part, resource_type)]
    try:
        branches = tuple(_branch(part) for part in parts)
    except FhirPathError:
        return None
    return Known(name, definition.type, definition, branches) if branches else None


def published(resource_type: str, name: str) -> SearchParameter | None:
    """The definition of a parameter of that name for the type, or None."""
    return _published(resource_type).get(name)


@lru_cache(maxsize=512)
def _published(resource_type: str) -> dict[str, SearchParameter]:
    found: dict[str, SearchParameter] = {}
    for row in r4().search_parameters(resource_type):
        found.setdefault(row.code, row)
    return found


def kinds(statement: dict[str, Any], resource_type: str) -> dict[str, str]:
    """The names of the search parameters that a capability statement declares for a type, and their kinds.

    The kind is that of the published definition of the name, and nobody is excused from tests by saying otherwise, or
    nothing, or by naming a definition of their own: names cannot overlap with standard ones, and standard parameters
    cannot be redefined
    (https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.resource.searchParam.name).
    R4 contradicts itself about parameters for all types (`_profile`), so that what is declared of them counts.
    """
    found = {}
    for name, kind in search_parameters(statement, resource_type).items():
        definition = published(resource_type, name)
        theirs = definition is None or (name.startswith("_") and kind)
        found[name] = kind if theirs or definition is None else definition.type
    return found


@lru_cache(maxsize=512)
def by_url(url: str) -> SearchParameter | None:
    """The definition of this url, or None."""
    rows = (row for layer in r4().layers for row in layer.search_parameters(r4()))
    return next((row for row in rows if row.url == url), None)


def held_values(resource: Resource, parameter: Known) -> tuple[list[Held], bool]:
    """The values that the parameter looks at, and whether they are known to be all of them."""
    found: list[Held] = []
    whole = True
    node = root(resource, _MODEL)
    for branch in parameter.branches:
        try:
            items = branch.expression.evaluate(node, model=_MODEL, limit=_LIMIT)
        except FhirPathError:
            whole = False
            continue
        for item in items:
            held = _held(item)
            fits = _targets(held.value, branch.target) if branch.target else True
            if fits is None:
                whole = False
            elif fits and not (held.value is None and held.node is not None):
                found.append(held)
    return found, whole


def below(held: Held, expression: str) -> tuple[list[Held], bool]:
    """The values of an expression at one held value, and whether it could be evaluated."""
    try:
        items = [
            item
            for part in _union(expression)
            for item in compile_invariant(part).evaluate(
                held.node, model=_MODEL, variables=_resource_of(held), limit=_LIMIT
            )
        ]
    except FhirPathError:
        return [], False
    return [_held(item) for item in items], True


def _resource_of(held: Held) -> dict[str, Any]:
    node = held.node
    while node is not None and node.parent is not None:
        node = node.parent
    return {"resource": node} if node is not None else {}


def _held(item: Any) -> Held:
    if isinstance(item, Node):
        return Held(item.type_name, item.value, item)
    return Held("boolean" if isinstance(item, bool) else type(item).__name__, item)


def _targets(value: Any, wanted: str) -> bool | None:
    """Whether a reference is to a resource of this type; None where it does not say."""
    if not isinstance(value, dict):
        return False
    name = named(value.get("reference"))
    stated = name.partition("/")[0] if name else value.get("type")
    return stated.rpartition("/")[2] == wanted if isinstance(stated, str) else None


def _branch(text: str) -> Branch:
    found = _RESOLVED.search(text)
    path = text[: found.start()] if found else text
    return Branch(compile_invariant(path), found[1] if found else "")


def _is_for(part: str, resource_type: str) -> bool:
    first = re.match(r"[(\s]*([A-Za-z]+)", part)
    return first is not None and first[1] in {resource_type, "Resource", "DomainResource"}


def _union(expression: str) -> list[str]:
    """The parts of a union at its top level."""
    parts, depth = [""], 0
    for char in expression:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]
