"""Gate: what a report means for a build. The report is not touched: only the exit code follows from it."""

from collections.abc import Sequence
from typing import Literal

from conformance.model.baseline import Gated, KnownFailure
from conformance.model.level import Level
from conformance.model.report import Report, RequirementResult, Result
from conformance.model.verdict import Outcome

FailOn = Literal["failed", "inconclusive", "warning"]
PASSED, FAILED, INCONCLUSIVE, NOT_TESTED = 0, 1, 4, 5
_ADVICE = frozenset({Level.SHOULD, Level.SHOULD_NOT})


def gate(report: Report, known: Sequence[KnownFailure] = (), fail_on: FailOn = "inconclusive") -> Gated:
    """The exit code: 0 passed, 1 failed, 4 inconclusive, 5 nothing was tested.

    A known failure is excused until its day, judged at the report's own; it excuses nothing but a failure. One that
    passes fails the build too, since a list that nobody shortens hides the next fault. `fail_on` says how much fails a
    build: what `failed`, also what is `inconclusive`, also a `warning`. That nothing was tested always does.
    """
    until = {entry.requirement: entry.until for entry in known}
    live = {name for name, day in until.items() if day >= report.as_of}
    results = {result.id: result for result in report.requirements}
    failing = [result.id for result in report.requirements if _decides(result, report) and _fails(result)]
    warned = [r.id for r in report.requirements if _warns(r)] if fail_on == "warning" else []
    listed = [results[name] for name in until if name in results]
    gated = Gated(
        code=PASSED,
        new=tuple(name for name in failing if name not in live),
        excused=tuple(r.id for r in listed if _fails(r) and r.id in live),
        expired=tuple(r.id for r in listed if _fails(r) and r.id not in live),
        fixed=tuple(r.id for r in listed if r.outcome is Outcome.PASS),
        undecided=tuple(r.id for r in listed if r.outcome not in {Outcome.PASS, Outcome.FAIL}),
        warned=tuple(name for name in warned if name not in live),
    )
    return gated.model_copy(update={"code": _code(report, gated, fail_on)})


def _code(report: Report, gated: Gated, fail_on: FailOn) -> int:
    excused_all = bool(gated.excused) and not gated.new
    failed = report.result is Result.FAILED and not excused_all
    if failed or gated.new or gated.fixed or gated.warned:
        return FAILED
    if report.result is Result.NOT_TESTED:
        return NOT_TESTED
    shown = report.result is Result.PASSED or (
        report.result is Result.FAILED
        and not any(_decides(r, report) and _open(r) for r in report.requirements)
    )
    return PASSED if shown or fail_on == "failed" else INCONCLUSIVE


def _decides(result: RequirementResult, report: Report) -> bool:
    """Whether the result of the whole may rest on this requirement."""
    gating = {method.method for method in report.methods if method.gates}
    parts = {method for part in report.sub_results for method in part.rests_on}
    return result.binds and result.method in gating | parts


def _fails(result: RequirementResult) -> bool:
    return result.outcome is Outcome.FAIL


def _open(result: RequirementResult) -> bool:
    return result.outcome in {Outcome.INCONCLUSIVE, Outcome.UNTESTED}


def _warns(result: RequirementResult) -> bool:
    return _fails(result) and not result.binds and (result.level in _ADVICE or bool(result.advisory))
