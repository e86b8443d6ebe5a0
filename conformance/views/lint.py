"""What `profiles lint` found: lines for people, and SARIF 2.1.0 for code scanning."""

from collections.abc import Sequence

from conformance.model.lint import Finding, Rule, Severity
from conformance.views.sarif import Found, location, log
from conformance.views.text import counted, one_line

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


def sarif(found: Sequence[Finding], version: str) -> Found:
    """One SARIF log with one run."""
    rules = [_rule(rule) for rule in sorted({finding.rule for finding in found})]
    return log("conformance profiles lint", version, rules, [_result(finding) for finding in found], [])


def _rule(rule: Rule) -> Found:
    return {"id": rule.value, "shortDescription": {"text": rule.meaning}}


def _result(finding: Finding) -> Found:
    return {
        "ruleId": finding.rule.value,
        "level": finding.severity.value,
        "message": {"text": one_line(finding.message)},
        "locations": [location(finding.file, finding.line, finding.column, "")],
    }
