"""What `validate` found, for programs: one JSON document, or NDJSON.

NDJSON is written one resource after another, so that nothing grows with the data.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.validation.issues import Issue, NotEvaluated, Outcome
from conformance.fhir.validation.summary import Summary
from conformance.views.validation_words import said, sentence, utf8

__all__ = ["as_json", "findings", "problem_records", "summary_record"]


def as_json(value: Any, *, indent: int | None = None) -> str:
    """JSON in ASCII: whatever stands in it, a terminal that shows it is not fooled."""
    return json.dumps(value, indent=indent, ensure_ascii=True, allow_nan=False)


def summary_record(summary: Summary, **about: Any) -> dict[str, Any]:
    """Counts, groups of findings with their first places, and all that was not judged. `about` leads."""
    return {
        **about,
        "valid": summary.valid,
        "resources": summary.resources,
        "invalid": summary.invalid,
        "findings": {severity.value: count for severity, count in summary.by_severity.items()},
        "findingsNotGrouped": summary.not_grouped,
        "groups": [
            {
                **_said(group.issue),
                "textVaries": group.varies,
                "expression": utf8(group.expression),
                "count": group.count,
                "places": [
                    {
                        "file": utf8(place.file),
                        "line": place.line or None,
                        "column": place.column or None,
                        "resource": utf8(place.resource) or None,
                        "expression": utf8(place.expression),
                        "pointer": utf8(place.pointer),
                    }
                    for place in group.places
                ],
            }
            for group in summary.groups
        ],
        "notEvaluated": [
            {
                "kind": rule.kind,
                "subject": utf8(rule.subject),
                "reason": sentence(rule.reason),
                "count": rule.count,
            }
            for rule in summary.not_judged
        ],
    }


def findings(file: str, line: int, resource: str, outcome: Outcome) -> Iterator[str]:
    """One JSON line for each finding of a resource and for each rule that was not evaluated in it."""
    about = {"file": utf8(file), "line": line or None, "resource": utf8(resource) or None}
    for issue in outcome.issues:
        place = {
            "expression": utf8(issue.expression),
            "pointer": utf8(issue.pointer),
            "textLine": issue.line or None,
            "textColumn": issue.column or None,
        }
        yield as_json({**about, **_said(issue), **place})
    for rule in outcome.not_evaluated:
        yield as_json({**about, "notEvaluated": _unjudged(rule)})


def problem_records(problems: Iterable[DefinitionProblem]) -> list[dict[str, Any]]:
    """What is wrong with the loaded definitions themselves."""
    return [
        {
            "structure": utf8(problem.structure) or None,
            "element": utf8(problem.element) or None,
            "where": utf8(problem.where) or None,
            "text": sentence(problem.reason),
            "hint": problem.hint or None,
        }
        for problem in problems
    ]


def _said(issue: Issue) -> dict[str, Any]:
    return {
        "severity": issue.severity.value,
        "code": issue.code,
        "messageId": issue.message_id,
        "text": said(issue),
        "structure": utf8(issue.structure) or None,
        "rule": utf8(issue.rule) or None,
    }


def _unjudged(rule: NotEvaluated) -> dict[str, str]:
    return {
        "kind": rule.kind,
        "subject": utf8(rule.subject),
        "reason": sentence(rule.reason),
        "expression": utf8(rule.expression),
    }
