"""What `validate` found as FHIR: an OperationOutcome for each resource with findings, and one for the whole run.

Source: FHIR R4, OperationOutcome, and its extensions for line, column, message id and file.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from conformance.fhir.validation.issues import Issue, Outcome
from conformance.fhir.validation.summary import Summary
from conformance.views.text import counted, one_line, shortened
from conformance.views.validation_records import as_json
from conformance.views.validation_words import is_base, said, sentence

__all__ = ["one_outcome", "outcomes", "run_outcome"]

EXTENSION = "http://hl7.org/fhir/StructureDefinition/operationoutcome-"
LONGEST = 10_000


def one_outcome(file: str, line: int, resource: str, outcome: Outcome) -> dict[str, Any]:
    """An OperationOutcome of one resource: its findings, and what was not evaluated in it."""
    issues = [_issue(issue, line, resource) for issue in outcome.issues]
    issues += [_note(rule.kind, rule.subject, rule.reason, rule.expression) for rule in outcome.not_evaluated]
    named = one_line(f"{file}:{line}" if line else file)
    return {
        "resourceType": "OperationOutcome",
        "extension": [{"url": f"{EXTENSION}file", "valueString": named}] if named else [],
        "issue": issues or [_information("informational", "No issues found.")],
    }


def run_outcome(summary: Summary, *, complete: bool = True) -> dict[str, Any]:
    """An OperationOutcome of the whole run: how much was judged, and all that was not."""
    judged = counted(summary.resources, "resource")
    words = f"{counted(summary.errors, 'error')} in {counted(summary.invalid, 'resource')}, {judged} judged"
    issues = [
        _information("informational", sentence(f"No errors: {judged} judged" if summary.valid else words))
    ]
    issues += [
        _note(rule.kind, rule.subject, f"{rule.reason} ({counted(rule.count, 'time')})")
        for rule in summary.not_judged
    ]
    if not complete:
        issues.append(
            {
                "severity": "warning",
                "code": "incomplete",
                "details": {"text": "Interrupted: not everything was judged."},
            }
        )
    return {"resourceType": "OperationOutcome", "issue": issues}


def outcomes(
    records: Iterable[dict[str, Any]], whole: Callable[[], tuple[dict[str, Any], int]]
) -> Iterator[str]:
    """Pieces of one document. One resource alone has one OperationOutcome, several have a Bundle of type collection.

    `whole` is asked when all records have gone by: for the outcome of the run, which is the Bundle's last entry, and
    for how many resources were judged.
    """
    stream = iter(records)
    first = next(stream, None)
    second = next(stream, None)
    if second is None:
        run, resources = whole()
        if first is None or resources <= 1:
            yield as_json(_bare(first or run), indent=2) + "\n"
            return
    else:
        run = None
    yield '{"resourceType": "Bundle", "type": "collection", "entry": [\n'
    number = 0
    for record in chain((each for each in (first, second) if each is not None), stream):
        number += 1
        yield _entry(number, _bare(record)) + ",\n"
    yield _entry(number + 1, run or whole()[0]) + "\n]}\n"


def _entry(number: int, outcome: dict[str, Any]) -> str:
    """An entry of the Bundle; its identity follows from its content, so that equal runs give equal documents."""
    identity = uuid5(NAMESPACE_OID, f"{number} {as_json(outcome)}")
    return as_json({"fullUrl": f"urn:uuid:{identity}", "resource": outcome})


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value != []}


def _information(code: str, text: str) -> dict[str, Any]:
    return {"severity": "information", "code": code, "details": {"text": text}}


def _issue(issue: Issue, line: int, resource: str) -> dict[str, Any]:
    extensions: list[dict[str, Any]] = [{"url": f"{EXTENSION}message-id", "valueCode": issue.message_id}]
    if line or issue.line:
        extensions.append({"url": f"{EXTENSION}issue-line", "valueInteger": line or issue.line})
    if issue.column:
        extensions.append({"url": f"{EXTENSION}issue-col", "valueInteger": issue.column})
    found: dict[str, Any] = {
        "extension": extensions,
        "severity": issue.severity.value,
        "code": issue.code,
        "details": {"text": shortened(said(issue), LONGEST)},
    }
    about = [] if is_base(issue.structure) else [f"By {one_line(issue.structure)} {issue.rule}".strip()]
    about += [f"in {resource}"] if resource else []
    if about:
        found["diagnostics"] = sentence(shortened(", ".join(about), LONGEST))
    if expression := shortened(one_line(issue.expression), LONGEST):
        found["expression"] = [expression]
    return found


def _note(kind: str, subject: str, reason: str, expression: str = "") -> dict[str, Any]:
    words = sentence(f"not evaluated: {kind} {subject}: {reason}")
    found = _information("not-supported", shortened(words, LONGEST))
    if expression:
        found["expression"] = [shortened(one_line(expression), LONGEST)]
    return found
