"""A differential laid upon the element tree of its base: the full structure that the two make together.

Each row of the differential is applied in turn. Its id (or, where it has none, its path and the slice that the rows
before it opened) names the steps from the root; what the steps lead through is unfolded on the way: the children of
the element's type, of the one profile set on it, or of the element that it shares.

Source: FHIR R4, Profiling FHIR (https://hl7.org/fhir/R4/profiling.html) and ElementDefinition
(https://hl7.org/fhir/R4/elementdefinition.html): differential, slicing, id.
"""

from dataclasses import replace
from typing import Any, Protocol

from conformance.fhir.definitions.addressing import Step, addressed
from conformance.fhir.definitions.merging import merged, narrowed, new_slice, rebased
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.snapshot import Json, element_of, structure_of
from conformance.fhir.definitions.table import Element, Structure

__all__ = ["Lookup", "missing_base", "overlay"]


class Lookup(Protocol):
    """What an overlay asks of the definitions that it is made in."""

    def structure(self, canonical: str) -> Structure | None:
        """The structure of a canonical."""

    def type(self, name: str) -> Structure | None:
        """The structure of a type's name."""

    def children(self, element: Element, type_name: str = "") -> tuple[Element, ...]:
        """The elements below an element."""

    def shared(self, element: Element) -> Element | None:
        """The element that a contentReference names."""


def missing_base(url: str, base: str, where: str = "") -> DefinitionProblem:
    """The problem of a structure whose base is in no loaded package."""
    return DefinitionProblem(
        f"its base {base} is in none of the loaded packages",
        structure=url,
        where=where,
        hint="Load the package that defines it (--package NAME@VERSION, a .tgz or a folder).",
    )


def overlay(definition: Json, definitions: Lookup, *, package: str = "", where: str = "") -> Structure:
    """The structure of a StructureDefinition without snapshot.

    Raises `DefinitionProblem` where its base is missing, cyclic or broken, or a row fits nothing in the base.
    """
    url = definition["url"]
    rows = definition.get("differential", {}).get("element", [])
    base_url = definition.get("baseDefinition", "")
    base = definitions.structure(base_url) if base_url else None
    if base is None and base_url:
        raise missing_base(url, base_url, where)
    grows = definition.get("derivation") == "specialization" or base is None
    type_name = str(definition.get("type") or url).rsplit("/", 1)[-1]
    root = _first(base, rows, type_name, grows=grows)
    renames = str(definition.get("fhirVersion", "")).startswith(("1.", "3."))
    laying = _Overlay(definitions, grows=grows, renames=renames)
    try:
        for steps, row in addressed(rows):
            root = laying.applied(root, steps, row)
    except _Misfit as misfit:
        raise DefinitionProblem(
            str(misfit), structure=url, element=misfit.element, where=where, hint=misfit.hint
        ) from misfit
    made = structure_of(definition, root, package=package)
    return _inheriting(made, base) if base is not None else made


class _Misfit(Exception):
    """A row of a differential fits nothing in the base."""

    def __init__(self, message: str, element: str, hint: str) -> None:
        super().__init__(message)
        self.element = element
        self.hint = hint


