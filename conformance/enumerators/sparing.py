"""Leaving out some of many things that are alike, so that the target is spared and tests share what they ask."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from conformance.plugin import Evidence, Row

T = TypeVar("T")
AnyRow = TypeVar("AnyRow", bound=Row)
SPARED = "enough others of the kind are tried"


def spared(rows: Iterable[AnyRow], enough: int, choice: int) -> Iterator[AnyRow]:
    """The rows, of which only as many as are enough can be tried, spread over all; 0 leaves none out.

    Which ones follows from the choice. Tests that ask alike are given one (`alike`), so that they share their evidence.
    """
    ordered = sorted(rows, key=lambda row: row.key)
    ready = [row.key for row in ordered if not row.lacking]
    number = len(ready)
    wanted = min(enough, number) or number
    taken = {ready[(choice + place * number // wanted) % number] for place in range(wanted)}
    for row in ordered:
        left_out = not row.lacking and row.key not in taken
        yield replace(row, lacking=SPARED) if left_out else row


def once(evidence: Evidence, what: str, rows: Callable[[], Iterable[T]]) -> tuple[T, ...]:
    """What is found, worked out once for all tests that look for it; `what` names it and all that it depends on."""
    exchanges = evidence.discovery.exchanges
    return exchanges[0].memo(what, lambda: tuple(rows())) if exchanges else tuple(rows())
