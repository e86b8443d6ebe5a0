"""Slices as tests: which items belong to which, how often, in what order, and what each asks of its items.

Discriminators by value, pattern, presence and type are understood where their paths are plain child names; with
any other nothing is certain.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html#slicing
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Discriminator, Element, Slicing
from conformance.fhir.validation.accept.bindings import Bindings
from conformance.fhir.validation.accept.matching import Match, Matching
from conformance.fhir.validation.deltas import Delta, SliceDelta

__all__ = ["Sliced"]

BY_TYPE = (Discriminator("type", "$this"),)
BY_URL = (Discriminator("value", "url"),)
EXTENSIONS = frozenset({"extension", "modifierExtension"})
Test = Callable[[Any, Any, Any], Any]


class Inner(Protocol):
    """Makes the tests of a delta."""

    def of(self, delta: Delta, type_name: str) -> list[Test]:
        """The tests of a value of one type."""
        ...


class Piece:
    """One slice: which items are its own, how many there may be, and what each of them must be."""

    __slots__ = ("least", "matches", "most", "tests")

    def __init__(self, element: Element, matches: tuple[Match, ...], tests: tuple[Test, ...]) -> None:
        self.matches = matches
        self.tests = tests
        self.least = element.min
        self.most = element.max


class Sliced:
    """Makes the test of a sliced element."""

    def __init__(self, definitions: Definitions, bindings: Bindings, inner: Inner) -> None:
        self._matching = Matching(definitions, bindings)
        self._inner = inner

    def of(self, sliced: SliceDelta, type_name: str) -> Test:
        """The test of all items of an element that is no choice, called with the items, the walk and the row."""
        pieces = self._pieces(sliced, type_name)
        if pieces is None:
            return _nothing
        return _test(pieces, sliced.slicing)

    def of_choice(self, sliced: SliceDelta, type_name: str) -> Test:
        """The test of one value of a choice that is sliced by type: its slice's, if it has one."""
        by_type = sliced.slicing.discriminators or BY_TYPE
        if len(by_type) != 1 or (by_type[0].kind, by_type[0].path) != ("type", "$this"):
            return _nothing
        fitting = [
            (piece, delta)
            for piece, delta in sliced.slices
            if any(self._matching.is_a(type_name, ref.code) for ref in piece.types)
        ]
        others = any(pair not in fitting and pair[0].min for pair in sliced.slices)
        if len(fitting) > 1 or others or (not fitting and sliced.slicing.rules == "closed"):
            return _nothing
        tests = [test for _, delta in fitting for test in self._inner.of(delta, type_name)]
        if any(piece.max == 0 for piece, _ in fitting):
            return _nothing
        return lambda found, walk, row: all(test(found, walk, row) for test in tests)

    def _pieces(self, sliced: SliceDelta, type_name: str) -> tuple[Piece, ...] | None:
        discriminators = _discriminators(sliced)
        if not discriminators or any(
            "/" in piece.slice_name or piece.slice_name == "@default" for piece, _ in sliced.slices
        ):
            return None
        made = []
        for element, delta in sliced.slices:
            matches = [self._matching.of(element, each, type_name) for each in discriminators]
            if element.slicing is not None or not all(matches):
                return None
            tests = tuple(self._tests(delta, discriminators, type_name))
            made.append(Piece(element, tuple(each for each in matches if each), tests))
        return tuple(made)

    def _tests(self, delta: Delta, discriminators: Sequence[Discriminator], type_name: str) -> list[Test]:
        by_url = type_name == "Extension" and [each.path for each in discriminators] == ["url"]
        if by_url and not delta.below and not delta.limits.any and delta.types is None:
            return []  # an extension has met the definition of its url already
        return self._inner.of(delta, type_name)


def _test(pieces: tuple[Piece, ...], slicing: Slicing) -> Test:  # noqa: C901 - one closure
    closed, at_end, ordered = slicing.rules == "closed", slicing.rules == "openAtEnd", slicing.ordered
    needed = tuple(index for index, piece in enumerate(pieces) if piece.least)

    def test(items: Sequence[Any], walk: Any, row: Any) -> bool:  # noqa: C901 - one pass over the items
        if not items:
            return not needed
        counts = [0] * len(pieces)
        last, outside = -1, False
        for item in items:
            place = -1
            for index, piece in enumerate(pieces):
                if all(match(item) for match in piece.matches):
                    if place >= 0:
                        return False
                    place = index
            if place < 0:
                if closed:
                    return False
                outside = True
                continue
            if (outside and at_end) or (ordered and place < last):
                return False
            last = place
            counts[place] += 1
            for each in pieces[place].tests:
                if not each(item, walk, row):
                    return False
        return all(
            count >= piece.least and (piece.most is None or count <= piece.most)
            for count, piece in zip(counts, pieces, strict=True)
        )

    return test


def _discriminators(sliced: SliceDelta) -> Sequence[Discriminator]:
    if sliced.slicing.discriminators or not sliced.slices:
        return sliced.slicing.discriminators
    return BY_URL if sliced.slices[0][0].name in EXTENSIONS else ()


def _nothing(_found: Any, _walk: Any, _row: Any) -> bool:
    return False
