"""What the lines of a chunk name, as texts: without NumPy, which takes long to load."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.analysis.scale.gathering import NUMBER, Gathering, Tally, plain_target
from conformance.analysis.scale.kinds import Kind, digest_of
from conformance.analysis.scale.piece import Piece
from conformance.analysis.scale.splitting import Line
from conformance.fhir.references import named

__all__ = ["Origin", "other_target", "texts_of", "words"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the lines come from: the number of the file, and the base URLs of the server that exported it."""

    file: int = 0
    bases: tuple[str, ...] = ()


def words(gathered: Gathering) -> Iterator[tuple[Kind, dict[str, list[int]]]]:
    """The words of each kind that were gathered, with how often they were seen and where first."""
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


def other_target(text: str, bases: tuple[str, ...]) -> tuple[str, str]:
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
        for text in tally:
            target = text if plain_target(text) else other_target(text, origin.bases)[0]
            named_here += [(Kind.REFERENCE, target)] if target else []
    for kind_of, seen in words(gathered):
        named_here += [(kind_of, text) for text in seen]
    for kind_of, text in named_here:
        yield kind_of, digest_of(text), text
