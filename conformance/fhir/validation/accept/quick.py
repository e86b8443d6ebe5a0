"""Short cuts of the pure walk: the two smallest objects, of which a resource has most, told without going through them.

The compiled walk goes through every object and needs none of them.
"""

from typing import Any

from conformance.fhir.validation.accept.lexical import CHECKS
from conformance.fhir.validation.accept.plan import Json, Row
from conformance.fhir.validation.accept.targets import plain_literal

__all__ = ["Met", "PlainReference"]

MOST_MET = 4096
"""Objects that are remembered."""
_SHOWN = frozenset({"reference", "display"})
_is_string = CHECKS["string"]


class Met:
    """Objects of strings alone that were found right, for a type of which nothing is asked that may change."""

    def __init__(self) -> None:
        self._met: set[tuple[str, ...]] = set()

    def knows(self, found: Json, _walk: Any, _row: Row) -> bool:
        """Whether the object is equal to one that was kept; nothing else is equal to strings."""
        try:
            return (*found, *found.values()) in self._met
        except TypeError:  # something lies below it
            return False

    def keep(self, found: Json) -> None:
        """Remembers an object that is right, if it has strings alone."""
        for value in found.values():
            if type(value) is not str:
                return
        if len(self._met) >= MOST_MET:
            self._met.clear()
        self._met.add((*found, *found.values()))


class PlainReference:
    """References with nothing but a literal and a display, outside Bundles."""

    def knows(self, found: Json, walk: Any, row: Row) -> bool:
        """Whether the object is such a reference and certainly right."""
        if len(found) > 1 and not (found.keys() == _SHOWN and _is_string(found["display"])):
            return False
        literal = found.get("reference")
        return literal is not None and walk.entries is None and plain_literal(literal, walk, row)

    def keep(self, found: Json) -> None:
        """Nothing is remembered."""
