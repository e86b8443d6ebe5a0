"""Python source for the steps of a path: what JSON holds where FHIRPath names an element.

Source: FHIR R4, https://hl7.org/fhir/R4/fhirpath.html#types and https://hl7.org/fhir/R4/json.html
"""

from dataclasses import dataclass

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element
from conformance.fhir.validation.accept.lexical import CHECKS, STRINGS

__all__ = ["Collection", "Place", "member", "of_resource"]

_NUMBERS = frozenset({"integer", "unsignedInt", "positiveInt", "decimal"})
_TEXTS = STRINGS - {"date", "dateTime", "instant", "time"}


@dataclass(frozen=True, slots=True)
class Place:
    """An element with one of its types: enough to know its children."""

    element: Element
    type: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A path as Python source. `one` is the value or None where there can be at most one, `many` a sequence.

    `has` is whether there is anything, `certain` whether `one` is never None. A choice has no place of its own but
    `choices`: the JSON names that it may have in the object `holder`. A path that leads nowhere has neither.
    """

    place: Place | None = None
    one: str = ""
    many: str = ""
    has: str = "False"
    certain: bool = False
    choices: tuple[tuple[str, Place], ...] = ()
    holder: str = ""

    @property
    def items(self) -> str:
        """Source of a sequence of the values."""
        return self.many or (f"comparing.listed({self.one})" if self.one else "()")

    @property
    def text(self) -> bool:
        """Whether it is one string that is compared as such."""
        return bool(self.one) and self.place is not None and self.place.type in _TEXTS

    @property
    def number(self) -> bool:
        """Whether it is one number."""
        return bool(self.one) and self.place is not None and self.place.type in _NUMBERS


def member(source: Collection, name: str, definitions: Definitions) -> Collection | None:
    """The children of this name; None where that cannot be told from the definitions."""
    place = source.place
    if place is None:
        return Collection() if source.has == "False" else None
    if place.type in CHECKS:
        return None if name in {"id", "extension"} else Collection()
    for child in definitions.children(place.element, place.type):
        if child.name in {name, f"{name}[x]"}:
            return _child(source, child)
    return Collection()


def _child(source: Collection, child: Element) -> Collection | None:
    if source.many:
        return _child_of_many(source, child)
    holder = source.one if source.certain else f"({source.one} or E)"
    if child.is_choice:
        stem = child.name[:-3]
        choices = tuple(
            (f"{stem}{ref.code[:1].upper()}{ref.code[1:]}", Place(child, ref.code)) for ref in child.types
        )
        has = f"comparing.any_of({holder}, {tuple(key for key, _ in choices)!r})"
        if len(choices) < 4:  # noqa: PLR2004 - a few look-ups cost less than a call
            has = f"({' or '.join(f'{key!r} in {holder}' for key, _ in choices)})"
        return Collection(has=has, choices=choices, holder=holder)
    place = _place(child)
    name = child.name
    if place is None:  # a resource, of which only that it is there can be told
        return (
            None
            if child.repeats
            else Collection(one=f"{holder}.get({name!r})", has=f"({name!r} in {holder})")
        )
    also = f" or '_{name}' in {holder}" if place.type in CHECKS else ""
    has = f"({name!r} in {holder}{also})"
    if child.repeats:
        return Collection(place, many=f"{holder}.get({name!r}, ())", has=has)
    return Collection(place, one=f"{holder}.get({name!r})", has=has)


def _child_of_many(source: Collection, child: Element) -> Collection | None:
    place = _place(child)
    if child.is_choice or place is None:
        return None
    name = child.name
    also = f" or '_{name}' in y" if place.type in CHECKS else ""
    has = f"any({name!r} in y{also} for y in {source.many})"
    if child.repeats:
        return Collection(place, many=f"[z for y in {source.many} for z in y.get({name!r}, ())]", has=has)
    return Collection(place, many=f"[y[{name!r}] for y in {source.many} if {name!r} in y]", has=has)


def _place(child: Element) -> Place | None:
    if child.content_reference:
        return Place(child, "")
    code = child.types[0].code if len(child.types) == 1 else ""
    return Place(child, code) if code and code not in {"Resource", "DomainResource"} else None


def of_resource(context: Collection, resource_type: str) -> Collection | None:
    """What `%resource` means where the resource itself is judged; None below it."""
    return context if context.place is not None and context.place.type == resource_type else None
