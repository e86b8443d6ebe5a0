"""Whether a target changed while it was exported: totals taken before and after, by resource type."""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.fhir.bundles import total
from conformance.model.evidence import Evidence, Exchange

BEFORE, AFTER = "total-before", "total-after"


@dataclass(frozen=True)
class Bracket:
    """The lowest and the highest total that was counted of one type, and an exchange that counted it."""

    lowest: int
    highest: int
    shown_by: Exchange

    @property
    def unchanged(self) -> bool:
        """Whether every counting gave the same."""
        return self.lowest == self.highest

    def holds(self, number: int, tolerance: int) -> bool:
        """Whether a number lies within, give or take the tolerance."""
        return self.lowest - tolerance <= number <= self.highest + tolerance


def brackets(evidence: Evidence) -> tuple[dict[str, Bracket], tuple[Exchange, ...]]:
    """The bracket of each type that was counted before and after, and the countings that gave no total."""
    counted: dict[str, dict[str, list[int]]] = {}
    shown: dict[str, Exchange] = {}
    without: list[Exchange] = []
    for label in (BEFORE, AFTER):
        for exchange in evidence.labelled(label):
            kind, found = exchange.about.get("type", ""), _total(exchange)
            if found is None:
                without.append(exchange)
            else:
                counted.setdefault(kind, {}).setdefault(label, []).append(found)
                shown[kind] = exchange
    complete = {kind: by_label for kind, by_label in counted.items() if len(by_label) > 1}
    return {kind: _bracket(by_label.values(), shown[kind]) for kind, by_label in complete.items()}, tuple(
        without
    )


def _bracket(totals: Iterable[list[int]], shown_by: Exchange) -> Bracket:
    every = [number for group in totals for number in group]
    return Bracket(min(every), max(every), shown_by)


def _total(exchange: Exchange) -> int | None:
    bundle = exchange.resource("Bundle") if exchange.ok else None
    found = total(bundle) if bundle is not None else None
    return found if found is not None and found >= 0 else None
