"""What `validate` found as SARIF 2.1.0, for code scanning in CI.

Each kind of finding is a rule, each of its first places a result; how often it occurred in all stands in the
result's `occurrenceCount`. What was not judged is told as notifications of the tool.
Source: OASIS SARIF 2.1.0, sections 3.14 (run), 3.27 (result), 3.58 (notification).
"""

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.summary import Group, Place, Summary

__all__ = ["sarif"]

LEVEL = {
    Severity.FATAL: "error",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
}


def sarif(summary: Summary, version: str) -> dict[str, Any]:
    """One SARIF log with one run."""
    groups = summary.groups
    rules = {group.issue.message_id: group.issue.code for group in groups}
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
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {
                                "level": "note",
                                "message": {
                                    "text": f"Not judged, {rule.count} times: {rule.kind} {rule.subject}: "
                                    f"{rule.reason}"
                                },
                            }
                            for rule in summary.not_judged
                        ],
                    }
                ],
                "results": [_result(group, place) for group in groups for place in group.places],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _result(group: Group, place: Place) -> dict[str, Any]:
    issue = group.issue
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(PurePath(place.file).as_posix())}}
    if place.line:
        region = {"startLine": place.line}
        if place.column:
            region["startColumn"] = place.column
        physical["region"] = region
    named = f"{place.resource} {place.expression}".strip()
    return {
        "ruleId": issue.message_id,
        "level": LEVEL[issue.severity],
        "message": {"text": issue.text},
        "occurrenceCount": group.count,
        "locations": [
            {
                "physicalLocation": physical,
                "logicalLocations": [{"fullyQualifiedName": named, "kind": "element"}] if named else [],
            }
        ],
        "partialFingerprints": {
            "conformanceFinding/v1": f"{issue.message_id}|{place.file}|{place.resource}|{place.expression}"
        },
    }
