"""The records of a range of hashes brought together: repeated ids, references that lead nowhere, what is frequent.

All records of one hash must be in the same range; ranges are joined one by one, on any machine, and what they come to
is added up (`together`). Memory is that of the records of one range.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.analysis.scale.engine import reduced
from conformance.analysis.scale.records import Kind, Records, picked

__all__ = ["MOST_EXAMPLES", "MOST_FREQUENT", "Cell", "Example", "Joined", "join", "ranges", "together"]

MOST_EXAMPLES = 5
"""So many examples are kept for each pair of types, and of repeated ids for each type."""
MOST_FREQUENT = 1000
"""So many codes, extensions and identifier systems are kept, the most frequent ones."""
WORDS = (Kind.CODE, Kind.EXTENSION, Kind.MODIFIER, Kind.IDENTIFIER, Kind.SYSTEM)

BEYOND = 2**64


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """Where a thing is named first, and its hash, by which its text is found again there; how often it was seen."""

    file: int
    offset: int
    high: int
    low: int
    count: int = 1


@dataclass(slots=True)
class Cell:
    """References from one type to another: how many, to how many targets, and the same of those that lead nowhere."""

    references: int = 0
    targets: int = 0
    dangling: int = 0
    missing: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, other: "Cell") -> None:
        """Count what another range came to."""
        self.references += other.references
        self.targets += other.targets
        self.dangling += other.dangling
        self.missing += other.missing
        self.examples = sorted([*self.examples, *other.examples])[:MOST_EXAMPLES]


@dataclass(slots=True)
class Joined:
    """What the records of some ranges came to; types are told by their numbers.

    `distinct` counts ids by type, `repeats` the lines beyond the first of an id by type, with examples in `repeated`;
    `matrix` has the references by source and target; `words` the most frequent things of each kind, `kinds` how many
    distinct ones there are and how often they were seen in all.
    """

    distinct: Counter[int] = field(default_factory=Counter)
    repeats: Counter[int] = field(default_factory=Counter)
    repeated: dict[int, list[Example]] = field(default_factory=dict)
    matrix: dict[tuple[int, int], Cell] = field(default_factory=dict)
    words: dict[Kind, list[Example]] = field(default_factory=dict)
    kinds: dict[Kind, tuple[int, int]] = field(default_factory=dict)


def ranges(records: int, most: int) -> list[tuple[int, int]]:
    """Ranges [lowest, beyond) of the hash's high half, so many that each has about `most` records at the most."""
    wanted = max(1, -(-records // most))
    edges = [BEYOND * number // wanted for number in range(wanted + 1)]
    return list(itertools.pairwise(edges))


def join(parts: Iterable[Records]) -> Joined:
    """What the records of one range come to, from all chunks that have some."""
    records = reduced(parts)
    joined = Joined()
    kinds = np.ascontiguousarray(records["kind"])
    defined = picked(records, np.flatnonzero(kinds == Kind.DEFINED))
    _count_ids(defined, joined)
    _resolve(picked(records, np.flatnonzero(kinds == Kind.REFERENCE)), defined, joined)
    for kind in WORDS:
        words = picked(records, np.flatnonzero(kinds == kind))
        if len(words):
            joined.kinds[kind] = (len(words), int(words["count"].sum()))
            joined.words[kind] = _most_frequent(_examples(_heaviest(words)))
    return joined


def together(several: Iterable[Joined]) -> Joined:
    """What several ranges came to, added up; their order does not matter."""
    total = Joined()
    for one in several:
        total.distinct.update(one.distinct)
        total.repeats.update(one.repeats)
        for number, examples in one.repeated.items():
            total.repeated[number] = sorted([*total.repeated.get(number, ()), *examples])[:MOST_EXAMPLES]
        for pair, cell in one.matrix.items():
            total.matrix.setdefault(pair, Cell()).add(cell)
        for kind, words in one.words.items():
            total.words[kind] = _most_frequent([*total.words.get(kind, ()), *words])
        for kind, (distinct, seen) in one.kinds.items():
            known = total.kinds.get(kind, (0, 0))
            total.kinds[kind] = (known[0] + distinct, known[1] + seen)
    return total


def _count_ids(defined: Records, joined: Joined) -> None:
    counts = defined["count"]
    for number, of_type in _grouped(defined["source"]):
        joined.distinct[number] = len(of_type)
        repeated = of_type[counts[of_type] > 1]
        if len(repeated):
            joined.repeats[number] = int(counts[repeated].sum()) - len(repeated)
            joined.repeated[number] = _examples(_first(picked(defined, repeated)))


def _resolve(references: Records, defined: Records, joined: Joined) -> None:
    there = _found(references, defined)
    counts = np.ascontiguousarray(references["count"])
    pairs = references["source"].astype(np.uint32) << 16 | references["target"]
    for pair, of_pair in _grouped(pairs):
        lost = of_pair[~there[of_pair]]
        joined.matrix[pair >> 16, pair & 0xFFFF] = Cell(
            references=int(counts[of_pair].sum()),
            targets=len(of_pair),
            dangling=int(counts[lost].sum()),
            missing=len(lost),
            examples=_examples(_first(picked(references, lost))),
        )


def _grouped(numbers: "np.typing.NDArray[Any]") -> Iterator[tuple[int, "np.typing.NDArray[np.intp]"]]:
    """Each number that occurs, and where."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    edges = [0, *(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1).tolist(), len(ordered)]
    for start, end in itertools.pairwise(edges):
        if end > start:
            yield int(ordered[start]), order[start:end]


def _found(references: Records, defined: Records) -> "np.typing.NDArray[np.bool_]":
    """Which references lead to something that is defined; both are in the order of their hashes."""
    high, low = np.ascontiguousarray(defined["high"]), defined["low"]
    at = np.searchsorted(high, np.ascontiguousarray(references["high"]), "left")
    there = np.zeros(len(references), bool)
    waiting = np.arange(len(references))
    while len(waiting):
        within = at[waiting] < len(defined)
        waiting = waiting[within]
        same = high[at[waiting]] == references["high"][waiting]
        waiting = waiting[same]
        equal = low[at[waiting]] == references["low"][waiting]
        there[waiting[equal]] = True
        waiting = waiting[~equal]
        at[waiting] += 1
    return there


def _first(records: Records) -> Records:
    """The earliest few."""
    order = np.lexsort([records["low"], records["high"], records["offset"], records["file"]])
    return records[order[:MOST_EXAMPLES]]


def _heaviest(records: Records) -> Records:
    """Those among which the most frequent are; ties at the edge are kept."""
    if len(records) <= MOST_FREQUENT:
        return records
    edge = np.partition(records["count"], len(records) - MOST_FREQUENT)[len(records) - MOST_FREQUENT]
    heavy = records[records["count"] >= edge]
    order = np.lexsort(
        [heavy["low"], heavy["high"], heavy["offset"], heavy["file"], -heavy["count"].astype(np.int64)]
    )
    chosen: Records = heavy[order[:MOST_FREQUENT]]
    return chosen


def _most_frequent(words: list[Example]) -> list[Example]:
    return sorted(words, key=lambda one: (-one.count, one.file, one.offset, one.high, one.low))[
        :MOST_FREQUENT
    ]


def _examples(records: Records) -> list[Example]:
    return [
        Example(int(one["file"]), int(one["offset"]), int(one["high"]), int(one["low"]), int(one["count"]))
        for one in records
    ]
