"""Slices as tests: which items belong to which, how often, in what order, and what each asks of its items.

Discriminators by value, pattern, presence and type are understood where their paths are plain child names; with
any other nothing is certain.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html#slicing
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Discriminator
from conformance.fhir.validation.accept.bindings import Bindings
from conformance.fhir.validation.accept.matching import Match, Matching
from conformance.fhir.validation.deltas import Delta, SliceDelta

__all__ = ["Sliced"]

BY_TYPE = (Discriminator("type", "$this"),)
Test = Callable[[Any, Any, Any], Any]


class Inner(Protocol):
    """Makes the tests of a delta."""

    def of(self, delta: Delta, type_name: str) -> Test:
        """The test of a value of one type."""
        ...


Piece = tuple[tuple[Match, ...], Test, int, int | None]
"""One slice: which items are its own, what each of them must be, and how many there may be."""


class Sliced:
    """Makes the test of a sliced element."""

    def __init__(self, definitions: Definitions, bindings: Bindings, inner: Inner, closures: Any) -> None:
        self._matching = Matching(definitions, bindings, closures)
        self._inner = inner
        self._closures = closures
        self._never: Test = closures.never

    def of(self, sliced: SliceDelta, type_name: str) -> Test:
        """The test of all items of an element that is no choice, called with the items, the walk and the row."""
        pieces = self._pieces(sliced, type_name)
        if pieces is None:
            return self._never
        slicing = sliced.slicing
        found: Test = self._closures.slices(pieces, slicing.rules, ordered=slicing.ordered)
        return found

    def of_choice(self, sliced: SliceDelta, type_name: str) -> Test:
        """The test of one value of a choice that is sliced by type: its slice's, if it has one."""
        by_type = sliced.slicing.discriminators or BY_TYPE
        if len(by_type) != 1 or (by_type[0].kind, by_type[0].path) != ("type", "$this"):
            return self._never
        fitting = [
            (piece, delta)
            for piece, delta in sliced.slices
            if any(self._matching.is_a(type_name, ref.code) for ref in piece.types)
        ]
        others = any(pair not in fitting and pair[0].min for pair in sliced.slices)
        if len(fitting) > 1 or others or (not fitting and sliced.slicing.rules == "closed"):
            return self._never
        if any(piece.max == 0 for piece, _ in fitting):
            return self._never
        found: Test = self._closures.passes([self._inner.of(delta, type_name) for _, delta in fitting])
        return found

    def _pieces(self, sliced: SliceDelta, type_name: str) -> tuple[Piece, ...] | None:
        discriminators = sliced.slicing.discriminators
        if not discriminators or any(
            "/" in piece.slice_name or piece.slice_name == "@default" for piece, _ in sliced.slices
        ):
            return None
        made = []
        for element, delta in sliced.slices:
            matches = [self._matching.of(element, each, type_name) for each in discriminators]
            if element.slicing is not None or not all(matches):
                return None
            test = self._test(delta, discriminators, type_name)
            made.append((tuple(each for each in matches if each), test, element.min, element.max))
        return tuple(made)

    def _test(self, delta: Delta, discriminators: Sequence[Discriminator], type_name: str) -> Test:
        by_url = type_name == "Extension" and [each.path for each in discriminators] == ["url"]
        if by_url and not delta.below and not delta.limits.any and delta.types is None:
            found: Test = self._closures.always  # an extension has met the definition of its url already
            return found
        return self._inner.of(delta, type_name)
