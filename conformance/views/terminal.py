"""A report on a terminal: verdicts first, then all that failed and why, then what is not known.

Everything here is returned, nothing printed. Print with `console.print(view, crop=False)`: a command line
stands on one line of its own, however long, so that it can be copied.
"""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.model.profile import Method, Profile
from conformance.model.report import Report, RequirementResult, Result, RunRecord
from conformance.model.verdict import Outcome, Verdict
from conformance.views import lock_in, selection, wording
from conformance.views.signature import SignatureNote
from conformance.views.text import clean, counted, day, duration, moment, one_line, shortened, size

MOST_CASES = 3
LONGEST_CHANGE = 300
MOST_FINDINGS = 5
MOST_IDS = 20
LONGEST = 600

STYLE = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.UNTESTED: "blue",
    Outcome.INAPPLICABLE: "dim",
}
RESULT_STYLE = {
    Result.PASSED: "bold green",
    Result.FAILED: "bold red",
    Result.INCONCLUSIVE: "bold yellow",
    Result.NOT_TESTED: "bold blue",
}


def whole(report: Report, record: RunRecord, signature: SignatureNote, run: str = "") -> RenderableType:
    """All that a person at the keyboard wants to know of a run. `run` is what they would type to name it."""
    named = run or report.run_id
    return Lines(
        heading(report, record, signature),
        methods(report),
        *([sub_results(report)] if report.sub_results else []),
        *_section("What failed", selection.failing(report), named),
        *_section(
            "Warnings: what is recommended, or only advises here, is not met; no verdict changes",
            selection.warnings(report),
            named,
        ),
        *_section("For information: a MAY that is not done as described", selection.remarks(report), named),
        *_open_points("Inconclusive", selection.grouped(report, Outcome.INCONCLUSIVE)),
        *_open_points("Untested", selection.grouped(report, Outcome.UNTESTED)),
        *([measured] if (measured := lock_in.table(report.measurements)) is not None else []),
        Text(),
        verdict_line(report, signature),
    )


def heading(report: Report, record: RunRecord, signature: SignatureNote) -> RenderableType:
    """What was tested, against what, by whom and when."""
    card = report.target
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_row("tested", Text(f"{wording.product(report)}, {card.environment}, data {card.data_class}"))
    rows.add_row("endpoint", Text(one_line(card.endpoint)))
    profile = report.profile
    rows.add_row("against", Text(f"{one_line(profile.title)} ({profile.profile}@{profile.version})"))
    rows.add_row("run by", Text(wording.run_by(record.runner)))
    rows.add_row("when", Text(f"{moment(record.started_at)}, judged as of {day(report.as_of)}"))
    asked = counted(record.requests, "request") + wording.saved(record.saved)
    amount = f"{asked}, {size(record.bytes_received)}, {duration(record.seconds)}"
    rows.add_row("run", Text(f"{one_line(report.run_id)}: {amount}"))
    rows.add_row("signature", _signature(signature))
    if card.embedded:
        rows.add_row("note", Text(wording.EMBEDDED_MEANING, style="yellow"))
    for change in report.changes:
        rows.add_row("changed", Text(shortened(wording.change_line(change), LONGEST_CHANGE)))
    if record.left_behind:
        rows.add_row("left behind", Text(wording.left_behind(record), style="yellow"))
    return rows


def verdict_line(report: Report, signature: SignatureNote) -> Text:
    """The result in capitals, what it means in words, and the mark UNSIGNED where nobody signed."""
    line = Text(report.result, style=RESULT_STYLE[report.result])
    if not signature.signed:
        line.append("  UNSIGNED", style="bold yellow")
    return line.append(f"  {wording.conclusion(report)}", style="not bold default")


