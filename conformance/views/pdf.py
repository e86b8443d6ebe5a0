"""The report as a PDF for the file: built for PDF/A-3a and PDF/UA-1, with the signed record attached.

The bytes depend on nothing but the report.
"""

import datetime as dt

from conformance.model.base import Json
from conformance.model.profile import Method
from conformance.model.report import Report, RequirementResult, RunRecord
from conformance.model.verdict import Outcome
from conformance.views import lock_in, matrix, selection, wording
from conformance.views.signature import SignatureNote
from conformance.views.text import counted, day, duration, moment, one_line, shortened
from conformance.views.typesetting import fit_to_show, typeset

RECORD_NAME, REPORT_NAME = "report.dsse.json", "report.json"
MOST_IN_FULL = 100
MOST_FINDINGS = 5
LONGEST = 1200


def pdf(report: Report, record: RunRecord, signature: SignatureNote, envelope: bytes = b"") -> bytes:
    """The document's bytes. `envelope` is the signed record; without one, the report's content is attached."""
    attached = envelope or report.canonical()
    name = RECORD_NAME if envelope else REPORT_NAME
    return typeset("report.typ", content(report, record, signature), name, attached, _time(record))


def content(report: Report, record: RunRecord, signature: SignatureNote) -> Json:
    """All that the document says, as plain data."""
    card, profile = report.target, report.profile
    facts = [
        ("Product", wording.product(report) + (f", of {one_line(card.supplier)}" if card.supplier else "")),
        ("Installation", f"{card.environment} at {card.endpoint}"),
        ("Data", wording.DATA_MEANING[card.data_class]),
        ("Against", f"{profile.title} ({profile.profile}@{profile.version})"),
        ("Run by", wording.run_by(record.runner)),
        ("When", f"{moment(record.started_at)}; dates judged as of {day(report.as_of)}"),
    ]
    pins = [
        ("Run", report.run_id),
        ("Profile, SHA-256", profile.digest),
        ("Suite, SHA-256", report.suite_digest),
        *wording.bound_to(report, record),
        ("Requests", f"{counted(record.requests, 'request')} in {duration(record.seconds)}"),
        ("Tool", f"{record.tool.name} {record.tool.version}"),
        ("Tool, SHA-256 of its source", record.tool.digest),
    ]
    failing, warnings = selection.failing(report), selection.warnings(report)
    said = {
        "headline": wording.headline(report, signature),
        "result": report.result.value,
        "mark": "" if signature.signed else "UNSIGNED",
        "product": wording.product(report),
        "lead": f"Measured against {one_line(profile.title)}, version {profile.version}",
        "conclusion": wording.conclusion(report),
        "runBy": f"Run by {wording.run_by(record.runner)}, {moment(record.started_at)}.",
        "signature": wording.signature_line(signature),
        "signedMeaning": wording.SIGNED_MEANING if signature.signed else "",
        "embedded": wording.EMBEDDED_MEANING if card.embedded else "",
        "facts": [(name, value) for name, value in facts if value],
        "pins": [(name, value) for name, value in pins if value],
        "outcomes": [outcome.value for outcome in Outcome],
        "symbols": {outcome.value: wording.SYMBOL[outcome] for outcome in Outcome},
        "methods": [
            {
                "title": wording.METHOD_TITLE[method.method],
                "meaning": wording.METHOD_MEANING[method.method],
                "result": method.result.value if method.totals else "none required",
                "decides": method.gates,
                "words": wording.outcomes(method.totals),
                "totals": [method.totals.get(outcome, 0) for outcome in Outcome],
            }
            for method in wording.shown_methods(report)
        ],
        "parts": [
            {
                "title": part.title,
                "result": part.result.value,
                "totals": [part.totals.get(outcome, 0) for outcome in Outcome],
            }
            for part in report.sub_results
        ],
        "notSummed": wording.NOT_SUMMED,
        "nothingFailed": wording.NOTHING_FAILED,
        "failing": [_unmet(result, report.run_id) for result in failing[:MOST_IN_FULL]],
        "failingShort": [_short(result) for result in failing[MOST_IN_FULL:]],
        "warnings": [_short(result) for result in warnings],
        "open": [
            {"outcome": outcome.value, "meaning": wording.OUTCOME_MEANING[outcome], "groups": groups}
            for outcome in (Outcome.INCONCLUSIVE, Outcome.UNTESTED, Outcome.INAPPLICABLE)
            if (groups := _groups(selection.grouped(report, outcome)))
        ],
        "outOfScope": _groups(selection.out_of_scope(report)),
        "requirements": [_row(result) for result in report.requirements],
        "parameters": matrix.tables(report, record, signature)[2].rows,
        "measured": lock_in.TITLE,
        "measuredIntroduction": lock_in.INTRODUCTION,
        "measurements": [
            (m.title, f"{m.value} {m.unit}".strip() if m.value else lock_in.UNKNOWN, m.definition, m.note)
            for m in report.measurements
        ],
        "outcomeMeaning": [(o.value, wording.OUTCOME_MEANING[o]) for o in Outcome],
        "limits": list(wording.LIMITS),
        "verify": f"conformance verify {one_line(report.run_id)} --trust trust.toml",
    }
    return fit_to_show(said)


def _unmet(result: RequirementResult, run: str) -> dict[str, Json]:
    decisive = selection.decisive(result)
    first = decisive[0] if decisive else None
    findings = list(first.findings[:MOST_FINDINGS]) if first else []
    return {
        **_short(result),
        "method": wording.METHOD_TITLE[result.method].lower(),
        "source": one_line(result.source),
        "findings": [shortened(one_line(f), LONGEST) for f in findings] or [selection.reason(result)],
        "cases": f"{counted(len(decisive), 'case')} of {len(result.verdicts)} failed" if decisive else "",
        "expected": shortened(one_line(first.expected), LONGEST) if first else "",
        "curl": shortened(one_line(first.curl), LONGEST) if first else "",
        "replay": wording.replay_line(run, first.case) if first else "",
        "evidence": [(e.id, e.sha256) for e in first.evidence[:MOST_FINDINGS]] if first else [],
    }


def _short(result: RequirementResult) -> dict[str, Json]:
    return {
        "id": one_line(result.id),
        "level": result.level.value,
        "text": shortened(one_line(result.text), LONGEST),
        "why": shortened(matrix.why(result), 400),
        "advisory": one_line(result.advisory),
    }


def _row(result: RequirementResult) -> tuple[str, ...]:
    scope = result.method is Method.OUT_OF_SCOPE
    return (
        one_line(result.id),
        result.level.value,
        wording.METHOD_TITLE[result.method].lower(),
        "out of scope" if scope else result.outcome.value,
        shortened(one_line(result.text), 200),
    )


def _groups(groups: tuple[selection.Group, ...]) -> list[dict[str, Json]]:
    return [
        {
            "reason": shortened(group.reason, LONGEST),
            "count": len(group.requirements),
            "ids": matrix.listed([r.id for r in group.requirements]),
        }
        for group in groups
    ]


def _time(record: RunRecord) -> int:
    """The time that the document states: that of the run's end, in seconds since 1970."""
    try:
        when = dt.datetime.fromisoformat(record.finished_at or record.started_at)
    except ValueError:
        return 0
    stamp = (when if when.tzinfo else when.replace(tzinfo=dt.UTC)).timestamp()
    return max(int(stamp), 0)
