"""What a slice's own element tree says at the path of a discriminator.

The path is a small part of FHIRPath: child names, `extension('url')`, `resolve()` and `ofType(type)`. Where it leads
in the tree of the slice, through the profiles that its types name, stands the value, pattern, type, profile or
presence by which its items are told.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html#discriminator
"""

import re
from dataclasses import dataclass, replace

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Element, Structure, Typed

__all__ = ["Spot", "Spots", "Step", "is_bound", "said_by"]

_STEP = re.compile(
    r"\s*(?:(?P<call>extension|ofType|as|resolve)\s*\(\s*(?:'(?P<text>[^']*)'|(?P<name>[\w.]*))\s*\)"
    r"|(?P<this>\$this)|(?P<child>\w+)(?:\[x\])?)\s*"
)
EXTENSIONS = frozenset({"extension", "modifierExtension"})


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a path leads in the slice's own tree.

    `structure` is set where that is the root of one (after `resolve()`), `base` to the element of the base definition
    there, so that what a slice inherits is not taken for what it says.
    """

    element: Element
    structure: Structure | None = None
    base: Element | None = None

    @property
    def types(self) -> tuple[str, ...]:
        """The types that a value there may have."""
        return (self.structure.type,) if self.structure else tuple(ref.code for ref in self.element.types)

    @property
    def profiles(self) -> tuple[str, ...]:
        """The structures that a value there must meet one of."""
        if self.structure is not None:
            return (self.structure.url,)
        return tuple(profile for ref in self.element.types for profile in ref.profiles)


Step = tuple[str, str]


def parsed(path: str) -> tuple[Step, ...] | None:
    """The steps of a discriminator's path, or None where it uses what discriminators may not."""
    steps: list[Step] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            return None
        if found["call"]:
            steps.append((found["call"], found["text"] or found["name"] or ""))
        elif found["child"]:
            steps.append(("child", found["child"]))
        at = found.end()
        if at < len(path):
            if path[at] != ".":
                return None
            at += 1
    return tuple(steps)


