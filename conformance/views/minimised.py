"""Smaller cases that fail alike, on a terminal: what was drawn first, and what is enough."""

import json

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.model.minimised import Appendix, Minimised
from conformance.views.text import counted, one_line

LONGEST = 400


def minimised(appendix: Appendix, folder: str) -> RenderableType:
    """What was found for each failed case with drawn values, and where the evidence of it is."""
    parts: list[RenderableType] = [Text(), Text("Smaller cases that fail", style="bold")]
    parts += [_case(found) for found in appendix.found]
    if not appendix.found:
        parts.append(Text("No case failed for which anything was drawn."))
    if appendix.stopped:
        parts.append(Text(f"Not all were looked into: {appendix.stopped}.", style="yellow"))
    asked = counted(appendix.requests, "request")
    parts += [
        Text(),
        Text(f"{asked} more; the evidence is in {folder}. No verdict is changed by it.", style="dim"),
    ]
    return Lines(*parts)


def _case(found: Minimised) -> RenderableType:
    head = Text(f"{one_line(found.case)}, after {counted(found.tried, 'trial')}", style="bold")
    if not found.check:
        return Lines(Text(), head, Padding(Text("It did not fail again."), (0, 0, 0, 2)))
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    for name, value in found.smaller.items():
        before = found.drawn[name]
        was = "" if value == before else f"  (was {_written(before)})"
        rows.add_row(one_line(name), Text(_written(value) + was))
    rows.add_row("seen", Text(one_line(found.finding)))
    line = Text(f"  {one_line(found.curl)}", style="cyan", no_wrap=True, overflow="ignore")
    return Lines(Text(), head, Padding(rows, (0, 0, 0, 2)), line)


def _written(value: object) -> str:
    text = one_line(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
