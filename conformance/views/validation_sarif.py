"""What `validate` found as SARIF 2.1.0, for code scanning in CI.

Each kind of finding is a rule, each of its first places a result; how often it occurred in all stands in the
result's `occurrenceCount`. What was not judged is told as notifications of the tool.
"""

from collections.abc import Iterable
from typing import Any

from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.summary import Group, Place, Summary
from conformance.views.sarif import file_uri, location, log, note
from conformance.views.text import counted, one_line
from conformance.views.validation_words import is_base, said

__all__ = ["file_uri", "sarif"]

LEVEL = {
    Severity.FATAL: "error",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
}


def sarif(
    summary: Summary, version: str, *, problems: Iterable[DefinitionProblem] = (), complete: bool = True
) -> dict[str, Any]:
    """One SARIF log with one run; `complete` is False where the run was interrupted."""
    groups = summary.groups
    rules = {group.issue.message_id: group.issue.code for group in groups}
    notes = [note(f"{problem.message}", "warning") for problem in problems]
    notes += [
        note(f"not judged, {counted(rule.count, 'time')}: {rule.kind} {rule.subject}: {rule.reason}", "note")
        for rule in summary.not_judged
    ]
    if summary.not_grouped:
        notes.append(
            note(f"{summary.not_grouped:,} findings of still other kinds are only counted", "warning")
        )
    if not complete:
        notes.append(note("interrupted: not everything was judged", "error"))
    return log(
        "conformance validate",
        version,
        [{"id": name, "properties": {"issueType": code}} for name, code in sorted(rules.items())],
        [_result(group, place) for group in groups for place in group.places],
        notes,
        complete=complete,
    )


def _result(group: Group, place: Place) -> dict[str, Any]:
    issue = group.issue
    named = one_line(f"{place.resource} {place.expression}")
    words = said(issue) if is_base(issue.structure) else f"{said(issue)} (By {one_line(issue.structure)}.)"
    return {
        "ruleId": issue.message_id,
        "level": LEVEL[issue.severity],
        "message": {"text": words},
        "occurrenceCount": group.count,
        "locations": [location(place.file, place.line, place.column, named)],
        "partialFingerprints": {
            "conformanceFinding/v1": one_line(
                f"{issue.message_id}|{place.file}|{place.resource}|{place.expression}"
            )
        },
    }
