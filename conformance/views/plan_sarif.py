"""What is wrong in an exit plan as SARIF 2.1.0: each requirement is a rule, each finding a result at its place.

What could not be judged is told as notifications of the tool, since it is no fault at a place.
"""

from collections.abc import Iterator

from conformance.model.plan_review import Answer, PlanReview
from conformance.model.verdict import Outcome
from conformance.views.sarif import Found, location, log, note
from conformance.views.text import one_line

__all__ = ["plan_sarif"]

CONTRACT = "contract"
"""The rule of what contradicts the buyer's contract."""


def plan_sarif(review: PlanReview, version: str) -> Found:
    """One log with one run."""
    failed = [answer for answer in review.answers if answer.outcome is Outcome.FAIL]
    rules = [_rule(answer) for answer in failed]
    results = [result for answer in failed for result in _results(answer, review.plan)]
    if review.contradictions:
        rules.append({"id": CONTRACT, "shortDescription": {"text": "The plan agrees with the contract."}})
        results += [_result(CONTRACT, "error", text, review.plan) for text in review.contradictions]
    unknown = {Outcome.INCONCLUSIVE, Outcome.UNTESTED}
    notes = [
        note(f"{a.id} could not be judged: {one_line(a.because)}", "warning" if a.binds else "note")
        for a in review.answers
        if a.outcome in unknown
    ]
    return log("conformance exit-plan check", version, rules, results, notes)


def _rule(answer: Answer) -> Found:
    return {
        "id": answer.id,
        "shortDescription": {"text": one_line(answer.text)},
        "help": {"text": f"Source: {one_line(answer.source)}"},
        "properties": {"level": answer.level.value},
    }


def _results(answer: Answer, file: str) -> Iterator[Found]:
    level = "error" if answer.binds else "warning"
    for text, mark in zip(answer.findings, answer.marks, strict=True):
        yield _result(answer.id, level, text, file, (mark.path, mark.line, mark.column))


def _result(rule: str, level: str, text: str, file: str, where: tuple[str, int, int] = ("", 0, 0)) -> Found:
    path, line, column = where
    said = one_line(text)
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": said},
        "locations": [location(file, line, column, path)],
        "partialFingerprints": {"conformanceFinding/v1": f"{rule}|{one_line(file)}|{path or said}"},
    }
