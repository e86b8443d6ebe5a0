"""Corrections of what FHIR publishes, R4 4.0.1 above all: one versioned table, `errata.json`, each row with its source.

They are applied to every structure, wherever it was loaded from and whatever its release, so that a profile whose
snapshot repeats a faulty expression, or another release that repeats it, is judged by the corrected one too. An
expression that was mended is another one, and is left alone. A report names `ERRATA.version`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pkgutil import get_data
from typing import Any

import orjson

from conformance.fhir.definitions.table import Binding, Constraint, Context, Element, Structure, TypeRef

__all__ = ["ERRATA", "Errata", "Erratum", "amended"]


@dataclass(frozen=True, slots=True)
class Erratum:
    """One correction: where it applies, what is published, what is used instead, why, and who says so.

    `constraints` are the keys of the invariants that are corrected; `contexts` further elements on which the
    extension `element` may stand; `binding` a value set whose binding to the element has another strength. None of
    them is there where something else is corrected.
    """

    id: str
    element: str
    constraints: tuple[str, ...]
    published: str
    used: str
    why: str
    sources: tuple[str, ...]
    contexts: tuple[str, ...] = ()
    binding: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Errata:
    """The versioned table of corrections."""

    version: str
    entries: tuple[Erratum, ...]

    @cached_property
    def expressions(self) -> Mapping[tuple[str, str], str]:
        """The expression to use, by the key of an invariant and the expression that is published."""
        return {(key, row.published): row.used for row in self.entries for key in row.constraints}

    @cached_property
    def contexts(self) -> Mapping[str, tuple[Context, ...]]:
        """Where an extension may stand besides what is published, by its url."""
        return {
            row.element: tuple(Context("element", path) for path in row.contexts)
            for row in self.entries
            if row.contexts
        }

    @cached_property
    def strengths(self) -> Mapping[tuple[str, str], str]:
        """The strength of a binding, by the path of the element and the value set."""
        return {
            (row.element, row.binding["valueSet"]): row.binding["strength"]
            for row in self.entries
            if row.binding
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the table, for the record of what decided a verdict."""
        return sha256(orjson.dumps([self.version, self.entries])).hexdigest()


def _read() -> Errata:
    text = get_data(__package__, "errata.json") or b""
    found = orjson.loads(text)
    return Errata(found["version"], tuple(map(_erratum, found["errata"])))


def _erratum(row: dict[str, Any]) -> Erratum:
    lists = {name: tuple(row.get(name, ())) for name in ("constraints", "sources", "contexts")}
    return Erratum(**{**row, **lists})


ERRATA = _read()


def amended(structure: Structure) -> Structure:
    """The structure with the corrections applied; the same object where none concerns it."""
    root = _amended(structure.root)
    if any(
        child.name == "implicitRules" for child in root.children
    ):  # a resource: the kind of some is misstated
        root = _with_id_type(root)
    more = ERRATA.contexts.get(structure.url, ())
    if root is structure.root and not more:
        return structure
    return replace(structure, root=root, contexts=(*structure.contexts, *more))


def _amended(element: Element) -> Element:
    if element.name == "id" and element.representation and [row.code for row in element.types] == ["id"]:
        return replace(element, types=(TypeRef("string"),))  # erratum `element-id`
    constraints = tuple(map(_corrected, element.constraints))
    children = tuple(map(_amended, element.children))
    slices = tuple(map(_amended, element.slices))
    binding = _rebound(element)
    old = (*element.constraints, *element.children, *element.slices, element.binding)
    if all(new is was for new, was in zip((*constraints, *children, *slices, binding), old, strict=True)):
        return element
    return replace(element, constraints=constraints, children=children, slices=slices, binding=binding)


def _rebound(element: Element) -> Binding | None:
    if element.binding is None:
        return None
    strength = ERRATA.strengths.get((element.path, element.binding.value_set))
    return element.binding if strength is None else replace(element.binding, strength=strength)


def _corrected(constraint: Constraint) -> Constraint:
    used = ERRATA.expressions.get((constraint.key, constraint.expression))
    return constraint if used is None else replace(constraint, expression=used)


def _with_id_type(root: Element) -> Element:
    """`Resource.id` is an id: the snapshots of R4 type it as string (erratum `resource-id`)."""
    for number, child in enumerate(root.children):
        if child.name == "id" and [row.code for row in child.types] == ["string"]:
            mended = replace(child, types=(TypeRef("id"),))
            return replace(root, children=(*root.children[:number], mended, *root.children[number + 1 :]))
    return root
