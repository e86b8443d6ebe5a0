"""From the lines of a chunk to its facts: the one function that every engine calls."""

import contextlib
import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from conformance.analysis.scale.engine import plain_targets, reduced, take_all
from conformance.analysis.scale.gathering import NUMBER, Gathering
from conformance.analysis.scale.kinds import Kind
from conformance.analysis.scale.naming import Origin, other_target, words
from conformance.analysis.scale.piece import Piece
from conformance.analysis.scale.records import RECORD, Records, digests_of, records
from conformance.analysis.scale.splitting import Line, Lines

__all__ = ["Judge", "examine"]

Judge = Callable[[bytes], Sequence[str]]
"""What validates a resource: the errors of one line, without values; nothing where there are none."""


def examine(
    regions: Iterable[Line | Lines],
    origin: Origin,
    judge: Judge | None = None,
    *,
    start: int = 0,
    end: int = 0,
) -> tuple[Piece, Records]:
    """The facts of the lines that begin in [start, end), and the records that have to be joined."""
    with contextlib.nullcontext() if judge else _uncollected():
        piece = Piece(start=start, end=end)
        gathered = Gathering(piece, judge, origin.file)
        gathered.urns_are_elsewhere = not any(base.startswith("urn:") for base in origin.bases)
        take_all(regions, gathered)
        made = np.frombuffer(gathered.rows, RECORD)
        numbers, places = gathered.numbers, gathered.places
        ids = records(digests_of(gathered.defined), Kind.DEFINED, numbers, numbers, 1, origin.file, places)
        return piece, reduced([made, ids, *_named(gathered, origin, piece)])


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """What is parsed and gathered here has no cycles: looking for them among millions of objects would find none."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _named(gathered: Gathering, origin: Origin, piece: Piece) -> Iterator[Records]:
    """The records of what the resources of a chunk name."""
    for source, tally in gathered.references.items():
        texts, forms, seen = list(tally), plain_targets(tally), list(tally.values())
        if not all(forms):
            texts, forms, seen = _resolved(texts, forms, seen, origin, piece.others, source)
        targets = [NUMBER[form] for form in forms]
        counts, places = [count for count, _ in seen], [place for _, place in seen]
        yield records(
            digests_of(texts), Kind.REFERENCE, NUMBER.get(source, 0), targets, counts, origin.file, places
        )
    for kind, tally in words(gathered):
        seen = list(tally.values())
        counts, places = [count for count, _ in seen], [place for _, place in seen]
        yield records(digests_of(tally), kind, 0, 0, counts, origin.file, places)


def _resolved(
    texts: list[str],
    forms: list[str],
    seen: list[list[int]],
    origin: Origin,
    others: Counter[tuple[str, str]],
    source: str,
) -> tuple[list[str], list[str], list[list[int]]]:
    """The columns of the references that have a target on the exporting server; the others are counted."""
    rows = []
    for text, plain, counted in zip(texts, forms, seen, strict=True):
        target, form = (text, plain) if plain else other_target(text, origin.bases)
        if target:
            rows.append((target, form, counted))
        else:
            others[source, form] += counted[0]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
