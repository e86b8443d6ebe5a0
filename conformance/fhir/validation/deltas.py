"""What a profile asks beyond the base definition, as a tree that holds nothing else.

A profile's element tree repeats everything that its base says. Judging that again would tell each mistake twice and
cost most of the time, so only the differences are kept: a `Delta` for each element that is constrained, or that has
something constrained below it.
"""

from collections.abc import Mapping

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Binding, Element, Slicing, Structure, TypeRef
from conformance.fhir.validation.additions import NOTHING, Additions, additions_of
from conformance.fhir.validation.limits import Limits
from conformance.fhir.validation.native import ELSEWHERE

__all__ = ["Delta", "Deltas", "SliceDelta"]

Added = Mapping[str, Additions]
BACKBONE = frozenset({"", "BackboneElement", "Element"})


class Delta:
    """What a profile's element adds: `min` and `max` only where they are narrower than the base's.

    `types` are the allowed types, None where the base allows no others; `refs` says for a type which structures its
    value must meet and what its references may lead to. `below` are the constrained children.
    """

    __slots__ = ("added", "below", "element", "limits", "max", "min", "name", "refs", "sliced", "types")

    def __init__(self, element: Element) -> None:
        self.element = element
        self.name = element.name
        self.min = 0
        self.max: int | None = None
        self.types: frozenset[str] | None = None
        self.refs: dict[str, TypeRef] = {}
        self.limits = Limits()
        self.added: Additions = NOTHING
        self.below: tuple[Delta, ...] = ()
        self.sliced: SliceDelta | None = None

    @property
    def counts(self) -> bool:
        """Whether it says how often the element is there."""
        return self.min > 0 or self.max is not None

    @property
    def matters(self) -> bool:
        """Whether it says anything at all."""
        return bool(
            self.counts
            or self.types is not None
            or self.refs
            or self.limits.any
            or self.added.any
            or self.below
            or self.sliced
        )


class SliceDelta:
    """The slices of an element: `slices` in order with what each asks of its items."""

    __slots__ = ("element", "slices", "slicing")

    def __init__(self, element: Element, slicing: Slicing, slices: tuple[tuple[Element, Delta], ...]) -> None:
        self.element = element
        self.slicing = slicing
        self.slices = slices


class Deltas:
    """All deltas over one set of definitions, made when first needed."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._made: dict[tuple[str, str], Delta] = {}

    def of(self, structure: Structure) -> Delta:
        """What a structure asks of a node beyond the type's own definition."""
        key = (structure.url, structure.version)
        found = self._made.get(key)
        if found is None:
            base = self.definitions.type(structure.type)
            root = base.root if base is not None else structure.root
            found = self._made[key] = self._delta(
                structure.root, root, structure.type, additions_of(self.definitions, structure)
            )
        return found

    def _delta(self, element: Element, base: Element | None, type_name: str, added: Added) -> Delta:
        delta = Delta(element)
        delta.added = added.get(element.id, NOTHING)
        if base is None or element.min > base.min:
            delta.min = element.min
        if element.max is not None and (base is None or base.max is None or element.max < base.max):
            delta.max = element.max
        self._types(delta, element, base)
        delta.limits = _limits(element, base, self._of_type(element, type_name))
        if element.children:
            delta.below = self._below(element, base, type_name, added)
        if element.slices:
            delta.sliced = self._sliced(element, base, added)
        return delta

    def _of_type(self, element: Element, type_name: str) -> Element | None:
        name = type_name or (element.types[0].code if len(element.types) == 1 else "")
        structure = self.definitions.type(name) if name else None
        return structure.root if structure is not None else None

    def _types(self, delta: Delta, element: Element, base: Element | None) -> None:
        allowed = {ref.code: ref for ref in element.types}
        before = {ref.code: ref for ref in base.types} if base is not None else {}
        if allowed and allowed.keys() != before.keys() and not element.content_reference:
            delta.types = frozenset(allowed)
        for code, ref in allowed.items():
            known = before.get(code)
            if known is None and before:
                known = before.get("Resource") or before.get("Element")
            profiles = () if known is not None and known.profiles == ref.profiles else ref.profiles
            same = known is not None and (known.targets, known.aggregation) == (ref.targets, ref.aggregation)
            targets, aggregation = ((), ()) if same else (ref.targets, ref.aggregation)
            if profiles or targets or aggregation:
                delta.refs[code] = TypeRef(code, profiles, targets, aggregation, ref.versioning)

    def _below(
        self, element: Element, base: Element | None, type_name: str, added: Added
    ) -> tuple[Delta, ...]:
        before = self._base_children(element, base, type_name)
        found = []
        for child in element.children:
            known = before.get(child.name)
            delta = self._delta(
                child, known if known is not None else _choice(child, before), _only_type(child), added
            )
            if delta.matters:
                found.append(delta)
        return tuple(found)

    def _base_children(self, element: Element, base: Element | None, type_name: str) -> dict[str, Element]:
        name = type_name if type_name not in BACKBONE else ""
        below = self.definitions.children(base, name) if base is not None else ()
        if not below and name:
            structure = self.definitions.type(name)
            below = structure.root.children if structure is not None else ()
        return {child.name: child for child in below or element.children}

    def _sliced(self, element: Element, base: Element | None, added: Added) -> SliceDelta:
        slicing = element.slicing or Slicing()
        slices = []
        for piece in element.slices:
            delta = self._delta(piece, base, _only_type(piece), added)
            delta.min, delta.max = piece.min, piece.max
            slices.append((piece, delta))
        return SliceDelta(element, slicing, tuple(slices))


def _only_type(element: Element) -> str:
    return element.types[0].code if len(element.types) == 1 else ""


def _choice(child: Element, before: dict[str, Element]) -> Element | None:
    """The choice of the base that a profile names by one of its types (`valueQuantity` for `value[x]`)."""
    for name, element in before.items():
        if name.endswith("[x]") and child.name.startswith(name[:-3]):
            return element
    return None


def _limits(element: Element, base: Element | None, of_type: Element | None) -> Limits:
    known = {
        (row.key, row.expression) for one in (base, of_type) if one is not None for row in one.constraints
    }
    return Limits(
        fixed=element.fixed if base is None or element.fixed != base.fixed else None,
        pattern=element.pattern if base is None or element.pattern != base.pattern else None,
        min_value=element.min_value if base is None or element.min_value != base.min_value else None,
        max_value=element.max_value if base is None or element.max_value != base.max_value else None,
        max_length=element.max_length if base is None or element.max_length != base.max_length else None,
        binding=_binding(element, base),
        constraints=tuple(
            row
            for row in element.constraints
            if (row.key, row.expression) not in known and row.key not in ELSEWHERE
        ),
    )


def _binding(element: Element, base: Element | None) -> Binding | None:
    return element.binding if base is None or element.binding != base.binding else None
