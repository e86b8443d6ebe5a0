"""What terminology is asked about, and the two doors through which it learns: loaded packages and a server."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from conformance.fhir.terminology.answer import Answer


class Coded(NamedTuple):
    """A code of a system, perhaps of one version of it. An empty system is that of no code."""

    system: str
    code: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a code is in a value set or, where `value_set` is empty, in its code system.

    `system` is None where an element of type `code` gives none. `definition` is the ValueSet as the loaded packages
    have it, for a server that does not know it; None where they have none.
    """

    value_set: str
    system: str | None
    code: str
    version: str = ""
    definition: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


class TerminologySource(Protocol):
    """What the loaded packages define, as JSON of FHIR resources. `Definitions` is one."""

    def value_set(self, canonical: str) -> Mapping[str, Any] | None:
        """The ValueSet of a canonical (`url` or `url|version`); None where no package has it."""
        ...

    def code_system(self, canonical: str) -> Mapping[str, Any] | None:
        """The CodeSystem of a url; None where no package has it."""
        ...

    def displays(self, system: str) -> Mapping[str, str] | None:
        """The display of each code, where these are kept apart from the CodeSystem; else None."""
        ...

    def canonicals(self, kind: str) -> Iterable[str]:
        """The urls of all resources of a kind (`CodeSystem`)."""
        ...


class RemoteTerminology(Protocol):
    """A terminology server. It never raises: what it cannot answer, `CANNOT_TELL` answers."""

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer for each question, in their order."""
        ...


def text(holder: Mapping[str, Any], name: str) -> str:
    """A string member of JSON that somebody else wrote; empty where it is absent or no string."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def objects(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of an array member; what is no object is left out."""
    value = holder.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def strings(holder: Mapping[str, Any], name: str) -> list[str]:
    """The strings of an array member; what is no string is left out."""
    value = holder.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def same_version(wanted: str, found: str) -> bool:
    """Whether a version that is asked for is the one found: equal, or its beginning (`4.0` asks for `4.0.1`)."""
    return not wanted or not found or found == wanted or found.startswith(wanted + ".")
