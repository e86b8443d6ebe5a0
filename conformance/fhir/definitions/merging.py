"""How one row of a differential changes one element, and how a slice grows out of the element that it slices.

Source: FHIR R4, ElementDefinition: a derived definition may only narrow what its base allows.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.fhir.definitions.snapshot import Json, binding_of, element_of
from conformance.fhir.definitions.table import Constraint, Discriminator, Element, Slicing, TypeRef

__all__ = ["merged", "narrowed", "new_slice", "rebased"]

_URL = Slicing((Discriminator("value", "url"),))
_TYPE = Slicing((Discriminator("type", "$this"),))
_REPLACED = {
    "contentReference": "content_reference",
    "maxLength": "max_length",
    "mustSupport": "must_support",
    "isModifier": "is_modifier",
    "slicing": "slicing",
    "type": "types",
}
_TYPED = {"fixed": "fixed", "pattern": "pattern", "minValue": "min_value", "maxValue": "max_value"}


def merged(element: Element, row: Json) -> Element:
    """The element with what the row says; a cardinality is narrowed, never widened."""
    said = element_of(row)
    changes: dict[str, Any] = {}
    for name, attribute in _REPLACED.items():
        if name in row and getattr(said, attribute):
            changes[attribute] = getattr(said, attribute)
    for attribute in _TYPED.values():
        value = getattr(said, attribute)
        if value is not None:
            changes[attribute] = value
    if "min" in row:
        changes["min"] = max(element.min, said.min)
    if "max" in row:
        changes["max"] = narrower(element.max, said.max)
    if said.constraints:
        changes["constraints"] = _joined(element.constraints, said.constraints)
    if "binding" in row:
        changes["binding"] = binding_of(row, element.binding)
    if said.slicing is not None and element.slicing is not None and not said.slicing.discriminators:
        changes["slicing"] = replace(said.slicing, discriminators=element.slicing.discriminators)
    return replace(element, **changes) if changes else element


def new_slice(holder: Element, name: str, slice_name: str, changed: Callable[[Element], Element]) -> Element:
    """The holder with one more slice: a copy of it (or of the slice that `a/b` slices again), then `changed`.

    A slice starts with minimum 0. A choice's slice that is named after a type has that type. Slices of extensions
    and choices need no declared slicing: the url and the type tell them apart.
    """
    parent = slice_name.rpartition("/")[0]
    source = next((known for known in holder.slices if parent and known.slice_name == parent), holder)
    own_id = f"{holder.id}:{slice_name}"
    bare = replace(
        source,
        id=own_id,
        slice_name=slice_name,
        slices=(),
        slicing=None,
        min=0,
        types=_types_of_slice(source, name, slice_name),
    )
    bare = replace(bare, children=tuple(rebased(child, bare) for child in bare.children))
    made = changed(bare)
    if made.max is not None and holder.max is not None:
        made = replace(made, max=min(made.max, holder.max))
    slices = list(holder.slices)
    at = max(
        (n for n, known in enumerate(slices, 1) if parent and _within(known.slice_name, parent)), default=0
    )
    slices.insert(at or len(slices), made)
    slicing = holder.slicing
    if slicing is None and (holder.is_choice or holder.name in {"extension", "modifierExtension"}):
        slicing = _TYPE if holder.is_choice else _URL
    grown = replace(holder, slices=tuple(slices), slicing=slicing)
    if holder.is_choice and made.min and holder.max == 1 and len(made.types) == 1:
        closed = replace(slicing, rules="closed") if slicing is not None else None
        return replace(grown, types=made.types, min=max(holder.min, made.min), slicing=closed)
    return grown


def narrowed(holder: Element, name: str) -> Element:
    """The choice with only the type that the shorthand names (`valueQuantity`)."""
    return replace(holder, types=_types_of_slice(holder, name, name))


def rebased(element: Element, parent: Element) -> Element:
    """The element, taken from elsewhere, with ids and paths as they are below `parent`."""
    mark = f":{element.slice_name}" if element.slice_name else ""
    own = replace(element, id=f"{parent.id}.{element.name}{mark}", path=f"{parent.path}.{element.name}")
    return replace(
        own,
        children=tuple(rebased(child, own) for child in element.children),
        slices=tuple(rebased(row, parent) for row in element.slices),
    )


def narrower(one: int | None, other: int | None) -> int | None:
    """The smaller of two maxima, where None is no limit."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _within(name: str, parent: str) -> bool:
    return name == parent or name.startswith(parent + "/")


def _types_of_slice(source: Element, name: str, slice_name: str) -> tuple[TypeRef, ...]:
    if source.is_choice:
        for wanted in (name, slice_name):
            suffix = wanted.removeprefix(source.name[:-3])
            found = tuple(row for row in source.types if row.code[:1].upper() + row.code[1:] == suffix)
            if found and wanted != suffix:
                return found
    return source.types


def _joined(known: tuple[Constraint, ...], added: tuple[Constraint, ...]) -> tuple[Constraint, ...]:
    """The constraints of both; one with the same key is replaced."""
    rows = {row.key: row for row in known}
    rows.update((row.key, row) for row in added)
    return tuple(rows.values())