class _Overlay:
    """Applies rows.

    `grows` says that the differential may add elements (a type or logical model of its own), `renames` that
    `valueQuantity` limits `value[x]` to that type, as in STU3, where R4 reads it as a slice of that type. Within a
    slice it limits it in R4 too: so read all snapshots that HL7 published (bp, US Core).
    """

    def __init__(self, definitions: Lookup, *, grows: bool, renames: bool) -> None:
        self._definitions = definitions
        self._grows = grows
        self._renames = renames

    def applied(self, node: Element, steps: tuple[Step, ...], row: Json) -> Element:
        """The node with the row applied at the end of the steps."""
        if not steps:
            return merged(node, row)
        (name, slice_name), *others = steps
        rest = tuple(others)
        node = self._unfolded(node, name)
        at, holder = _child(node, name)
        if holder is None:
            if not (self._grows and not rest):
                raise _unmatched(node, name, row)
            added = rebased(element_of(row), node)
            return replace(node, children=(*node.children, added))
        if not slice_name and holder.name != name:
            slice_name = "" if len(holder.types) == 1 and not holder.slices else name
            if self._renames or ":" in node.id:
                holder, slice_name = narrowed(holder, name), ""
        new = (
            self._sliced(holder, name, slice_name, rest, row)
            if slice_name
            else self.applied(holder, rest, row)
        )
        return replace(node, children=(*node.children[:at], new, *node.children[at + 1 :]))

    def _sliced(
        self, holder: Element, name: str, slice_name: str, rest: tuple[Step, ...], row: Json
    ) -> Element:
        """The holder with the row applied in one of its slices, which is made where the row introduces it."""
        found = next((at for at, known in enumerate(holder.slices) if known.slice_name == slice_name), None)
        if found is None and _is_no_slice(holder):
            return self.applied(holder, rest, row)
        if found is None:
            if rest and not holder.is_choice:
                raise _Misfit(
                    f"there is no slice {slice_name!r} of {holder.id} at this place",
                    str(row.get("id") or row["path"]),
                    "Introduce the slice (sliceName) before its children.",
                )
            return new_slice(holder, name, slice_name, lambda made: self.applied(made, rest, row))
        slices = list(holder.slices)
        slices[found] = self.applied(slices[found], rest, row)
        return replace(holder, slices=tuple(slices))

    def _unfolded(self, node: Element, name: str) -> Element:
        """The node with children of its own: those of its type, its one profile, or the element that it shares."""
        if node.children:
            return node
        if node.content_reference:
            shared = self._definitions.shared(node)
            if shared is None:
                return node
            children = tuple(rebased(child, node) for child in self._definitions.children(shared))
            return replace(node, children=children, types=shared.types, content_reference="")
        return replace(node, children=tuple(rebased(child, node) for child in self._below(node, name)))

    def _below(self, node: Element, name: str) -> tuple[Element, ...]:
        if len(node.types) != 1:
            common = self._definitions.type("Element") if node.types else None
            return common.root.children if common else ()
        only = node.types[0]
        profile = self._profile(only.profiles[0]) if len(only.profiles) == 1 else None
        if profile is not None and any(child.name == name for child in profile.root.children):
            return profile.root.children
        return self._definitions.children(node)

    def _profile(self, canonical: str) -> Structure | None:
        """The profile set on a type; None where it is absent or broken: its type's own children serve then."""
        try:
            return self._definitions.structure(canonical)
        except DefinitionProblem:
            return None


def _first(base: Structure | None, rows: list[Json], type_name: str, *, grows: bool) -> Element:
    """The root that the first row is applied to: the base's, named after the type that is defined."""
    if base is None:
        return element_of(rows[0] if rows else {"path": type_name})
    if not grows or base.root.name == type_name:
        return base.root
    name = str(rows[0]["path"]).split(".", 1)[0] if rows else type_name
    root = replace(base.root, id=name, path=name, name=name)
    return replace(root, children=tuple(rebased(child, root) for child in base.root.children))


def _child(node: Element, name: str) -> tuple[int, Element | None]:
    """The child of a name, or the choice that the name is a shorthand of (`valueQuantity` of `value[x]`)."""
    for at, child in enumerate(node.children):
        if child.name == name:
            return at, child
    for at, child in enumerate(node.children):
        if child.is_choice and name.startswith(child.name[:-3]):
            suffix = name[len(child.name) - 3 :]
            if any(_title(row.code) == suffix for row in child.types) or any(
                known.slice_name == name for known in child.slices
            ):
                return at, child
    return -1, None


def _is_no_slice(holder: Element) -> bool:
    """Whether a slice's name is a mere label: of an element that stands once and is not sliced."""
    return holder.max == 1 and holder.slicing is None and not holder.slices and not holder.is_choice


def _title(code: str) -> str:
    return code[:1].upper() + code[1:]


def _unmatched(node: Element, name: str, row: Json) -> _Misfit:
    kinds = ", ".join(row.code for row in node.types) or "no type"
    return _Misfit(
        f"there is no element {name!r} in {node.id} ({kinds}) of the base",
        str(row.get("id") or row["path"]),
        "Correct the path, or load the version of the base that has this element.",
    )


def _inheriting(made: Structure, base: Structure) -> Structure:
    """What a structure takes over from its base where it says nothing itself."""
    changes: dict[str, Any] = {}
    if not made.regex:
        changes["regex"] = base.regex
    if not made.contexts and base.type == "Extension" and base.is_profile:
        changes["contexts"] = base.contexts
        changes["context_invariants"] = base.context_invariants
    return replace(made, **changes) if changes else made
