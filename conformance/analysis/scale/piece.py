"""What is known of a stretch of a file: small, of a size that does not depend on the file's, and mergeable."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["MOST_TOLD", "Piece", "Told", "Trouble", "joined", "when"]

MOST_TOLD = 20
"""So many places are named of each kind of trouble in a file; the others are only counted."""


class Trouble(StrEnum):
    """What can be wrong with a line, or with a file as text. `LEGAL` are those that a reader can live with."""

    NOT_JSON = "not JSON"
    NOT_UTF8 = "not UTF-8"
    NOT_OBJECT = "no JSON object"
    NO_TYPE = "no resourceType"
    UNKNOWN_TYPE = "unknown resource type"
    NO_ID = "no id"
    TWICE = "member named twice"
    TOO_DEEP = "nested too deep"
    TOO_LONG = "line too long"
    NUL = "U+0000 in the text"
    BYTE_ORDER_MARK = "byte order mark"
    CARRIAGE_RETURN = "carriage return before the newline"
    BLANK = "blank line"
    NO_FINAL_NEWLINE = "no newline at the end"
    INVALID = "invalid resource"
    BROKEN = "file cannot be read to its end"


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """One place with trouble: line (from 1) and byte where the line begins, and what is wrong, without its values."""

    line: int
    offset: int
    why: str = ""


@dataclass(slots=True)
class Piece:
    """Facts of the lines that begin in the bytes [start, end) of a file, before any joining.

    `counts` are resources by type (`""`: of an unknown type); `updated` the earliest and the latest
    `meta.lastUpdated` by type, in UTC; `others` counts references that name no resource by type and id, by the type
    that holds them and what they are instead.
    """

    start: int = 0
    end: int = 0
    lines: int = 0
    resources: int = 0
    checked: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    troubles: Counter[Trouble] = field(default_factory=Counter)
    told: dict[Trouble, list[Told]] = field(default_factory=dict)
    updated: dict[str, tuple[str, str]] = field(default_factory=dict)
    without_update: int = 0
    others: Counter[tuple[str, str]] = field(default_factory=Counter)

    def trouble(self, kind: Trouble, offset: int, why: str = "") -> None:
        """Note trouble with the line that is being read."""
        self.troubles[kind] += 1
        told = self.told.setdefault(kind, [])
        if len(told) < MOST_TOLD:
            told.append(Told(self.lines, offset, why))

    def saw_update(self, resource_type: str, instant: str) -> None:
        """Note when a resource was last changed."""
        earliest, latest = self.updated.get(resource_type, (instant, instant))
        self.updated[resource_type] = (min(earliest, instant), max(latest, instant))


def joined(pieces: Iterable[Piece]) -> Piece:
    """The facts of adjacent pieces, given in their order; none of them is changed."""
    total: Piece | None = None
    for piece in pieces:
        if total is None:
            total = Piece(start=piece.start, end=piece.start)
        if piece.start != total.end:
            raise ValueError(
                f"a piece that begins at {piece.start} does not follow one that ends at {total.end}"
            )
        for kind, told in piece.told.items():
            known = total.told.setdefault(kind, [])
            room = MOST_TOLD - len(known)
            known += [Told(total.lines + one.line, one.offset, one.why) for one in told[:room]]
        total.end = piece.end
        total.lines += piece.lines
        total.resources += piece.resources
        total.checked += piece.checked
        total.counts.update(piece.counts)
        total.troubles.update(piece.troubles)
        total.without_update += piece.without_update
        total.others.update(piece.others)
        for resource_type, (earliest, latest) in piece.updated.items():
            total.saw_update(resource_type, earliest)
            total.saw_update(resource_type, latest)
    return total if total is not None else Piece()


def when(instant: str) -> str:
    """An instant as it was written, in the form in which later is greater; empty where it is none."""
    if ORDINARY.fullmatch(instant):
        return instant
    from conformance.analysis.instants import instant as moment  # noqa: PLC0415 - few are out of the ordinary

    found = moment(instant)
    return f"{found.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z" if found else ""


ORDINARY = re.compile(
    "(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{3}Z"
)
"""What most servers write; days that not every month has are looked at more slowly."""
