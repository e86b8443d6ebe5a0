"""What `inspect` found, for people at a terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from conformance.model.inspection import Inspection
from conformance.views.text import counted, one_line, size

__all__ = ["inspection_table", "verdict"]

MOST_TOLD = 20
MOST_WORDS = 5
MOST_CELLS = 15


def verdict(found: Inspection) -> str:
    """What all of it comes to, in one sentence."""
    what = (
        f"{counted(found.resources, 'resource')} in {counted(len(found.files), 'file')}, {size(found.size)}"
    )
    if found.errors:
        return f"ERRORS FOUND: {counted(len(found.errors), 'kind')} of error in {what}"
    judged = "every line holds a valid resource" if found.validated else "every line holds a resource"
    return f"NO ERROR FOUND: {what}; {judged}"


def inspection_table(found: Inspection) -> RenderableType:
    """Everything worth a look, in tables."""
    return Group(*_parts(found))


def _parts(found: Inspection) -> Iterator[RenderableType]:
    yield Text(verdict(found), style="bold red" if found.errors else "bold green")
    yield _types(found)
    if found.references:
        yield _references(found)
    for words in found.words:
        told = ", ".join(f"{one_line(word.text)} ({word.count:,})" for word in words.frequent[:MOST_WORDS])
        more = ", …" if words.distinct > MOST_WORDS else ""
        yield Text(f"{counted(words.distinct, words.kind)} ({words.count:,} uses): {told}{more}")
    yield from _listed("Errors", found.errors, "red")
    yield from _listed("Warnings", found.warnings, "yellow")
    yield from _listed("Not looked at", found.not_looked_at, "dim")


def _types(found: Inspection) -> Table:
    table = Table(title="Resources", title_justify="left", title_style="bold")
    table.add_column("type")
    for name in ("resources", "declared", "ids", "repeated"):
        table.add_column(name, justify="right")
    table.add_column("last updated, first to last")
    for kind in found.types:
        declared = "" if kind.declared is None else f"{kind.declared:,}"
        span = f"{kind.updated_first[:10]} to {kind.updated_last[:10]}" if kind.updated_first else ""
        repeats = f"{kind.repeats:,}" if kind.repeats else ""
        table.add_row(one_line(kind.name), f"{kind.resources:,}", declared, f"{kind.ids:,}", repeats, span)
    return table


def _references(found: Inspection) -> Table:
    table = Table(title="References", title_justify="left", title_style="bold")
    table.add_column("from")
    table.add_column("to")
    for name in ("references", "lead nowhere", "missing targets"):
        table.add_column(name, justify="right")
    cells = sorted(found.references, key=lambda cell: (-cell.dangling, -cell.references))
    for cell in cells[:MOST_CELLS]:
        lost = (f"{cell.dangling:,}", f"{cell.missing:,}") if cell.dangling else ("", "")
        table.add_row(cell.source, cell.target, f"{cell.references:,}", *lost)
    if len(cells) > MOST_CELLS:
        rest = cells[MOST_CELLS:]
        dangling = sum(cell.dangling for cell in rest)
        table.add_row(
            f"{len(rest)} more",
            "",
            f"{sum(cell.references for cell in rest):,}",
            f"{dangling:,}" if dangling else "",
        )
    return table


def _listed(title: str, lines: tuple[str, ...], style: str) -> Iterator[RenderableType]:
    if not lines:
        return
    yield Text(f"{title}:", style="bold")
    for line in lines[:MOST_TOLD]:
        yield Text(f"  {one_line(line)}", style=style)
    if len(lines) > MOST_TOLD:
        yield Text(f"  … and {len(lines) - MOST_TOLD:,} more: --json lists all", style=style)