def methods(report: Report) -> RenderableType:
    """The verdicts of the three methods with their totals, side by side and never added up."""
    table = _totals_table("Method")
    shown = wording.shown_methods(report)
    for method in shown:
        title = Text(wording.METHOD_TITLE[method.method])
        if method.totals:
            table.add_row(title, *_totals(method.totals), _result(method.result))
        else:
            table.add_row(
                title, *([Text("·", style="dim")] * len(Outcome)), Text("none required", style="dim")
            )
    idle = [wording.METHOD_TITLE[m.method] for m in shown if m.totals and not m.gates]
    notes = [f"{' and '.join(idle)}: shown, but no part of the result."] if idle else []
    for method in shown:
        if warned := selection.not_binding_failures(report, method.method):
            name = wording.METHOD_TITLE[method.method]
            notes.append(f"{name}: {warned:,} of the failures break no SHALL and decide nothing.")
    if declined := selection.declined(report):
        notes.append(
            f"{counted(declined, 'case')} tried and not counted: by the answers, what they ask for is not offered."
        )
    apart = sum(r.method is Method.OUT_OF_SCOPE for r in report.requirements)
    notes += [f"{counted(apart, 'statement')} of the profile out of scope."] if apart else []
    return Lines(Text(), table, *(Text(note, style="dim") for note in notes))


def sub_results(report: Report) -> RenderableType:
    """The verdicts of the profile's named parts."""
    table = _totals_table("Part")
    for part in report.sub_results:
        table.add_row(Text(one_line(part.title)), *_totals(part.totals), _result(part.result))
    notes = [
        f"{one_line(part.title)} rests on what is {' and '.join(part.rests_on)}, not on tests."
        for part in report.sub_results
        if Method.AUTOMATED not in part.rests_on
    ]
    return Lines(Text(), table, *(Text(note, style="dim") for note in notes))


def failure(requirement: RequirementResult, run: str) -> RenderableType:
    """One requirement that is not met: what was asked, what was seen, and how to see it again."""
    head = Text("fail  ", style=STYLE[Outcome.FAIL])
    head.append(f"{requirement.level}  ", style="bold default")
    head.append(one_line(requirement.id), style="bold default")
    decisive = selection.decisive(requirement)
    parts: list[RenderableType] = [Text(), head, _indented(Text(clean(requirement.text)))]
    if requirement.advisory:
        parts.append(_fact("advises", f"it decides nothing here: {requirement.advisory}"))
    if not decisive:
        parts.append(_fact("seen", selection.reason(requirement)))
    for verdict in decisive[:MOST_CASES]:
        parts += _case(verdict, run)
    if len(decisive) > MOST_CASES:
        parts.append(
            _fact("", f"{counted(len(decisive) - MOST_CASES, 'more failing case')}: see report.json")
        )
    if requirement.waiver is not None:
        parts.append(_fact("waived", f"{wording.waived(requirement)} (this changes no outcome)"))
    parts += [_fact("note", one_line(said)) for said in requirement.not_tried]
    parts.append(_source(one_line(requirement.source)))
    return Lines(*parts)


def _case(verdict: Verdict, run: str) -> list[RenderableType]:
    findings = [one_line(finding) for finding in verdict.findings] or [one_line(verdict.because)]
    parts = [_fact("expected", one_line(verdict.expected))] if verdict.expected else []
    parts += [_fact("seen" if i == 0 else "", text) for i, text in enumerate(findings[:MOST_FINDINGS])]
    if len(findings) > MOST_FINDINGS:
        parts.append(_fact("", f"{counted(len(findings) - MOST_FINDINGS, 'more finding')} in this case"))
    if verdict.curl:
        parts.append(_command(one_line(verdict.curl)))
    parts.append(_command(wording.replay_line(run, verdict.case)))
    return parts


def profiles(groups: Mapping[str, Sequence[Profile]]) -> RenderableType:
    """The profiles that can be run, one a line, below who needs them."""
    parts: list[RenderableType] = []
    for title, several in groups.items():
        if several:
            parts += [Text(f"\n{one_line(title)}", style="bold"), _of_one_need(several)]
    return Lines(*parts)


