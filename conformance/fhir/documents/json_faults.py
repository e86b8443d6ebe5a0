"""What a scan of JSON gives: the value, where its parts begin, and the mistakes in the text."""

from dataclasses import dataclass, field
from typing import Any

from conformance.fhir.documents.document import Place, Severity

__all__ = ["Fault", "Scan"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: where it stands, and the pointer of the value that it belongs to."""

    severity: Severity
    message_id: str
    words: str
    pointer: str
    offset: int


@dataclass(slots=True)
class Scan:
    """What a scan gave: the value, the places of everything in it, and the mistakes in order."""

    value: Any = None
    places: Place | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def fatal(self) -> bool:
        """Whether the text could not be read to its end."""
        return any(fault.severity == "fatal" for fault in self.faults)
