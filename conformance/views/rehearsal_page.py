"""A rehearsal as one self-contained page, readable without any script, and in lines for a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.model.rehearsal import Rehearsal, StoreOutcome
from conformance.views import lock_in
from conformance.views.html import environment
from conformance.views.text import size

__all__ = ["rehearsal_lines", "rehearsal_page"]

TITLE = "What leaving costs"
INTRODUCTION = "Reckoned from the supplier's exit plan, for what was measured here."
WORDS = {"passed": "Passed", "failed": "Failed", "inconclusive": "Inconclusive"}
SIGNS = {"passed": "✓", "failed": "✗", "inconclusive": "?"}
MOST_LINES = 100
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Stage:
    """A bar of the chart of times that is 100 wide."""

    name: str
    seconds: float
    width: float


def rehearsal_page(found: Rehearsal, *, signed: bool) -> str:
    """The whole page."""
    return (
        environment()
        .get_template("rehearsal.html.j2")
        .render(
            found=found,
            report=found,
            signed=signed,
            kept=kept,
            title=TITLE,
            introduction=INTRODUCTION,
            word=WORDS[found.result],
            sign=SIGNS[found.result],
            product=_product(found),
            stages=_stages(found),
            took=span(sum(found.seconds.values())),
            cost=cost(found),
            most=MOST_LINES,
            kinds=sorted(
                {*found.expected, *found.expected_after, *(k for k, n in found.counted.items() if n)}
            ),
        )
    )


def rehearsal_lines(found: Rehearsal) -> Iterator[str]:
    """The rehearsal for a terminal: what, how long, what it costs, what was lost."""
    yield f"Rehearsal of {_product(found)}: {found.result if found.passed else found.result.upper()}"
    yield (
        f"{sum(found.counted.values()):,} resources, {size(found.bytes)}, in {span(sum(found.seconds.values()))};"
        f" counts until {found.valid_until}"
    )
    yield f"Cost: {cost(found)}"
    yield from (f"{store.name}: {kept(store)}" for store in found.stores)
    yield from (f"{stage}: {seconds:.1f} s" for stage, seconds in found.seconds.items())
    yield from (f"error: {error}" for error in found.errors)
    yield from (f"not known: {why}" for why in found.unsure)
    for store in found.stores:
        for one in store.losses:
            yield f"{store.name}: {one.path} is {one.kind} in {one.resources} resources, first {one.first}"
        yield from (f"{store.name} refused {one}" for one in store.refused)


def kept(store: StoreOutcome) -> str:
    """What a store made of the export, in a sentence."""
    told = f"gave back {store.kept:,} of {store.resources:,}"
    left = f", {store.left_behind:,} could not be removed again" if store.left_behind else ""
    if store.lossless:
        return f"{told}, nothing lost{left}"
    paths = len(store.losses) + store.further_losses
    parts = [
        f"refused {store.refusals:,}" if store.refusals else "",
        f"losses at {paths:,} element paths" if paths else "",
        "; ".join(store.unsure),
    ]
    return ", ".join([told, *filter(None, parts)]) + left


def cost(found: Rehearsal) -> str:
    """What leaving costs, or why that is not known."""
    total = next((each for each in found.measurements if each.id == "cost-of-leaving"), None)
    return lock_in.shown(total) if total is not None else f"not known. {found.unpriced}"


def span(seconds: float) -> str:
    """A span of time for people."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    return f"{minutes} min {rest} s" if seconds < HOUR else f"{minutes // MINUTE} h {minutes % MINUTE} min"


def _product(found: Rehearsal) -> str:
    named = " ".join(part for part in (found.target.product, found.target.version) if part)
    return named or found.target.endpoint


def _stages(found: Rehearsal) -> list[Stage]:
    most = max(found.seconds.values(), default=0) or 1
    return [Stage(name, took, round(100 * took / most, 2)) for name, took in found.seconds.items()]
