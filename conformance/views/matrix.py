"""The rows that all tables of a report share: a spreadsheet and a list separated by commas say the same."""

import json
from dataclasses import dataclass

from conformance.model.base import Json
from conformance.model.profile import Method
from conformance.model.report import Report, RequirementResult, RunRecord
from conformance.model.verdict import Outcome
from conformance.views import selection, wording
from conformance.views.signature import SignatureNote
from conformance.views.text import clean, one_line

REQUIREMENT_COLUMNS = (
    "Requirement",
    "Level",
    "Method",
    "Outcome",
    "Decides",
    "Reason",
    "Text",
    "Clause",
    "Profile",
    "Waiver",
    "Evidence",
    "Evaluator's note",
)
FAILURE_COLUMNS = ("Requirement", "Level", "Case", "Finding", "Expected", "Request", "Evidence")
PARAMETER_COLUMNS = ("Parameter", "Value", "Default", "Unit", "Set for this run", "Basis")
MEASUREMENT_COLUMNS = ("Measurement", "Part", "Value", "Unit", "Definition", "Note", "Case")
MOST_IDS = 40

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """One table: what it is about, its columns, and its rows, all text and clean."""

    title: str
    columns: tuple[str, ...]
    rows: Rows


def tables(report: Report, record: RunRecord, signature: SignatureNote) -> tuple[Table, ...]:
    """All tables of a report, in the order in which a reader wants them."""
    return (
        summary(report, record, signature),
        requirements(report),
        Table("Parameters", PARAMETER_COLUMNS, _parameters(report)),
        Table("Measurements", MEASUREMENT_COLUMNS, _measurements(report)),
        Table("Failures", FAILURE_COLUMNS, _failures(report)),
    )


def summary(report: Report, record: RunRecord, signature: SignatureNote) -> Table:
    """Who tested what, and what came of it: the result in words and the totals side by side."""
    card = report.target
    rows = [
        ("Report", wording.headline(report, signature)),
        ("Result", report.result.value),
        ("In words", wording.conclusion(report)),
        *(("Verdict", wording.method_line(method)) for method in wording.shown_methods(report)),
        *(
            ("Part", f"{one_line(part.title)}: {part.result} ({wording.outcomes(part.totals)})")
            for part in report.sub_results
        ),
        ("About the totals", wording.NOT_SUMMED),
        ("Signature", wording.signature_line(signature)),
        *((("Note", wording.EMBEDDED_MEANING),) if card.embedded else ()),
        ("Product", wording.product(report)),
        ("Supplier", one_line(card.supplier)),
        ("Endpoint", one_line(card.endpoint)),
        ("Environment", card.environment.value),
        ("Data", wording.DATA_MEANING[card.data_class]),
        ("Run by", wording.run_by(record.runner)),
        ("Started", one_line(record.started_at)),
        ("Finished", one_line(record.finished_at)),
        ("Judged as of", report.as_of.isoformat()),
        ("Profile", f"{report.profile.profile}@{report.profile.version}: {one_line(report.profile.title)}"),
        ("Profile, SHA-256", report.profile.digest),
        ("Suite, SHA-256", report.suite_digest),
        *wording.bound_to(report, record),
        ("Run", one_line(report.run_id)),
        ("Tool", f"{record.tool.name} {record.tool.version}"),
        *(("What this cannot say", limit) for limit in wording.LIMITS),
    ]
    return Table("Summary", ("What", "Value"), [(name, clean(value)) for name, value in rows])


def requirements(report: Report) -> Table:
    """One row a requirement, with room for what an evaluator notes."""
    return Table("Requirements", REQUIREMENT_COLUMNS, [_requirement(r) for r in report.requirements])


def _requirement(result: RequirementResult) -> tuple[str, ...]:
    references = {ref.id: None for verdict in result.verdicts for ref in verdict.evidence}
    return (
        one_line(result.id),
        result.level.value,
        wording.METHOD_TITLE[result.method],
        result.outcome.value,
        decides(result),
        "" if result.outcome is Outcome.PASS else why(result),
        clean(result.text),
        one_line(result.source),
        one_line(result.origin),
        wording.waived(result),
        listed(list(references)),
        "",
    )


def decides(result: RequirementResult) -> str:
    """Whether the requirement can change the result."""
    if result.method is Method.OUT_OF_SCOPE:
        return "no: out of scope"
    if result.advisory:
        return f"no: {one_line(result.advisory)}"
    return "yes" if result.binds else "no"


def why(result: RequirementResult) -> str:
    """What a requirement that did not pass is told by: what its first decisive case found, or its reason."""
    for verdict in selection.decisive(result):
        if verdict.findings:
            return one_line(verdict.findings[0])
    return selection.reason(result)


def listed(ids: list[str]) -> str:
    """Ids in one cell, cut to so many."""
    more = f" and {len(ids) - MOST_IDS:,} more" if len(ids) > MOST_IDS else ""
    return ", ".join(one_line(name) for name in ids[:MOST_IDS]) + more


def _failures(report: Report) -> Rows:
    return [
        (
            one_line(result.id),
            result.level.value,
            one_line(verdict.case),
            one_line(finding),
            one_line(verdict.expected),
            one_line(verdict.curl),
            listed([reference.id for reference in verdict.evidence]),
        )
        for result in report.at(Outcome.FAIL)
        for verdict in selection.decisive(result)
        for finding in (verdict.findings or (verdict.because,))
    ]


def _parameters(report: Report) -> Rows:
    set_here = {override.partition("=")[0].strip() for override in report.overrides}
    rows: Rows = []
    for name, value in sorted(report.parameters.items()):
        limit = report.limits.get(name)
        rows.append(
            (
                one_line(name),
                told(value),
                told(limit.default) if limit else "",
                one_line(limit.unit) if limit else "",
                "yes" if name in set_here else "no",
                one_line(limit.basis) if limit else "",
            )
        )
    return rows


def _measurements(report: Report) -> Rows:
    rows: Rows = []
    for found in report.measurements:
        indicative = "indicative" if found.indicative else ""
        note = "; ".join(part for part in (indicative, one_line(found.note)) if part)
        own = (one_line(found.title), "", found.value, found.unit, found.definition, note, found.case)
        rows.append(tuple(one_line(cell) for cell in own))
        rows += [
            (
                one_line(found.title),
                one_line(part.label),
                one_line(part.value),
                one_line(found.unit),
                "",
                one_line(part.note),
                "",
            )
            for part in found.parts
        ]
    return rows


def told(value: Json) -> str:
    """A value of a profile as text."""
    return one_line(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    )
