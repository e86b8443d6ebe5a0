"""The records of a range of hashes brought together: repeated ids, references that lead nowhere, what is frequent.

All records of one hash must be in the same range; ranges are joined one by one, on any machine, and what they come to
is added up (`summing.together`). Memory is that of the records of one range.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from conformance.analysis.scale.engine import reduced
from conformance.analysis.scale.kinds import Kind
from conformance.analysis.scale.records import Records, picked
from conformance.analysis.scale.summing import (
    MOST_EXAMPLES,
    MOST_FREQUENT,
    Cell,
    Example,
    Joined,
    most_frequent,
)

__all__ = ["join"]

WORDS = (Kind.CODE, Kind.EXTENSION, Kind.MODIFIER, Kind.IDENTIFIER, Kind.SYSTEM)


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
            joined.words[kind] = most_frequent(_examples(_heaviest(words)))
    return joined


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


def _examples(records: Records) -> list[Example]:
    return [
        Example(int(one["file"]), int(one["offset"]), int(one["high"]), int(one["low"]), int(one["count"]))
        for one in records
    ]
