"""What `inspect` begins before its command line is read: worker processes, which load what they need meanwhile.

Reading a command line loads libraries, too, and takes as long. What will be asked for is guessed from the words.
Workers do whatever they are then given; so a guess that is wrong costs time, and changes nothing.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.errors import ConformanceError

if TYPE_CHECKING:
    from conformance.outside.worker_pool import Workers
    from conformance.session.inspection_sources import Export

__all__ = ["TAKE_A_VALUE", "Ahead", "began", "begun_ahead"]

TAKE_A_VALUE = frozenset(
    {
        "--base",
        "--cluster-ca",
        "--cluster-cert",
        "--cluster-key",
        "--engine",
        "--html",
        "--package",
        "--target",
        "--work",
        "--workers",
    }
)
"""The options of `inspect` that a value follows."""


@dataclass(frozen=True)
class Ahead:
    """What was begun: the source that was looked at and what is there, the number that was given, the processes."""

    source: str
    export: "Export"
    number: int
    workers: "Workers"


@contextmanager
def begun_ahead(arguments: Sequence[str]) -> Iterator[Ahead | None]:
    """What may be begun before these arguments are read; the processes end with the context."""
    ahead = _begun(arguments[1:]) if arguments[:1] == ["inspect"] else None
    with contextlib.nullcontext() if ahead is None else ahead.workers:
        yield ahead


def began(export: "Export", number: int, *, validate: bool) -> "Workers":
    """The processes that will read this export, as many as are asked for; 0 is one a processor."""
    from conformance.session.inspection_workers import workers_for

    workers = workers_for(sum(file.size for file in export.files), number, validates=validate)
    workers.begin()
    return workers


def _begun(words: Sequence[str]) -> Ahead | None:
    sources, values = _guessed(words)
    told = values.get("--workers", "0")
    if (
        len(sources) != 1
        or "://" in sources[0]
        or "--engine" in values
        or not told.isdecimal()
        or _asks(words)
    ):
        return None
    from conformance.session.inspection_sources import found_at

    try:
        export = found_at(sources[0])
    except (ConformanceError, OSError):  # the command comes to the same, and tells it
        return None
    plain = "--no-validate" in words or "--package" in values
    return Ahead(sources[0], export, int(told), began(export, int(told), validate=not plain))


def _asks(words: Sequence[str]) -> bool:
    return not {"--help", "-h"}.isdisjoint(words)


def _guessed(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The words that are no options, and the values of the options that take one."""
    sources: list[str] = []
    values: dict[str, str] = {}
    coming = iter(words)
    for word in coming:
        name, given, value = word.partition("=")
        if name in TAKE_A_VALUE:
            values[name] = value if given else next(coming, "")
        elif not word.startswith("-"):
            sources.append(word)
    return sources, values
