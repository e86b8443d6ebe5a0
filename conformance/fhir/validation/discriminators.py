"""Does an item belong to a slice? One discriminator of the slice, on one item.

A discriminator names a path below the item and a way to compare: the slice's own element at that path says which
value, pattern, type, profile or presence the item must have there. The path is a small part of FHIRPath: child
names, `extension('url')`, `resolve()` and `ofType(type)`.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html#discriminator
"""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Discriminator, Element
from conformance.fhir.validation.bindings import member_of
from conformance.fhir.validation.judge import Judge
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.spots import Spot, Spots, Step, is_bound
from conformance.fhir.validation.targets import literal, named_type
from conformance.fhir.validation.values import contains, equal

__all__ = ["Discriminators"]


@dataclass(frozen=True, slots=True)
class Unseen:
    """The target of a reference that lies outside the document: only its type may be known."""

    type: str | None


Place = Node | Unseen


class Discriminators:
    """Answers for all slices over one set of definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._spots = Spots(definitions)

    def speaks(self, piece: Element, discriminator: Discriminator) -> bool:
        """Whether a slice's element says anything at the discriminator's path: what it leaves open, anything fits."""
        if discriminator.kind not in {"value", "pattern"} or self._spots.steps(discriminator.path) is None:
            return True
        return any(self._spots.narrows(spot) for spot in self._spots.at(piece, discriminator.path))

    def fits(self, judge: Judge, item: Node, piece: Element, discriminator: Discriminator) -> bool | None:
        """Whether an item has what a slice's element says at the discriminator's path; None where nobody can tell."""
        steps = self._spots.steps(discriminator.path)
        spots = self._spots.at(piece, discriminator.path)
        places = _places(judge, item, steps) if steps is not None and spots else None
        if places is None:
            return None
        match discriminator.kind:
            case "type":
                return self._by_type(places, spots)
            case "profile":
                return self._by_profile(judge, places, spots)
            case "exists":
                return _by_presence(places, spots[0].element)
            case "value" | "pattern":
                return self._by_value(judge, places, spots)
        return None

    def _by_type(self, places: Sequence[Place], spots: Sequence[Spot]) -> bool | None:
        wanted = {name for spot in spots for name in spot.types}
        if not wanted:
            return None
        unknown = False
        for place in places:
            if place.type is None:
                unknown = True
            elif any(self._definitions.is_a(place.type, name) for name in wanted):
                return True
        return None if unknown else False

    def _by_profile(self, judge: Judge, places: Sequence[Place], spots: Sequence[Spot]) -> bool | None:
        answers: list[bool | None] = []
        for spot in spots:
            for place in places:
                if self._by_type([place], [spot]) is False:
                    answers.append(False)
                elif isinstance(place, Unseen):
                    answers.append(None)
                else:
                    answers += [judge.conforms(place, profile) for profile in spot.profiles] or [True]
        return _any(answers)

    def _by_value(self, judge: Judge, places: Sequence[Place], spots: Sequence[Spot]) -> bool | None:
        answers: list[bool | None] = []
        for spot in spots:
            if self._spots.speak(spot.element):
                answers += [
                    None if isinstance(place, Unseen) else self._agrees(place, spot.element)
                    for place in places
                ]
            else:
                answers.append(_by_binding(judge, places, spot))
        return _any(answers)

    def _agrees(self, node: Node, spot: Element) -> bool:
        """Whether a node has every value that an element and those below it give."""
        if spot.fixed is not None:
            return equal(node.value, spot.fixed.value)
        if spot.pattern is not None and not contains(node.value, spot.pattern.value):
            return False
        for child in spot.children:
            if self._spots.speak(child) and not self._child_agrees(node, child):
                return False
        profile = self._spots.profile(spot)
        if profile is not None and self._spots.speak(profile.root):
            return self._agrees(node, profile.root)
        return True

    def _child_agrees(self, node: Node, child: Element) -> bool:
        nodes = node.groups.get(child.name, [])
        if child.min > 0 and not nodes:
            return False
        plain = child.fixed is not None or child.pattern is not None or bool(child.children)
        if plain and not all(self._agrees(one, child) for one in nodes):
            return False
        needed = [piece for piece in child.slices if piece.min > 0 and self._spots.speak(piece)]
        return all(any(self._agrees(one, piece) for one in nodes) for piece in needed)


def _any(answers: Sequence[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _by_binding(judge: Judge, places: Sequence[Place], spot: Spot) -> bool | None:
    if not is_bound(spot) or judge.terminology is None:
        return _by_presence(places, spot.element)
    nodes = [place for place in places if isinstance(place, Node)]
    value_set = spot.element.binding.value_set if spot.element.binding is not None else ""
    return _any([member_of(judge.terminology, node, value_set) for node in nodes])


def _by_presence(places: Sequence[Place], spot: Element) -> bool | None:
    if spot.max == 0:
        return not places
    return bool(places) if spot.min > 0 else None


def _places(judge: Judge, item: Node, steps: Sequence[Step]) -> list[Place] | None:
    """Where the path leads from an item; None where a step cannot be taken."""
    places: list[Place] = [item]
    for kind, name in steps:
        found: list[Place] = []
        for place in places:
            if isinstance(place, Unseen):
                return None
            if kind == "child":
                found += place.groups.get(name) or place.groups.get(f"{name}[x]") or ()
            elif kind == "extension":
                found += [one for one in place.groups.get("extension", ()) if one.value.get("url") == name]
            elif kind == "resolve":
                found.append(_target(judge, place))
            elif judge.definitions.is_a(place.type, name):
                found.append(place)
        places = found
    return places


def _target(judge: Judge, place: Node) -> Place:
    reference = literal(place)
    if reference is None:
        return Unseen(named_type(place))
    return judge.resolve(place, reference).node or Unseen(named_type(place))
