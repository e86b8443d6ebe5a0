"""A value that a search parameter looks at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from conformance.fhir.fhirpath import Node

__all__ = ["Held"]

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Held:
    """One value that a parameter looks at: its FHIR type, its JSON, and the node that it stands at, if any.

    Many searches are held against one value, so what was read from it is kept.
    """

    type: str
    value: Any
    node: Node | None = None
    _reader: Callable[[str, Any], Any] | None = field(default=None, init=False, repr=False)
    _reading: Any = field(default=None, init=False, repr=False)

    def read(self, reader: Callable[[str, Any], T]) -> T:
        """What a reader makes of the type and the value. The last reader's answer is kept: a parameter has one."""
        if self._reader is not reader:
            self._reading = reader(self.type, self.value)
            self._reader = reader
        return self._reading  # type: ignore[no-any-return]  # what the reader gave
