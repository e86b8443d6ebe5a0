"""Does an item belong to a slice? One discriminator of one slice, as a function of the item.

The function raises `Refused` where the answer is not certain.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html#discriminator
"""

import re
from collections.abc import Callable
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Discriminator, Element, Typed
from conformance.fhir.validation.accept.bindings import Bindings
from conformance.fhir.validation.spots import said_by
from conformance.fhir.validation.values import contains, equal

__all__ = ["Match", "Matching"]

Match = Callable[[Any], bool]
_PATH = re.compile(r"\w+(?:\[x\])?(?:\.\w+(?:\[x\])?)*").fullmatch
EXTENSIONS = frozenset({"extension", "modifierExtension"})


class Matching:
    """Makes matches over one set of definitions."""

    def __init__(self, definitions: Definitions, bindings: Bindings, closures: Any) -> None:
        self._definitions = definitions
        self._bindings = bindings
        self._closures = closures

    def is_a(self, name: str, other: str) -> bool:
        """Whether a type is another, or derives from it."""
        return name == other or self._definitions.is_a(name, other)

    def of(self, piece: Element, discriminator: Discriminator, type_name: str) -> Match | None:
        """The match of one discriminator; None where it is not understood here."""
        path = discriminator.path.strip()
        if path != "$this" and not _PATH(path):
            return None
        names = [] if path == "$this" else [step.removesuffix("[x]") for step in path.split(".")]
        if discriminator.kind == "type":
            return self._by_type(piece) if not names and type_name in {"Resource", "DomainResource"} else None
        spot: Element | None = piece
        for name in names:
            spot = self._below(spot, name) if spot is not None else None
        if spot is None or spot.is_choice:
            return None
        if discriminator.kind == "exists":
            return self._by_presence(spot, names)
        return self._by_value(spot, names) if discriminator.kind in {"value", "pattern"} else None

    def _by_type(self, piece: Element) -> Match | None:
        wanted = frozenset(ref.code for ref in piece.types)
        if not wanted:
            return None
        return lambda item: any(self.is_a(item["resourceType"], name) for name in wanted)

    def _by_presence(self, spot: Element, names: list[str]) -> Match | None:
        values = self._closures.values_at(names)
        if spot.max == 0:
            return lambda item: not values(item)
        if spot.min > 0:
            return lambda item: bool(values(item))
        return None

    def _by_value(self, spot: Element, names: list[str]) -> Match | None:
        if names and spot.fixed is not None and isinstance(spot.fixed.value, str):
            plain: Match = self._closures.text_at(names, spot.fixed.value)
            return plain
        if self._speaks(spot):
            agrees = self._agreeing(spot)
            if agrees is None:
                return None
            found: Match = self._closures.finding(self._closures.values_at(names), agrees)
            return found
        if spot.binding is not None and spot.binding.strength == "required":
            member = self._bindings.decided(spot.binding.value_set, spot.types[0].code if spot.types else "")
            values = self._closures.values_at(names)
            return lambda item: any(list(map(member, values(item))))  # all, so that no doubt is passed by
        return self._by_presence(spot, names)

    def _speaks(self, spot: Element) -> bool:
        return (
            spot.fixed is not None
            or spot.pattern is not None
            or any(
                self._speaks(child) for child in (*spot.children, *(each for each in spot.slices if each.min))
            )
            or any(ref.profiles for ref in spot.types)
        )

    def _agreeing(self, spot: Element) -> Match | None:  # noqa: C901 - one case for each way to give a value
        """Whether a value has every value that an element and those below it give."""
        if any(ref.profiles for ref in spot.types):
            return None
        if spot.fixed is not None:
            fixed = spot.fixed.value
            if isinstance(fixed, str):
                return lambda value: bool(value == fixed)
            return lambda value: equal(value, fixed)
        below: list[tuple[Callable[[Any], Any], int, Match]] = []
        for child in spot.children:
            if self._speaks(child):
                inner = self._agreeing(child)
                if inner is None or child.is_choice or any(each.min for each in child.slices):
                    return None
                below.append((self._closures.values_at([child.name]), child.min, inner))
        pattern = spot.pattern.value if spot.pattern is not None else None

        def agrees(value: Any) -> bool:
            if pattern is not None and not contains(value, pattern):
                return False
            for values, least, inner in below:
                found = values(value)
                if (least and not found) or not all(inner(each) for each in found):
                    return False
            return True

        return agrees

    def _below(self, spot: Element, name: str) -> Element | None:
        if (
            name == "url"
            and spot.name in EXTENSIONS
            and not any(child.name == "url" for child in spot.children)
        ):
            urls = [profile.partition("|")[0] for ref in spot.types for profile in ref.profiles]
            return _given_url(urls[0]) if len(urls) == 1 else None
        owners = [spot]
        if len(spot.types) == 1 and len(spot.types[0].profiles) == 1:
            profile = self._profile(spot.types[0].profiles[0])
            if profile is None:
                return None
            owners = [spot, profile] if spot.children else [profile]
        for owner in owners:
            for child in self._definitions.children(owner):
                if child.name in {name, f"{name}[x]"}:
                    said = said_by(child)
                    return said[0] if len(said) == 1 else None
        return None

    def _profile(self, canonical: str) -> Element | None:
        try:
            structure = self._definitions.structure(canonical)
        except DefinitionProblem:
            return None
        return structure.root if structure is not None else None


def _given_url(url: str) -> Element:
    return Element("url", "Extension.url", "url", fixed=Typed("uri", url))
