"""Findings in the order of the document, each with its line and column."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from conformance.fhir.documents.document import Document, steps
from conformance.fhir.validation.issues import Issue, NotEvaluated, Outcome, Severity

__all__ = ["arranged", "of_text"]

RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def of_text(document: Document) -> tuple[Issue, ...]:
    """The problems of a document's text as issues."""
    return tuple(
        Issue(
            Severity(problem.severity), problem.code, problem.message_id, problem.words,
            problem.location, problem.pointer, problem.line, problem.column,
        )
        for problem in document.problems
    )  # fmt: skip


def arranged(issues: Iterable[Issue], skipped: Iterable[NotEvaluated], source: Document | Any) -> Outcome:
    """An outcome with its issues in document order, the worse first at one place."""
    document = source if isinstance(source, Document) else None
    value = document.value if document is not None else source
    found = [issue if issue.line or document is None else _placed(issue, document) for issue in issues]
    if len(found) > 1:
        places: dict[int, dict[str, int]] = {}
        found.sort(key=lambda issue: (_order(value, issue.pointer, places), RANKS[issue.severity]))
    return Outcome(tuple(found), tuple(skipped))


def _placed(issue: Issue, document: Document) -> Issue:
    pointer = issue.pointer
    while True:
        position = document.position(pointer)
        if position is not None:
            return replace(issue, line=position[0], column=position[1])
        if not pointer:
            return issue
        pointer = pointer.rpartition("/")[0]


def _order(value: Any, pointer: str, places: dict[int, dict[str, int]]) -> tuple[int, ...]:
    """The place of a JSON pointer among all places of a document, as the positions of its steps.

    `places` keeps the positions of the names of each object that was on the way.
    """
    order: list[int] = []
    for step in steps(pointer):
        if isinstance(value, dict):
            names = places.get(id(value))
            if names is None:
                names = places[id(value)] = {name: place for place, name in enumerate(value)}
            order.append(names.get(step, len(names)))
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal():
            order.append(int(step))
            value = value[int(step)] if int(step) < len(value) else None
        else:
            break
    return tuple(order)
