"""From the lines of a chunk to its facts: the one function that every engine calls."""

import contextlib
import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from conformance.analysis.scale.engine import plain_targets, reduced, take_all
from conformance.analysis.scale.gathering import NUMBER, Gathering, Tally
from conformance.analysis.scale.piece import Piece
from conformance.analysis.scale.records import RECORD, Kind, Records, digest_of, digests_of, records
from conformance.analysis.scale.splitting import Line, Lines
from conformance.fhir.references import named

__all__ = ["Judge", "Origin", "examine", "texts_of"]

Judge = Callable[[bytes], Sequence[str]]
"""What validates a resource: the errors of one line, without values; nothing where there are none."""

Name = tuple[Kind, str, int, int, int, int]
"""Kind, text, number of the source's type and of the target's, count, place."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the lines come from: the number of the file, and the base URLs of the server that exported it."""

    file: int = 0
    bases: tuple[str, ...] = ()


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
    for kind, words in _words(gathered):
        seen = list(words.values())
        counts, places = [count for count, _ in seen], [place for _, place in seen]
        yield records(digests_of(words), kind, 0, 0, counts, origin.file, places)


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
        target, form = (text, plain) if plain else _other_target(text, origin.bases)
        if target:
            rows.append((target, form, counted))
        else:
            others[source, form] += counted[0]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def _words(gathered: Gathering) -> Iterator[tuple[Kind, dict[str, list[int]]]]:
    yield Kind.CODE, _added_up((f"{system}|{code}", seen) for (system, code), seen in gathered.codes.items())
    yield Kind.EXTENSION, gathered.extensions
    yield Kind.MODIFIER, gathered.modifiers
    yield Kind.IDENTIFIER, gathered.identifiers
    yield Kind.SYSTEM, _added_up((system, seen) for (system, _), seen in gathered.codes.items())


def _added_up(several: Iterable[tuple[str, list[int]]]) -> Tally:
    """A tally of words that may come several times: systems, and codes where a bar is part of the system or code."""
    total: Tally = {}
    for text, (count, place) in several:
        seen = total.setdefault(text, [0, place])
        seen[0] += count
    return total


def _other_target(text: str, bases: tuple[str, ...]) -> tuple[str, str]:
    """`Type/id` that a literal reference names on the exporting server, and its type; else nothing and what it is.

    Of references that are not simply `Type/id`.
    """
    for base in bases:
        if text.startswith(f"{base}/"):
            text = text[len(base) + 1 :]
            break
    if "://" in text:
        return "", "another server"
    if text.startswith("urn:"):
        return "", "urn"
    target = named(text)
    kind = target.partition("/")[0] if target else ""
    if target and text.startswith(target) and kind in NUMBER:
        return target, kind
    return "", "search" if "?" in text else "unreadable"


def texts_of(data: bytes, origin: Origin) -> Iterator[tuple[Kind, bytes, str]]:
    """All that a line names, with its digest: to find again the text of a record at the place that it tells.

    Nothing where the file changed meanwhile and the line holds no resource any more.
    """
    gathered = Gathering(Piece())
    gathered.take(Line(0, data, len(data)))
    named_here = [(Kind.DEFINED, text) for text in gathered.defined]
    for tally in gathered.references.values():
        for text, plain in zip(tally, plain_targets(tally), strict=True):
            target = text if plain else _other_target(text, origin.bases)[0]
            named_here += [(Kind.REFERENCE, target)] if target else []
    for kind_of, words in _words(gathered):
        named_here += [(kind_of, text) for text in words]
    for kind_of, text in named_here:
        yield kind_of, digest_of(text), text
