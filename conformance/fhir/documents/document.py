"""`Document`: a resource as it was read from bytes, what is wrong with the text itself, and where everything stands.

JSON and XML end in the same shape, that of FHIR's JSON (https://hl7.org/fhir/R4/json.html), so that whatever
judges resources knows one form only.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

__all__ = [
    "INDEX",
    "MAX_BYTES",
    "MAX_DEPTH",
    "Document",
    "Lines",
    "Place",
    "Severity",
    "TextProblem",
    "is_xml",
    "location_of",
    "shown",
    "step_of",
    "steps",
]

MAX_BYTES = 256 * 1024 * 1024
"""What a reader takes as one document unless it is told otherwise."""

MAX_DEPTH = 500
"""How deep objects and arrays may nest. Resources nest some dozens deep; thousands are made to do harm."""

FEW = 4
"""Places that are sought one by one; whoever asks for more gets them from a table of all."""

Severity = Literal["fatal", "error", "warning"]

_BEFORE = re.compile(rb"\A[\xef\xbb\xbf\xff\xfe\x00 \t\r\n]*+")
"""A byte-order mark, blanks, and the empty halves of UTF-16's characters."""
INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
"""A step of a JSON pointer that names an item of an array."""


Place = tuple[int | tuple[int, int], Any]
"""Where a value begins (its offset, or in XML its line and column), and the places of what it holds: a dict of
them for an object, a list for an array, else None."""


def is_xml(data: bytes) -> bool:
    """Whether a document is meant as XML, in whatever encoding: its first character that is not blank is `<`."""
    found = _BEFORE.match(data)
    return found is not None and data[found.end() : found.end() + 1] == b"<"


@dataclass(frozen=True, slots=True)
class TextProblem:
    """One thing wrong with the text of a document, rather than with what it says.

    `code` is one of FHIR's issue types, `message_id` stable across releases; `pointer` the JSON pointer and
    `location` the FHIRPath of the closest value; `line` and `column` count from 1.
    """

    severity: Severity
    code: str
    message_id: str
    words: str
    pointer: str = ""
    location: str = ""
    line: int = 0
    column: int = 0

    @property
    def is_error(self) -> bool:
        """Whether a document with this problem does not conform."""
        return self.severity != "warning"


def _nowhere() -> Place | None:
    return None


@dataclass(frozen=True)
class Document:
    """A resource read from `raw`, in the shape of FHIR's JSON.

    `value` is None where nothing could be read (then a problem is fatal); decimals are `decimal.Decimal` with
    the digits that were written, integers are `int`. Of a JSON name that stands twice the last value counts.
    """

    value: Any
    format: Literal["json", "xml"]
    raw: bytes = field(repr=False)
    problems: tuple[TextProblem, ...] = ()
    places: Callable[[], Place | None] = field(default=_nowhere, repr=False, compare=False)
    seek: Callable[[Sequence[str]], int | None] | None = field(default=None, repr=False, compare=False)
    """A quicker way to a single place, where there is one."""
    _sought: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def position(self, pointer: str) -> tuple[int, int] | None:
        """Line and column, from 1, at which the value of a JSON pointer begins; None where there is none."""
        if self.seek is not None and len(self._sought) < FEW:
            self._sought.append(pointer)
            offset = self.seek(steps(pointer))
            return None if offset is None else self._lines.position(offset)
        place = _find(self._root, pointer) if self._root else None
        if place is None:
            return None
        return place[0] if isinstance(place[0], tuple) else self._lines.position(place[0])

    @cached_property
    def _root(self) -> Place | None:
        return self.places()

    @cached_property
    def _lines(self) -> "Lines":
        return Lines(self.raw.decode("utf-8-sig", "replace"))


def _find(place: Place, pointer: str) -> Place | None:
    for name in steps(pointer):
        parts = place[1]
        found: Place | None = None
        if isinstance(parts, dict):
            found = parts.get(name)
        elif isinstance(parts, list) and INDEX.fullmatch(name) and int(name) < len(parts):
            found = parts[int(name)]
        if found is None:
            return None
        place = found
    return place


def steps(pointer: str) -> list[str]:
    """The names and indices that a JSON pointer is made of (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def step_of(name: str) -> str:
    """A name as a JSON pointer writes it."""
    return name.replace("~", "~0").replace("/", "~1")


class Lines:
    """The lines of a text, to say on which line and in which column an offset lies."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        if not self._starts:
            self._starts = _starts(self._text)
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _starts(text: str) -> list[int]:
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts


def location_of(value: Any, pointer: str) -> str:
    """The FHIRPath of a JSON pointer in a resource: `/name/0/given/1` is `Patient.name[0].given[1]`.

    Steps are named as JSON names them: what a choice's type is, only the definitions know.
    """
    kind = value.get("resourceType") if isinstance(value, Mapping) else None
    path = kind if isinstance(kind, str) else ""
    for name in steps(pointer):
        if isinstance(value, list) and INDEX.fullmatch(name):
            path += f"[{name}]"
            value = value[int(name)] if int(name) < len(value) else None
        else:
            path += f".{name}" if path else name
            value = value.get(name) if isinstance(value, Mapping) else None
    return path


def shown(text: str, limit: int = 40) -> str:
    """A piece of somebody's text as a message quotes it: clipped, and on one line."""
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= limit else flat[: limit - 1] + "…")
