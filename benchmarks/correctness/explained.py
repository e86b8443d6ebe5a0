"""Explanations of deviations, written by people: which row and case, who is right, and why.

An explanation of an HL7 case states the places at which only one side finds an error, so that it stops counting as
soon as either side says something else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from benchmarks.correctness.figures import Deviation, Figure

SOURCE = Path(__file__).with_name("explained.yaml")
RIGHT = {"ours", "theirs", "neither", "either", "data"}


@dataclass(frozen=True)
class Explanation:
    """Why a case deviates.

    `right` is who is right: ours, theirs, neither, either (the text allows both) or data (there is nothing to
    disagree about: the data is at fault, and the finding is correct).
    """

    rows: tuple[str, ...]
    case: str
    right: str
    why: str
    clause: str = ""
    ours: tuple[str, ...] | None = None
    theirs: tuple[str, ...] | None = None
    rank: int = 0

    def fits(self, row: str, deviation: Deviation) -> bool:
        """Whether it is about this deviation as it was measured."""
        return (
            any(fnmatchcase(row, pattern) for pattern in self.rows)
            and fnmatchcase(deviation.key, self.case)
            and (self.ours is None or self.ours == places(deviation.ours))
            and (self.theirs is None or self.theirs == places(deviation.theirs))
        )


class Explanations:
    """All explanations; those that fitted something are remembered."""

    def __init__(self, entries: Iterable[Explanation]) -> None:
        self.entries = tuple(entries)
        self._used: set[int] = set()

    def of(self, row: str, deviation: Deviation) -> Explanation | None:
        """The explanation of a deviation."""
        for number, entry in enumerate(self.entries):
            if entry.fits(row, deviation):
                self._used.add(number)
                return entry
        return None

    def missing(self, figures: Iterable[Figure]) -> list[tuple[str, Deviation]]:
        """The deviations that nobody explained."""
        return [
            (figure.row, deviation)
            for figure in figures
            for deviation in figure.deviations
            if self.of(figure.row, deviation) is None
        ]

    @property
    def unused(self) -> list[Explanation]:
        """Explanations of what did not occur among the deviations asked for so far."""
        return [entry for number, entry in enumerate(self.entries) if number not in self._used]


def load(path: Path = SOURCE) -> Explanations:
    """The explanations of a file; raises ValueError where one is not well formed."""
    rows = yaml.safe_load(path.read_text("utf-8")) or []
    return Explanations(_entry(row) for row in rows)


def places(said: Iterable[str]) -> tuple[str, ...]:
    """The places of what one side says, in order, without the words."""
    return tuple(sorted(text.split(": ", 1)[0] for text in said))


def draft(row: str, deviation: Deviation) -> dict[str, Any]:
    """An explanation to be filled in."""
    return {
        "rows": [row],
        "case": deviation.key,
        "ours": list(places(deviation.ours)),
        "theirs": list(places(deviation.theirs)),
        "right": "?",
        "why": "?",
    }


def _entry(row: Mapping[str, Any]) -> Explanation:
    if row.get("right") not in RIGHT or not row.get("why") or not row.get("case"):
        raise ValueError(
            f"an explanation needs case, why and right (one of {', '.join(sorted(RIGHT))}): {dict(row)}"
        )
    return Explanation(
        rows=tuple(row["rows"]),
        case=row["case"],
        right=row["right"],
        why=" ".join(str(row["why"]).split()),
        clause=row.get("clause", ""),
        ours=tuple(row["ours"]) if "ours" in row else None,
        theirs=tuple(row["theirs"]) if "theirs" in row else None,
        rank=row.get("rank", 0),
    )
