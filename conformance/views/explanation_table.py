"""One requirement of a run laid open, for people at a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.model.explanation import ExplainedCase, Explanation, Rule, SeenExchange
from conformance.views import explanation_words as words
from conformance.views import wording
from conformance.views.terminal import STYLE
from conformance.views.text import clean, counted, day, one_line, shortened

MOST_CASES = 3
MOST_EXCHANGES = 4
MOST_FINDINGS = 5
MOST_BODY = 600
LONGEST = 1000


def explanation_table(found: Explanation) -> RenderableType:
    """Clause, recipe, limits, cases with their exchanges and rules, tools, and how to go over it again."""
    return Group(*_parts(found))


def _parts(found: Explanation) -> Iterator[RenderableType]:
    result = found.requirement
    yield Text.assemble(
        (one_line(result.id), "bold"), "  ", (result.outcome.value.upper(), STYLE[result.outcome])
    )
    yield Text(f"{one_line(found.target.product)} {one_line(found.target.version)}, {found.target.endpoint}")
    yield Text(words.standing(found))
    for told in found.against:
        yield Text(f"The report is authentic, but {one_line(told)}", style="yellow")
    if result.because:
        yield Text(shortened(one_line(result.because), LONGEST))
    if result.advisory:
        yield Text(f"It decides nothing in this run: {one_line(result.advisory)}")
    if result.waiver:
        waiver = result.waiver
        yield Text(f"Waived by {one_line(waiver.who)} until {day(waiver.until)}: {one_line(waiver.reason)}")
    yield from _headed("The clause", _clause(found))
    yield from _headed("How it is tested", _recipe(found))
    if found.limits:
        yield from _headed("Limits, and who set them", [_limits(found)])
    cases = words.decisive_first(found)
    for case in cases[:MOST_CASES]:
        yield from _headed(f"Case {one_line(case.id)}: {case.outcome}", _case(case))
    if len(cases) > MOST_CASES:
        yield Text(
            f"\n… and {counted(len(cases) - MOST_CASES, 'more case')}: write all with --html", style="dim"
        )
    yield from _headed("With what, and by whom", [_facts(found)])
    yield from _headed("To go over it again", _again(found))


def _headed(title: str, inner: Iterable[RenderableType]) -> Iterator[RenderableType]:
    yield Text(f"\n{title}", style="bold underline")
    yield from inner


def _clause(found: Explanation) -> Iterator[RenderableType]:
    result = found.requirement
    method = wording.METHOD_TITLE[result.method].lower()
    yield Text(clean(result.text))
    yield Text(f"{result.level}, verified as {method}, from the phase {result.phase} on", style="dim")
    yield Text(f"Source: {one_line(result.source)}", style="dim")


def _recipe(found: Explanation) -> Iterator[RenderableType]:
    if not found.recipes:
        yield Text(words.NO_TEST)
    for gate in found.gates:
        yield from _rule("Only where", gate)
    for recipe in found.recipes:
        yield Padding(Text(clean(recipe).rstrip()), (0, 0, 0, 2))


def _rule(what: str, rule: Rule) -> Iterator[RenderableType]:
    given = words.arguments(rule.arguments)
    yield Text.assemble(f"  {what} ", (one_line(rule.name), "bold"), f"({given})" if given else "")
    yield Padding(Text(words.rule_words(rule.says), style="dim"), (0, 0, 0, 4))


def _limits(found: Explanation) -> Table:
    table = _grid(("Limit", "Value", "Default", "Set by", "Basis"))
    for limit in found.limits:
        unit = f" ({one_line(limit.unit)})" if limit.unit else ""
        values = (words.value(limit.value) + unit, words.value(limit.default))
        table.add_row(one_line(limit.name), *values, one_line(limit.set_by), one_line(limit.basis))
    return table


def _case(case: ExplainedCase) -> Iterator[RenderableType]:
    yield from _outcome(case)
    for what, values in (("Drawn", case.drawn), ("From the target's data", case.filled)):
        if values:
            yield Text(f"  {what}: {words.arguments(values)}")
    for what, rules in (("Sent by", case.sent), ("Judged by", case.judged_by)):
        for rule in rules:
            yield from _rule(what, rule)
    yield from _records(case)
    yield Text(f"  {case.replay}", style="cyan", no_wrap=True, overflow="ignore")


def _outcome(case: ExplainedCase) -> Iterator[RenderableType]:
    yield Text(f"  {case.basis}", style="dim")
    for finding in case.findings[:MOST_FINDINGS]:
        yield Text(f"  ✗ {shortened(one_line(finding), LONGEST)}")
    if len(case.findings) > MOST_FINDINGS:
        yield Text(f"  … and {counted(len(case.findings) - MOST_FINDINGS, 'more finding')}", style="dim")
    for told in (case.because, *case.remarks):
        if told:
            yield Text(f"  {shortened(one_line(told), LONGEST)}")
    if case.expected:
        yield Text(f"  Expected: {shortened(one_line(case.expected), LONGEST)}")


def _records(case: ExplainedCase) -> Iterator[RenderableType]:
    if not case.exchanges and not case.documents:
        yield Text(f"  {words.NOTHING_SENT}")
    for document in case.documents:
        where = one_line(document.location) or "not given"
        yield Text(f"  {one_line(document.name)} ({where}), record SHA-256 {document.sha256}")
    for exchange in case.exchanges[:MOST_EXCHANGES]:
        yield from _exchange(exchange)
    left = max(len(case.exchanges) - MOST_EXCHANGES, 0) + case.more
    if left:
        yield Text(f"  … and {counted(left, 'more record')}", style="dim")


def _exchange(exchange: SeenExchange) -> Iterator[RenderableType]:
    url = shortened(one_line(exchange.url), LONGEST)
    yield Text(f"  {one_line(exchange.method)} {url} {words.answered(exchange)}", style="bold")
    yield Text(f"    record {exchange.id}, SHA-256 {exchange.sha256}", style="dim")
    if exchange.body:
        yield Text(f"    {words.body_note(exchange.body)}", style="dim")
        if exchange.body.text:
            yield Padding(Text(clean(exchange.body.text)[:MOST_BODY]), (0, 0, 0, 4))
    if exchange.curl:
        yield Text(f"    {one_line(exchange.curl)}", style="cyan", no_wrap=True, overflow="ignore")


def _facts(found: Explanation) -> Table:
    table = _grid(())
    for name, told in words.facts(found):
        table.add_row(name, told)
    return table


def _again(found: Explanation) -> Iterator[RenderableType]:
    yield Text(words.CHALLENGE, style="dim")
    for what, line in found.again:
        yield Text(f"  {what[0].upper()}{what[1:]}:")
        yield Text(f"    {one_line(line)}", style="cyan", no_wrap=True, overflow="ignore")


def _grid(columns: Sequence[str]) -> Table:
    table = Table(show_edge=False, pad_edge=False, box=None, show_header=bool(columns))
    for column in columns or ("", ""):
        table.add_column(column, overflow="fold")
    return table
