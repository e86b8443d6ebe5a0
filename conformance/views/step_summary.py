"""The report in Markdown, for the summary of a CI step: the result, three totals, and what failed.

A step summary holds 1,024 KiB; what does not fit is counted, with where to find it. Nothing that a server sent is
taken for markup: every character that Markdown or HTML could read as such stands as its number.
"""

import re
from collections.abc import Sequence

from conformance.model.report import Report, RequirementResult, RunRecord
from conformance.model.verdict import Outcome
from conformance.views import selection, wording
from conformance.views.matrix import why
from conformance.views.signature import SignatureNote
from conformance.views.text import counted, moment, one_line, shortened

MOST_BYTES = 1024 * 1000
ROWS = (100, 50, 20, 5, 1, 0)
LONGEST = 300
_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#|~&:!@$^=]|(?<=\bwww)\.", re.IGNORECASE)


def step_summary(report: Report, record: RunRecord, signature: SignatureNote) -> bytes:
    """The Markdown text, with as many rows as fit."""
    made = b""
    for most in ROWS:
        made = _page(report, record, signature, most).encode()
        if len(made) <= MOST_BYTES:
            break
    return made


def plain(value: str, most: int = LONGEST) -> str:
    """A text on one line that Markdown shows as it is."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", shortened(one_line(value), most))


def _page(report: Report, record: RunRecord, signature: SignatureNote, most: int) -> str:
    card = report.target
    lines = [
        f"## {wording.RESULT_SYMBOL[report.result]} {plain(wording.headline(report, signature))}",
        "",
        plain(wording.conclusion(report), 2000),
        "",
        plain(f"Run by {wording.run_by(record.runner)}, {moment(record.started_at)}, at {card.endpoint}."),
        plain(wording.signature_line(signature)),
        *([f"**{plain(wording.EMBEDDED_MEANING)}**"] if card.embedded else []),
        "",
        "| Method | Verdict | " + " | ".join(outcome.value for outcome in Outcome) + " |",
        "|---|---|" + "---:|" * len(Outcome),
    ]
    for method in wording.shown_methods(report):
        totals = " | ".join(str(method.totals.get(outcome, 0)) for outcome in Outcome)
        said = method.result.value if method.totals else "none required"
        lines.append(f"| {wording.METHOD_TITLE[method.method]} | {said} | {totals} |")
    lines += ["", plain(wording.NOT_SUMMED, 2000), ""]
    failing = selection.failing(report)
    lines += _told("What failed", failing, most) or [plain(wording.NOTHING_FAILED), ""]
    lines += _told("Warnings (they change no verdict)", selection.warnings(report), most)
    for outcome in (Outcome.INCONCLUSIVE, Outcome.UNTESTED):
        lines += _open_points(outcome, selection.grouped(report, outcome), most)
    return "\n".join(lines)


def _told(title: str, results: Sequence[RequirementResult], most: int) -> list[str]:
    if not results:
        return []
    rows = [
        f"| {plain(result.id)} | {result.level} | {plain(result.text)} | {plain(why(result))} |"
        for result in results[:most]
    ]
    more = [f"And {len(results) - most:,} more: see report.json.", ""] if len(results) > most else []
    head = ["| Requirement | Level | What it asks | What was seen |", "|---|---|---|---|"]
    return [f"### {title} ({len(results):,})", "", *(head if rows else []), *rows, "", *more]


def _open_points(outcome: Outcome, groups: Sequence[selection.Group], most: int) -> list[str]:
    if not groups:
        return []
    total = sum(len(group.requirements) for group in groups)
    rows = [
        f"- {plain(group.reason)} ({len(group.requirements):,}): {plain(', '.join(r.id for r in group.requirements))}"
        for group in groups[:most]
    ]
    more = (
        [f"- and {counted(len(groups) - most, 'more reason')}: see report.json"] if len(groups) > most else []
    )
    summary = f"{outcome.value.capitalize()} ({total:,}): neither a pass nor a fail"
    return ["<details>", f"<summary>{summary}</summary>", "", *rows, *more, "", "</details>", ""]
