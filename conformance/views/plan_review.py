"""What judging an exit plan alone came to, for people at a terminal: by area, then each thing that is wrong."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.model.plan_review import Answer, Limit, PlanReview
from conformance.model.verdict import Outcome
from conformance.views import lock_in
from conformance.views.text import clean, counted, one_line

AREAS = {
    "PLN": "Exit plan",
    "TRM": "Notice, transition, retrieval",
    "CST": "Costs",
    "DEL": "Deletion",
    "IPR": "Ownership and escrow",
    "SUB": "Subcontractors",
    "PPL": "People",
    "EXP": "Export",
    "CMP": "Completeness",
    "OPN": "Open formats",
    "DOC": "Documentation",
    "API": "Interfaces",
    "THR": "Throughput",
    "GOV": "Governance",
}
COLUMNS = ("pass", "fail", "depends", "not known", "not applicable")


def plan_review(review: PlanReview) -> RenderableType:
    """Totals by area, contradictions, failures, what depends, warnings, and what it comes to."""
    return Group(*_parts(review))


def _parts(review: PlanReview) -> Iterator[RenderableType]:
    yield Text(
        f"{one_line(review.plan)} by {review.profile}, phase {review.phase}, as of {review.as_of.isoformat()}"
    )
    yield _table(review)
    if review.contradictions:
        yield Text("\nAgainst your contract", style="bold")
        yield from (_line(text) for text in review.contradictions)
    yield from _section("What fails", review.at(Outcome.FAIL, binding=True), "bold red")
    doubtful = [a for a in review.answers if a.outcome is Outcome.INCONCLUSIVE]
    yield from _section("Depends on the start date", tuple(a for a in doubtful if a.depends), "yellow")
    open_ones = [a for a in doubtful if not a.depends]
    untested = [a for a in review.answers if a.outcome is Outcome.UNTESTED]
    yield from _unknown((*open_ones, *untested))
    yield from _section(
        "Warnings: what is recommended, or only advises here, is not met",
        review.at(Outcome.FAIL, binding=False),
        "yellow",
    )
    noticed = [(a.id, text) for a in review.answers for text in a.remarks]
    if noticed:
        yield Text("\nTo be looked at", style="bold")
        yield from (_line(f"{name}: {text}") for name, text in noticed)
    reckoned = lock_in.table(review.measurements, "What it comes to")
    if reckoned is not None:
        yield reckoned
    yield Text()
    yield _verdict(review)


def _table(review: PlanReview) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("area")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    counts: dict[str, list[int]] = {}
    for answer in review.answers:
        counts.setdefault(answer.area, [0] * len(COLUMNS))[COLUMNS.index(_column(answer))] += 1
    for area in sorted(
        counts, key=lambda area: (list(AREAS).index(area) if area in AREAS else len(AREAS), area)
    ):
        table.add_row(AREAS.get(area, area), *(str(number) if number else "" for number in counts[area]))
    return table


def _column(answer: Answer) -> str:
    return {
        Outcome.PASS: "pass",
        Outcome.FAIL: "fail",
        Outcome.INAPPLICABLE: "not applicable",
        Outcome.INCONCLUSIVE: "depends" if answer.depends else "not known",
        Outcome.UNTESTED: "not known",
    }[answer.outcome]


def _section(title: str, answers: tuple[Answer, ...], style: str) -> Iterator[RenderableType]:
    if not answers:
        return
    yield Text(f"\n{title}", style="bold")
    for answer in answers:
        yield Text.assemble((answer.id, style), f" {answer.level}: {answer.text}")
        yield from (_line(text) for text in (*answer.findings, *([answer.because] if answer.because else [])))
        if answer.advisory:
            yield _line(f"decides nothing here: {answer.advisory}")
        yield from (_line(f"limit: {_limit(limit)}") for limit in answer.limits)
        yield from (_line(f"to mend: {clean(hint.path)}: {hint.belongs}") for hint in answer.hints)
        yield _line(f"source: {answer.source}", style="dim")


def _unknown(answers: tuple[Answer, ...]) -> Iterator[RenderableType]:
    """What could not be judged, by reason."""
    reasons: dict[str, list[str]] = {}
    for answer in answers:
        reasons.setdefault(answer.because, []).append(answer.id)
    if reasons:
        yield Text("\nNot known", style="bold")
    for because, ids in reasons.items():
        shown = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")  # noqa: PLR2004
        yield _line(f"{shown}: {because}")


def _limit(limit: Limit) -> str:
    value = str(limit.value) or "not set"
    unit = f" ({limit.unit})" if limit.unit else ""
    default = str(limit.default) or "not set"
    said = f"set by {limit.set_by}; the default is {default}, from" if limit.set_by else "the default, from"
    return f"{limit.name} = {value}{unit}: {said} {limit.basis or 'the profile'}"


def _verdict(review: PlanReview) -> Text:
    failed = review.at(Outcome.FAIL, binding=True)
    binding = [a for a in review.answers if a.binds]
    if review.met:
        said, style = (
            f"NO ERROR FOUND: {counted(len(binding), 'binding requirement')} on plans met",
            "bold green",
        )
    elif failed or review.contradictions:
        told = (
            [f"{len(failed)} of {counted(len(binding), 'binding requirement')} on plans not met"]
            if failed
            else []
        )
        against = len(review.contradictions)
        told += [f"{counted(against, 'contradiction')} of the contract"] if against else []
        said, style = f"ERRORS FOUND: {', '.join(told)}", "bold red"
    else:
        said, style = "NOT SHOWN: some binding requirements could not be judged", "bold yellow"
    beyond = counted(review.beyond_a_plan, "further requirement")
    rest = f". This is what the plan declares; {beyond} of the profile rest on more than a plan (conformance run)."
    return Text.assemble((said, style), rest)


def _line(text: str, style: str = "") -> RenderableType:
    return Padding(Text(clean(text), style=style), (0, 0, 0, 2))
