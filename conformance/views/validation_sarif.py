"""What `validate` found as SARIF 2.1.0, for code scanning in CI.

Each kind of finding is a rule, each of its first places a result; how often it occurred in all stands in the
result's `occurrenceCount`. What was not judged is told as notifications of the tool.
Source: OASIS SARIF 2.1.0, sections 3.14 (run), 3.20 (invocation), 3.27 (result), 3.58 (notification).
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.summary import Group, Place, Summary
from conformance.views.text import counted, one_line
from conformance.views.validation_words import is_base, said, sentence

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
    notes = [_note(f"{problem.message}", "warning") for problem in problems]
    notes += [
        _note(f"not judged, {counted(rule.count, 'time')}: {rule.kind} {rule.subject}: {rule.reason}", "note")
        for rule in summary.not_judged
    ]
    if summary.not_grouped:
        notes.append(
            _note(f"{summary.not_grouped:,} findings of still other kinds are only counted", "warning")
        )
    if not complete:
        notes.append(_note("interrupted: not everything was judged", "error"))
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "conformance validate",
                        "version": version,
                        "rules": [
                            {"id": name, "properties": {"issueType": code}}
                            for name, code in sorted(rules.items())
                        ],
                    }
                },
                "invocations": [{"executionSuccessful": complete, "toolExecutionNotifications": notes}],
                "results": [_result(group, place) for group in groups for place in group.places],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _note(text: str, level: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": sentence(text)}}


def _result(group: Group, place: Place) -> dict[str, Any]:
    issue = group.issue
    physical: dict[str, Any] = {"artifactLocation": {"uri": file_uri(place.file)}}
    if place.line:
        region = {"startLine": place.line}
        if place.column:
            region["startColumn"] = place.column
        physical["region"] = region
    named = one_line(f"{place.resource} {place.expression}")
    words = said(issue) if is_base(issue.structure) else f"{said(issue)} (By {one_line(issue.structure)}.)"
    return {
        "ruleId": issue.message_id,
        "level": LEVEL[issue.severity],
        "message": {"text": words},
        "occurrenceCount": group.count,
        "locations": [
            {
                "physicalLocation": physical,
                "logicalLocations": [{"fullyQualifiedName": named, "kind": "element"}] if named else [],
            }
        ],
        "partialFingerprints": {
            "conformanceFinding/v1": one_line(
                f"{issue.message_id}|{place.file}|{place.resource}|{place.expression}"
            )
        },
    }


def file_uri(file: str) -> str:
    """A file as a reference that SARIF's readers resolve against the folder where the tool was started."""
    escaped = quote(os.fsencode(file).replace(os.sep.encode(), b"/"))
    return f"file://{escaped}" if Path(file).is_absolute() else escaped
