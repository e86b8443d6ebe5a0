"""What `validate` found, for people: one paragraph for each kind of finding, then what was not judged.

The lines are made once, as text with styles. A pipe gets them as they are, each on one line, for `grep`; a terminal
gets them in colour and folded to its width.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.summary import Group, Place, Summary, Unjudged
from conformance.views.text import counted, duration, one_line, shortened
from conformance.views.validation_words import is_base, said, sentence

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Line", "plain", "rendered", "summary_lines"]

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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the view: how far it is indented, and pieces of text, each with its style.

    A line that is `whole` is never folded, so that its path or canonical can be copied.
    """

    indent: int
    pieces: tuple[tuple[str, str], ...]
    whole: bool = False

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(text for text, _ in self.pieces)


def summary_lines(
    summary: Summary, *, files: int, passed_over: int, seconds: float, interrupted: bool = False
) -> Iterator[Line]:
    """All findings in groups, what was not judged, and the result as the last line."""
    groups = summary.groups
    for group in groups[:MOST_SHOWN]:
        yield from _group(group)
    hidden = len(groups) - MOST_SHOWN
    if hidden > 0:
        yield _line(f"… and {counted(hidden, 'more kind')} of finding: --format json shows them.")
    if summary.not_grouped:
        yield _line(f"… and {counted(summary.not_grouped, 'finding')} of still other kinds, only counted.")
    if hidden > 0 or summary.not_grouped:
        yield _line()
    if summary.not_judged:
        yield from _unjudged(summary.not_judged)
        yield _line()
    if passed_over:
        yield _line(f"{counted(passed_over, 'file')} in the folders held no resource.", "dim")
    if interrupted:
        yield _line("Interrupted: what follows counts only what was judged until then.", "bold yellow")
    yield _result(summary, files, seconds)


def plain(lines: Iterable[Line]) -> str:
    """The lines for a pipe or a log: neither folded nor padded."""
    return "".join(f"{' ' * line.indent}{line.text}".rstrip() + "\n" for line in lines)


def rendered(lines: Iterable[Line]) -> "RenderableType":
    """The lines for a terminal, in colour; what is too long goes on below its own beginning."""
    from rich.console import Group as Lines  # noqa: PLC0415 - most runs show nothing in colour, and begin sooner
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    def one(line: Line) -> "RenderableType":
        if line.whole or not line.text:
            return Text.assemble(" " * line.indent, *line.pieces, no_wrap=True, overflow="ignore")
        return Padding(Text.assemble(*line.pieces, overflow="fold"), (0, 0, 0, line.indent), expand=False)

    return Lines(*map(one, lines))


def _line(text: str = "", style: str = "", indent: int = 0, *, whole: bool = False) -> Line:
    return Line(indent, ((text, style),), whole)


def _group(group: Group) -> Iterator[Line]:
    issue = group.issue
    times = f"{group.count:,} times " if group.count > 1 else ""
    where = shortened(one_line(group.expression), LONGEST) or "the whole file"
    yield Line(
        0,
        (
            (f"{issue.severity.value} ", STYLE[issue.severity]),
            (times, "bold"),
            (where, "bold"),
            (f"  {issue.message_id}", "dim"),
        ),
    )
    words = shortened(said(issue), LONGEST)
    yield _line(f"For example: {words}" if group.varies else words, indent=2)
    if not is_base(issue.structure):
        yield _line(f"by {one_line(issue.structure)}", "dim", 2, whole=True)
    for place in group.places[:MOST_PLACES]:
        yield _line(_place(place), "dim", 2, whole=True)
    more = group.count - min(len(group.places), MOST_PLACES)
    if more > 0:
        yield _line(f"… and {more:,} more", "dim", 2)
    yield _line()


def _place(place: Place) -> str:
    where = one_line(place.file)
    if place.line:
        where += f":{place.line}" + (f":{place.column}" if place.column else "")
    return f"{where}  {shortened(one_line(place.resource), LONGEST)}".rstrip()


def _unjudged(rules: Iterable[Unjudged]) -> Iterator[Line]:
    """What was not judged, by reason: one line for each subject."""
    by_reason: dict[tuple[str, str], list[Unjudged]] = {}
    for rule in sorted(rules, key=lambda rule: (-rule.count, rule.subject)):
        by_reason.setdefault((rule.kind, rule.reason), []).append(rule)
    yield _line("Not judged (neither right nor wrong)", "bold")
    for (kind, reason), found in by_reason.items():
        yield _line(shortened(sentence(f"{kind}: {reason}"), LONGEST), indent=2)
        shown = found[:MOST_UNJUDGED]
        wide = max(len(f"{rule.count:,}") for rule in shown)
        for rule in shown:
            times = f"{rule.count:>{wide},} {'time ' if rule.count == 1 else 'times'}"
            yield _line(f"{times}  {shortened(one_line(rule.subject), LONGEST)}", "dim", 4, whole=True)
        if len(found) > MOST_UNJUDGED:
            yield _line(f"… and {len(found) - MOST_UNJUDGED:,} more: --format json shows them.", indent=4)


def _result(summary: Summary, files: int, seconds: float) -> Line:
    judged = f"{counted(summary.resources, 'resource')} in {counted(files, 'file')}, {duration(seconds)}"
    if not summary.resources:
        return _line(f"Nothing was judged: {judged}.", "bold yellow")
    warnings = summary.by_severity[Severity.WARNING]
    noted = f", {counted(warnings, 'warning')}" if warnings else ""
    if summary.valid:
        return _line(f"No errors{noted}: {judged}.", "bold green")
    return _line(
        f"{counted(summary.errors, 'error')} in {counted(summary.invalid, 'resource')}{noted}: {judged}.",
        "bold red",
    )
