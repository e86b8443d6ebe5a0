"""What `validate` found, for people: one line for each kind of finding, then what was not judged."""

from collections.abc import Iterable

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.summary import Group, Place, Summary, Unjudged
from conformance.views.text import counted, duration, one_line, shortened

__all__ = ["summary_view"]

MOST_SHOWN = 50
MOST_PLACES = 3
MOST_UNJUDGED = 12
LONGEST = 400

STYLE = {
    Severity.FATAL: "bold red",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFORMATION: "dim",
}


def summary_view(summary: Summary, *, files: int, passed_over: int, seconds: float) -> RenderableType:
    """All findings in groups, what was not judged, and the result as the last line."""
    groups = summary.groups
    parts: list[RenderableType] = [_group(group) for group in groups[:MOST_SHOWN]]
    hidden = len(groups) - MOST_SHOWN + summary.not_grouped
    if hidden > 0:
        parts.append(Text(f"… and {counted(hidden, 'more kind')} of finding: --format json shows them.\n"))
    if summary.not_judged:
        parts += [_unjudged(summary.not_judged), Text()]
    if passed_over:
        parts.append(Text(f"{counted(passed_over, 'file')} in the folders held no resource.", style="dim"))
    parts.append(_result(summary, files, seconds))
    return Lines(*parts)


def _group(group: Group) -> RenderableType:
    issue = group.issue
    style = STYLE[issue.severity]
    head = Text()
    head.append(f"{issue.severity.value} ", style=style)
    if group.count > 1:
        head.append(f"{group.count:,} times ", style="bold")
    head.append(one_line(group.expression) or "the whole file", style="bold")
    head.append(f"  {issue.message_id}", style="dim")
    body = Table.grid(padding=(0, 1))
    body.add_column(overflow="fold")
    body.add_row(Text(shortened(one_line(issue.text), LONGEST)))
    for place in group.places[:MOST_PLACES]:
        body.add_row(Text(_place(place), style="dim"))
    more = group.count - min(len(group.places), MOST_PLACES)
    if more > 0:
        body.add_row(Text(f"… and {more:,} more", style="dim"))
    return Lines(head, Padding(body, (0, 0, 1, 2)))


def _place(place: Place) -> str:
    where = one_line(place.file)
    if place.line:
        where += f":{place.line}" + (f":{place.column}" if place.column else "")
    return f"{where}  {one_line(place.resource)}".rstrip()


def _unjudged(rules: Iterable[Unjudged]) -> RenderableType:
    shown = list(rules)
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for rule in sorted(shown, key=lambda rule: -rule.count)[:MOST_UNJUDGED]:
        said = f"{one_line(rule.subject)}: {one_line(rule.reason)}"
        table.add_row(f"{rule.count:,} times", rule.kind, Text(shortened(said, LONGEST)))
    more = len(shown) - MOST_UNJUDGED
    tail = [Text(f"  … and {counted(more, 'more rule')}: --format json shows them.")] if more > 0 else []
    return Lines(
        Text("Not judged (neither right nor wrong)", style="bold"), Padding(table, (0, 0, 0, 2)), *tail
    )


def _result(summary: Summary, files: int, seconds: float) -> Text:
    judged = f"{counted(summary.resources, 'resource')} in {counted(files, 'file')}, {duration(seconds)}"
    if not summary.resources:
        return Text(f"Nothing was judged: {judged}.", style="bold yellow")
    warnings = summary.by_severity[Severity.WARNING]
    noted = f", {counted(warnings, 'warning')}" if warnings else ""
    if summary.valid:
        return Text(f"No errors{noted}: {judged}.", style="bold green")
    return Text(
        f"{counted(summary.errors, 'error')} in {counted(summary.invalid, 'resource')}{noted}: {judged}.",
        style="bold red",
    )
