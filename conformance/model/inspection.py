"""What the files of an export hold, as facts: the same bytes whoever reads them, with how many processes.

Nothing in here is a value of a patient's record, but for the ids that somebody asked to see.
"""

from pydantic import Field

from conformance.model.base import Noun

__all__ = ["FileFacts", "Frequent", "Inspection", "Place", "References", "Trouble", "TypeFacts", "Words"]


class Place(Noun):
    """A line of a file: its number from 1 and the byte (unpacked) at which it begins; and what is wrong there."""

    line: int = 0
    offset: int = 0
    why: str = ""


class Trouble(Noun):
    """One kind of thing that is wrong with a file: how often, and the first places.

    `error` is False for what a reader can live with.
    """

    kind: str
    count: int
    error: bool = True
    places: tuple[Place, ...] = ()


class FileFacts(Noun):
    """One file. `size` are its bytes as it lies, `length` those of its text; `declared…` is what a manifest says."""

    name: str
    size: int = 0
    sha256: str = ""
    packed: bool = False
    length: int = 0
    lines: int = 0
    resources: int = 0
    counts: dict[str, int] = Field(default_factory=dict)
    declared_type: str = ""
    declared_count: int | None = None
    troubles: tuple[Trouble, ...] = ()


class TypeFacts(Noun):
    """Resources of one type (`?`: of no known one): how many lines, how many ids, lines beyond the first of an id.

    `updated_first` and `updated_last` bound `meta.lastUpdated`, in UTC.
    """

    name: str
    resources: int = 0
    ids: int = 0
    repeats: int = 0
    repeated: tuple[str, ...] = ()
    declared: int | None = None
    updated_first: str = ""
    updated_last: str = ""


class References(Noun):
    """Literal references from one type to another that name a resource of this server by type and id.

    `dangling` lead to nothing in the export, to `missing` different targets; `examples` tell where the first stand.
    """

    source: str
    target: str
    references: int
    targets: int
    dangling: int = 0
    missing: int = 0
    examples: tuple[str, ...] = ()


class Elsewhere(Noun):
    """References that name no resource of this server by type and id, and what they are instead."""

    source: str
    form: str
    count: int


class Frequent(Noun):
    """A code, system or URL, and how often it stands in the export."""

    text: str
    count: int


class Words(Noun):
    """All of a kind: `code`, `code system`, `extension`, `modifier extension`, `identifier system`."""

    kind: str
    distinct: int
    count: int
    frequent: tuple[Frequent, ...] = ()


class Inspection(Noun):
    """The facts about an export.

    `errors` and `warnings` say in words what is wrong, `not_looked_at` what was not judged.
    """

    format: str = "1"
    tool: str = ""
    fhir_version: str = ""
    packages: tuple[str, ...] = ()
    validated: bool = False
    files: tuple[FileFacts, ...] = ()
    types: tuple[TypeFacts, ...] = ()
    references: tuple[References, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    words: tuple[Words, ...] = ()
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    not_looked_at: tuple[str, ...] = ()

    @property
    def lines(self) -> int:
        """How many lines all files have."""
        return sum(file.lines for file in self.files)

    @property
    def resources(self) -> int:
        """How many lines hold a resource."""
        return sum(file.resources for file in self.files)

    @property
    def size(self) -> int:
        """The bytes of all files as they lie."""
        return sum(file.size for file in self.files)
