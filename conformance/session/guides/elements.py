"""The must-support elements of a structure, as a profile's `fhir:` block names them.

An element of a slice is named by what tells the slice: the url of an extension, or fixed values. Where nothing that
can be written down tells it, it is left out, and that is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from conformance.fhir.definitions.table import Element, Structure

Json = dict[str, Any]
THIS = "$this"


@dataclass(frozen=True)
class _Place:
    """How an element is reached: its path, and, below a slice, the path and the values that tell the slice."""

    path: str = ""
    slice_path: str = ""
    name: str = ""
    extension: str = ""
    having: tuple[tuple[str, Any], ...] = ()

    def below(self, step: str) -> "_Place":
        return replace(self, path=f"{self.path}.{step}".lstrip("."))

    def demand(self) -> Json:
        """The element as it is written."""
        if not self.slice_path:
            return {"path": self.path}
        having = dict(self.having)
        rest = self.path.removeprefix(self.slice_path).lstrip(".")
        name = f"{self.name}.{rest.replace('[x]', '')}" if rest else self.name
        if rest:
            having[rest] = None
        made: Json = {"path": self.slice_path, "name": name}
        if self.extension:
            made["extension"] = self.extension
        return made | ({"having": having} if having else {})


def must_support(structure: Structure, left_out: list[str]) -> Iterator[Json]:
    """Each must-support element, in the order of the structure; what cannot be named is added to `left_out`."""
    yield from _below(structure.root, _Place(), structure, left_out)


def _below(element: Element, place: _Place, structure: Structure, left_out: list[str]) -> Iterator[Json]:
    for child in element.children:
        here = place.below(child.name)
        if child.must_support:
            yield here.demand()
        yield from _below(child, here, structure, left_out)
        for piece in child.slices:
            if not _asks(piece):
                continue
            there = _slice_place(child, piece, here)
            if there is None:
                left_out.append(
                    f"{structure.name}: the slice {piece.id} (nothing that can be written tells it)"
                )
                continue
            if piece.must_support:
                yield there.demand()
            yield from _below(piece, there, structure, left_out)


def _asks(element: Element) -> bool:
    """Whether the element or anything below it is must-support."""
    return element.must_support or any(_asks(each) for each in (*element.children, *element.slices))


def _slice_place(holder: Element, piece: Element, here: _Place) -> _Place | None:
    """How a slice is reached; None where it cannot be told. Slices within slices are not told."""
    if here.slice_path:
        return None
    place = replace(here, slice_path=here.path, name=piece.slice_name)
    if holder.name in {"extension", "modifierExtension"}:
        url = next((url for kind in piece.types for url in kind.profiles), "")
        return replace(place, extension=url.partition("|")[0]) if url else None
    discriminators = holder.slicing.discriminators if holder.slicing else ()
    if holder.is_choice and all(each.kind == "type" and each.path == THIS for each in discriminators):
        code = piece.types[0].code if len(piece.types) == 1 else ""
        typed = f"{holder.name.removesuffix('[x]')}{code[:1].upper()}{code[1:]}"
        return _Place(here.path.removesuffix(holder.name) + typed) if code else None
    having: dict[str, Any] = {}
    for each in discriminators:
        if each.kind not in {"value", "pattern"}:
            return None
        values = _told(piece, each.path)
        if not values:
            return None
        having |= values
    return replace(place, having=tuple(having.items())) if having else None


def _told(piece: Element, path: str) -> dict[str, Any]:
    """The fixed values by path that a discriminator looks at; empty where the slice fixes none."""
    element: Element | None = piece
    steps = [] if path == THIS else path.split(".")
    for number, step in enumerate(steps):
        if element is None:
            return {}
        if fixed := element.pattern or element.fixed:
            return _flat(_at(fixed.value, steps[number:]), path)
        element = next((child for child in element.children if child.name == step), None)
    return _fixed_below(element, "" if path == THIS else path) if element is not None else {}


def _fixed_below(element: Element, path: str) -> dict[str, Any]:
    """All values that an element and those below it fix, by path."""
    if fixed := element.pattern or element.fixed:
        return _flat(fixed.value, path)
    found: dict[str, Any] = {}
    for child in element.children:
        found |= _fixed_below(child, f"{path}.{child.name}".lstrip("."))
    return found


def _at(value: Any, steps: list[str]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _flat(value: Any, path: str) -> dict[str, Any]:
    """The primitive values of a pattern by dotted path."""
    if isinstance(value, dict):
        return {
            k: v for name, each in value.items() for k, v in _flat(each, f"{path}.{name}".lstrip(".")).items()
        }
    if isinstance(value, list):
        return {k: v for each in value[:1] for k, v in _flat(each, path).items()}
    return {} if value is None else {path: value}
