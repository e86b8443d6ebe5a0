"""Leaving out some of many things that are alike, so that the target is spared and tests share what they ask."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from conformance.plugin import Evidence, Row

T = TypeVar("T")
AnyRow = TypeVar("AnyRow", bound=Row)
SPARED = "enough others of the kind are tried"


def spared(rows: Iterable[AnyRow], enough: int) -> Iterator[AnyRow]:
    """The rows, of which only as many as are enough can be tried, spread over all; 0 leaves none out.

    The same ones are left out each time, whatever a suite chooses: tests over the same rows share their evidence.
    """
    ordered = sorted(rows, key=lambda row: row.key)
    ready = [row for row in ordered if not row.lacking]
    taken = {ready[place * len(ready) // enough].key for place in range(enough)} if ready and enough else None
    for row in ordered:
        left_out = taken is not None and not row.lacking and row.key not in taken
        yield replace(row, lacking=SPARED) if left_out else row


def once(evidence: Evidence, what: str, rows: Callable[[], Iterable[T]]) -> tuple[T, ...]:
    """What is found, worked out once for all tests that look for it; `what` names it and all that it depends on."""
    exchanges = evidence.discovery.exchanges
    return exchanges[0].memo(what, lambda: tuple(rows())) if exchanges else tuple(rows())
