"""Several bids side by side, and one report beside an earlier one, for people at a terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from conformance.model.comparison import Cell, Changes, Comparison, MeasuredRow, Row, Turn
from conformance.views.comparison_words import (
    cell_words,
    decided,
    decision_words,
    measured_groups,
    measured_words,
    score_lines,
    standing,
    telling,
    tender_line,
)
from conformance.views.terminal import STYLE
from conformance.views.text import clean, counted, one_line, shortened
from conformance.views.wording import SYMBOL, run_by

MOST_ROWS = 40
MOST_REASON = 160


def comparison_table(found: Comparison) -> RenderableType:
    """The bids, what they were measured with, and the requirements in which they differ."""
    return Group(*_comparison(found))


def changes_table(found: Changes) -> RenderableType:
    """What got better, worse, or is newly tested."""
    return Group(*_changes(found))


def _comparison(found: Comparison) -> Iterator[RenderableType]:
    yield Text(standing(found), style="bold" if found.comparable else "bold red")
    if found.tender is not None:
        yield Text(tender_line(found), style="dim")
    for difference in found.differences:
        values = "; ".join(
            f"{one_line(bid.label)}: {one_line(value)}"
            for bid, value in zip(found.bids, difference.values, strict=True)
        )
        yield Text(f"  {'≠' if difference.matters else '·'} {one_line(difference.what)}: {values}")
    yield _bids(found)
    for group, rows in measured_groups(found).items():
        yield Text(f"\n{one_line(group)}", style="bold underline")
        yield _numbers(found, rows)
    differing = telling(found)
    yield Text(f"\n{counted(len(differing), 'requirement')} in which the bids differ", style="bold underline")
    if differing:
        yield _matrix(found, differing[:MOST_ROWS])
    if len(differing) > MOST_ROWS:
        yield Text(f"… and {len(differing) - MOST_ROWS:,} more: write them all with --out", style="dim")
    those = decided(found)
    if those:
        yield Text("\nDecisions that something else is accepted", style="bold underline")
    for decision in those:
        yield Text(f"{one_line(decision.what.requirement)}  {decision_words(decision)}")


def _bids(found: Comparison) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("")
    for bid in found.bids:
        table.add_column(one_line(bid.label), overflow="fold")
    table.add_row("Supplier", *(one_line(bid.supplier) for bid in found.bids))
    table.add_row("Result", *(bid.result.value for bid in found.bids))
    table.add_row("Run by", *(run_by(bid.runner) for bid in found.bids))
    table.add_row("Signed by", *(one_line(", ".join(bid.signers)) for bid in found.bids))
    for name, values in score_lines(found):
        table.add_row(name, *values)
    return table


def _numbers(found: Comparison, rows: list[MeasuredRow]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("", overflow="fold")
    for bid in found.bids:
        table.add_column(one_line(bid.label), overflow="fold")
    for row in rows:
        table.add_row(
            one_line(row.title), *(shortened(measured_words(value), MOST_REASON) for value in row.values)
        )
    return table


def _matrix(found: Comparison, rows: list[Row]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("Requirement", overflow="fold")
    table.add_column("Level")
    for bid in found.bids:
        table.add_column(one_line(bid.label), overflow="fold")
    for row in rows:
        table.add_row(one_line(row.id), row.level, *(_cell(cell) for cell in row.cells))
    return table


def _cell(cell: Cell) -> Text:
    style = STYLE[cell.outcome] if cell.outcome else "dim"
    symbol = SYMBOL[cell.outcome] if cell.outcome else " "
    return Text(f"{symbol} {cell_words(cell)}", style=style)


def _changes(found: Changes) -> Iterator[RenderableType]:
    old, new = found.old, found.new
    yield Text(f"{one_line(new.label)}, judged as of {new.as_of}, beside {one_line(old.label)}, {old.as_of}")
    yield Text(f"Result: {old.result} before, {new.result} now", style="bold")
    for difference in found.differences:
        was, now = (one_line(value) for value in difference.values)
        matters = ": outcomes may differ for this alone" if difference.matters else ""
        yield Text(
            f"  {'≠' if difference.matters else '·'} {one_line(difference.what)}: {was} before, {now} now{matters}"
        )
    for turn in Turn:
        those = [change for change in found.changes if change.turn is turn]
        if those:
            yield Text(f"\n{turn.value.capitalize()} ({len(those)})", style="bold underline")
        for change in those:
            words = f"{change.was or 'not there'} → {change.now or 'not there'}"
            yield Text(
                f"{change.level}  {one_line(change.id)}: {words}  {shortened(clean(change.text), MOST_REASON)}"
            )
            if change.because:
                yield Text(f"    {shortened(one_line(change.because), MOST_REASON)}", style="dim")
    yield Text(f"\n{counted(found.unchanged, 'requirement')} as before")
