"""What `profiles lint` found: lines for people, and SARIF 2.1.0 for code scanning.

Source: OASIS SARIF 2.1.0, sections 3.14 (run), 3.27 (result), 3.49 (reportingDescriptor).
"""

from collections.abc import Sequence
from typing import Any

from conformance.model.lint import Finding, Rule, Severity
from conformance.views.text import counted, one_line
from conformance.views.validation_sarif import file_uri

__all__ = ["lines", "sarif", "summary"]


def lines(found: Sequence[Finding]) -> list[str]:
    """One line a finding."""
    return [one_line(str(finding)) for finding in found]


def summary(found: Sequence[Finding], files: int) -> str:
    """How many of each there are."""
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    looked = counted(files, "profile")
    if not found:
        return f"{looked}: nothing found."
    return f"{looked}: {counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}."


def sarif(found: Sequence[Finding], version: str) -> dict[str, Any]:
    """One SARIF log with one run."""
    rules = sorted({finding.rule for finding in found})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "conformance profiles lint",
                        "version": version,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "results": [_result(finding) for finding in found],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {"id": rule.value, "shortDescription": {"text": rule.meaning}}


def _result(finding: Finding) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": file_uri(finding.file)}}
    if finding.line:
        physical["region"] = {"startLine": finding.line, "startColumn": finding.column}
    return {
        "ruleId": finding.rule.value,
        "level": finding.severity.value,
        "message": {"text": one_line(finding.message)},
        "locations": [{"physicalLocation": physical}],
    }
