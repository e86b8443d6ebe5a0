"""What `validate` found, for programs: one JSON document, NDJSON, or FHIR OperationOutcomes.

NDJSON and OperationOutcomes are written one resource after another, so that nothing grows with the data.
Source: FHIR R4, OperationOutcome, and its extensions for line, column, message id and file.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.fhir.validation.issues import Issue, NotEvaluated, Outcome
from conformance.fhir.validation.summary import Summary

__all__ = ["findings", "one_outcome", "outcomes", "summary_record"]

CORE = "http://hl7.org/fhir/StructureDefinition/"


def summary_record(summary: Summary, **about: Any) -> dict[str, Any]:
    """Counts, groups of findings with their first places, and all that was not judged. `about` leads."""
    return {
        **about,
        "valid": summary.valid,
        "resources": summary.resources,
        "invalid": summary.invalid,
        "findings": {severity.value: count for severity, count in summary.by_severity.items()},
        "kindsNotShown": summary.not_grouped,
        "groups": [
            {
                **_said(group.issue),
                "expression": group.expression,
                "count": group.count,
                "places": [
                    {
                        "file": place.file,
                        "line": place.line or None,
                        "column": place.column or None,
                        "resource": place.resource or None,
                        "expression": place.expression,
                        "pointer": place.pointer,
                    }
                    for place in group.places
                ],
            }
            for group in summary.groups
        ],
        "notEvaluated": [
            {"kind": rule.kind, "subject": rule.subject, "reason": rule.reason, "count": rule.count}
            for rule in summary.not_judged
        ],
    }


def findings(file: str, line: int, resource: str, outcome: Outcome) -> Iterator[str]:
    """One JSON line for each finding of a resource and for each rule that was not evaluated in it."""
    about = {"file": file, "line": line or None, "resource": resource or None}
    for issue in outcome.issues:
        place = {
            "expression": issue.expression,
            "pointer": issue.pointer,
            "textLine": issue.line or None,
            "textColumn": issue.column or None,
        }
        yield json.dumps({**about, **_said(issue), **place}, ensure_ascii=True)
    for rule in outcome.not_evaluated:
        yield json.dumps({**about, "notEvaluated": _unjudged(rule)}, ensure_ascii=True)


def one_outcome(file: str, line: int, resource: str, outcome: Outcome) -> dict[str, Any]:
    """A FHIR OperationOutcome of one resource; a resource without findings has one that says so."""
    issues = [_issue(issue, line) for issue in outcome.issues]
    issues += [_note(rule) for rule in outcome.not_evaluated]
    if not issues:
        issues = [
            {"severity": "information", "code": "informational", "details": {"text": "No issues found."}}
        ]
    named = f"{file}:{line}" if line else file
    extension = [{"url": f"{CORE}operationoutcome-file", "valueString": named}]
    told = [{"url": f"{CORE}artifact-reference", "valueUri": resource}] if resource else []
    return {"resourceType": "OperationOutcome", "extension": extension + told, "issue": issues}


def outcomes(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Pieces of one document: a single OperationOutcome as it is, several as a Bundle of type collection."""
    stream = iter(records)
    first = next(stream, None)
    second = next(stream, None)
    if first is None:
        yield json.dumps(one_outcome("", 0, "", Outcome()) | {"extension": None}, indent=2)
    elif second is None:
        yield json.dumps(first, indent=2) + "\n"
    else:
        yield '{"resourceType": "Bundle", "type": "collection", "entry": [\n'
        yield json.dumps({"resource": first})
        for record in (second, *stream):
            yield ",\n" + json.dumps({"resource": record})
        yield "\n]}\n"


def _said(issue: Issue) -> dict[str, Any]:
    return {
        "severity": issue.severity.value,
        "code": issue.code,
        "messageId": issue.message_id,
        "text": issue.text,
        "structure": issue.structure or None,
        "rule": issue.rule or None,
    }


def _unjudged(rule: NotEvaluated) -> dict[str, str]:
    return {
        "kind": rule.kind,
        "subject": rule.subject,
        "reason": rule.reason,
        "expression": rule.expression,
    }


def _issue(issue: Issue, line: int) -> dict[str, Any]:
    extensions: list[dict[str, Any]] = [
        {"url": f"{CORE}operationoutcome-message-id", "valueCode": issue.message_id}
    ]
    if line or issue.line:
        extensions.append({"url": f"{CORE}operationoutcome-issue-line", "valueInteger": line or issue.line})
    if issue.column:
        extensions.append({"url": f"{CORE}operationoutcome-issue-col", "valueInteger": issue.column})
    found: dict[str, Any] = {
        "extension": extensions,
        "severity": issue.severity.value,
        "code": issue.code,
        "details": {"text": issue.text},
    }
    if issue.structure:
        found["diagnostics"] = f"{issue.structure} {issue.rule}".strip()
    if issue.expression:
        found["expression"] = [issue.expression]
    return found


def _note(rule: NotEvaluated) -> dict[str, Any]:
    found: dict[str, Any] = {
        "severity": "information",
        "code": "not-supported",
        "details": {"text": f"Not evaluated: {rule.kind} {rule.subject}: {rule.reason}"},
    }
    if rule.expression:
        found["expression"] = [rule.expression]
    return found