class Spots:
    """Answers for all slices over one set of definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._steps: dict[str, tuple[Step, ...] | None] = {}
        self._spots: dict[tuple[int, str], tuple[Spot, ...]] = {}
        self._speaking: dict[int, bool] = {}
        self._kept: list[Element] = []

    def steps(self, path: str) -> tuple[Step, ...] | None:
        """The steps of a discriminator's path, or None where it uses what discriminators may not."""
        if path not in self._steps:
            self._steps[path] = parsed(path)
        return self._steps[path]

    def at(self, piece: Element, path: str) -> tuple[Spot, ...]:
        """Where a path leads in the tree of a slice; none where it leads nowhere or cannot be understood."""
        key = (id(piece), path)
        if key not in self._spots:
            self._kept.append(piece)
            spots: tuple[Spot, ...] = () if self.steps(path) is None else (Spot(piece),)
            for step in self.steps(path) or ():
                spots = tuple(below for spot in spots for below in self._below(spot.element, step))
            self._spots[key] = spots
        return self._spots[key]

    def _below(self, spot: Element, step: Step) -> tuple[Spot, ...]:
        kind, name = step
        if kind == "resolve":
            targets = (target for ref in spot.types for target in ref.targets)
            return tuple(Spot(found.root, found) for target in targets if (found := self._structure(target)))
        if kind in {"ofType", "as"}:
            typed = tuple(
                Spot(piece) for piece in spot.slices if any(ref.code == name for ref in piece.types)
            )
            return typed or (Spot(spot),)
        if kind == "extension":
            return self._extension(spot, name)
        if (
            name == "url"
            and spot.name in EXTENSIONS
            and not any(child.name == "url" for child in spot.children)
        ):
            urls = [profile.partition("|")[0] for ref in spot.types for profile in ref.profiles]
            return tuple(
                Spot(Element("url", "Extension.url", "url", fixed=Typed("uri", url))) for url in urls
            )
        for owner in self._owners(spot):
            for child in self._definitions.children(owner):
                if child.name in {name, f"{name}[x]"}:
                    given = _given(owner, child)
                    base = self._base(owner, child)
                    return given or tuple(Spot(one, base=base) for one in said_by(child))
        return ()

    def _base(self, owner: Element, child: Element) -> Element | None:
        """The element of the base definition that a child of a slice narrows."""
        named = self._definitions.type(owner.types[0].code) if len(owner.types) == 1 else None
        found = _child(named.root, child.name) if named is not None else None
        if found is not None:
            return found
        first, *steps = child.path.split(".")
        structure = self._definitions.type(first)
        place: Element | None = structure.root if structure is not None else None
        for step in steps:
            place = _child(place, step) if place is not None else None
        return place

    def _owners(self, spot: Element) -> tuple[Element, ...]:
        """The elements that may say something of an element: itself, and the only profile that its type names."""
        profile = self.profile(spot)
        if profile is None:
            return (spot,)
        return (spot, profile.root) if spot.children else (profile.root,)

    def profile(self, spot: Element) -> Structure | None:
        """The only profile that the only type of an element names."""
        if len(spot.types) == 1 and len(spot.types[0].profiles) == 1:
            return self._structure(spot.types[0].profiles[0])
        return None

    def _extension(self, spot: Element, url: str) -> tuple[Spot, ...]:
        for owner in self._owners(spot):
            for child in self._definitions.children(owner):
                if child.name in EXTENSIONS:
                    for piece in child.slices:
                        if any(url in ref.profiles for ref in piece.types) or _fixed_url(piece) == url:
                            return (Spot(piece),)
        return ()

    def _structure(self, canonical: str) -> Structure | None:
        try:
            return self._definitions.structure(canonical)
        except DefinitionProblem:
            return None  # whoever applies the structure records that it cannot be used

    def speak(self, spot: Element) -> bool:
        """Whether an element, or one below it, gives a value that an item must have."""
        key = id(spot)
        if key not in self._speaking:
            self._speaking[key] = False  # what leads back to itself says nothing new
            self._kept.append(spot)
            profile = self.profile(spot)
            self._speaking[key] = (
                spot.fixed is not None
                or spot.pattern is not None
                or any(self.speak(child) for child in (*spot.children, *(s for s in spot.slices if s.min)))
                or (profile is not None and self.speak(profile.root))
            )
        return self._speaking[key]

    def narrows(self, spot: Spot) -> bool:
        """Whether a slice says anything at a spot by which a value is told; what it leaves open, anything fits."""
        element = spot.element
        return self.speak(element) or is_bound(spot) or element.min > 0 or element.max == 0


def is_bound(spot: Spot) -> bool:
    """Whether a slice itself asks for a code of a value set."""
    binding = spot.element.binding
    if binding is None or binding.strength != "required" or spot.element.max == 0:
        return False
    return spot.base is None or spot.base.binding != binding


def _given(owner: Element, child: Element) -> tuple[Spot, ...]:
    """What the fixed value or pattern of an element says of its child, where the child says nothing itself."""
    whole = owner.fixed or owner.pattern
    if whole is None or not isinstance(whole.value, dict) or child.name not in whole.value:
        return ()
    value = whole.value[child.name]
    items = value if isinstance(value, list) else [value]
    return tuple(Spot(replace(child, pattern=Typed(whole.type, item))) for item in items)


def said_by(child: Element) -> tuple[Element, ...]:
    """What says which values a child must have: itself, or those of its slices that must be there."""
    own = child.fixed is not None or child.pattern is not None or child.children
    needed = tuple(piece for piece in child.slices if piece.min > 0)
    return (child,) if own or not needed else needed


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element.children if child.name == name), None)


def _fixed_url(piece: Element) -> str | None:
    url = next((child for child in piece.children if child.name == "url"), None)
    return str(url.fixed.value) if url is not None and url.fixed is not None else None