def _of_one_need(several: Sequence[Profile]) -> RenderableType:
    table = _table("Profile", "Version", "Requirements", "Title")
    table.columns[0].min_width = 23
    table.columns[2].justify = "right"
    for profile in several:
        count = f"{len(profile.requirements):,}"
        state = "" if profile.status == "active" else f" ({profile.status})"
        table.add_row(
            Text(profile.profile), Text(profile.version), count, Text(one_line(profile.title) + state)
        )
    return table


def requirements(profile: Profile) -> RenderableType:
    """The requirements of a profile: how strongly each binds, how it is verified, what it says."""
    table = _table("Requirement", "Level", "Method", "Text")
    for requirement in profile.requirements:
        text = Text(one_line(requirement.text))
        why = requirement.untested or requirement.out_of_scope
        if why:
            text.append(f" (not tested: {one_line(why)})", style="dim")
        name = Text(one_line(requirement.id), overflow="fold")
        table.add_row(name, Text(requirement.level), Text(requirement.method), text)
    return table


def faults(described: Iterable[tuple[str, str]]) -> RenderableType:
    """The faults that the embedded supplier can be told to have: name and description."""
    table = _table("Fault", "What it breaks")
    for name, description in described:
        table.add_row(Text(one_line(name)), Text(one_line(description)))
    return table


def _section(title: str, requirements: Sequence[RequirementResult], run: str) -> tuple[RenderableType, ...]:
    if not requirements:
        return ()
    return (_title(f"{title} ({len(requirements):,})"), *(failure(r, run) for r in requirements))


def _open_points(title: str, groups: Sequence[selection.Group]) -> tuple[RenderableType, ...]:
    if not groups:
        return ()
    total = sum(len(group.requirements) for group in groups)
    lines: list[RenderableType] = [_title(f"{title} ({total:,}): neither a pass nor a fail")]
    for group in groups:
        binding = sum(r.binds for r in group.requirements)
        lines.append(
            Text(f"{shortened(group.reason, LONGEST)} ({len(group.requirements):,}, {binding:,} binding)")
        )
        ids = [one_line(r.id) for r in group.requirements]
        more = f" and {len(ids) - MOST_IDS:,} more" if len(ids) > MOST_IDS else ""
        lines.append(_indented(Text(", ".join(ids[:MOST_IDS]) + more, style="dim")))
    return tuple(lines)


def _title(text: str) -> RenderableType:
    return Lines(Text(), Text(text, style="bold underline"))


def _fact(label: str, text: str) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=8, style="dim")
    row.add_column(overflow="fold")
    row.add_row(label, Text(shortened(text, LONGEST)))
    return _indented(row)


def _source(clause: str) -> RenderableType:
    if clause.startswith(("http://", "https://")) and " " not in clause:
        return Text("  source   ", style="dim", no_wrap=True, overflow="ignore").append(
            clause, style="not dim"
        )
    return _fact("source", clause)


def _command(line: str) -> Text:
    return Text(f"  {line}", style="cyan", no_wrap=True, overflow="ignore")


def _indented(inner: RenderableType) -> RenderableType:
    return Padding(inner, (0, 0, 0, 2))


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _totals_table(first: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    table.add_column(first, overflow="fold")
    for outcome in Outcome:
        table.add_column(outcome.value, justify="right", no_wrap=True)
    table.add_column("Result", no_wrap=True)
    return table


def _totals(totals: dict[Outcome, int]) -> list[Text]:
    counts = [(outcome, totals.get(outcome, 0)) for outcome in Outcome]
    return [Text(f"{count:,}", style=STYLE[outcome] if count else "dim") for outcome, count in counts]


def _result(result: Result) -> Text:
    return Text(result, style=RESULT_STYLE[result])


def _signature(signature: SignatureNote) -> Text:
    if not signature.signed:
        return Text(f"UNSIGNED. {wording.UNSIGNED_MEANING}", style="bold yellow")
    role = f" in the role {one_line(signature.role)}" if signature.role else ""
    return Text(f"signed with the key {one_line(signature.key_id)}{role}")
