"""What an item says: from the verdicts on one case to pass, skip, warning or failure, in words that can be acted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.model.level import Level
from conformance.model.profile import Method, Requirement
from conformance.model.report import RequirementResult
from conformance.model.suite import template_of
from conformance.model.verdict import Outcome, Verdict
from conformance.views.text import clean, one_line
from conformance.views.wording import replay_line

MOST = 10
ADVICE = frozenset({Level.SHOULD, Level.SHOULD_NOT})
WORST_FIRST = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.UNTESTED, Outcome.PASS)


@dataclass(frozen=True)
class Told:
    """What becomes of an item, the outcome behind it, and what is said."""

    kind: Literal["pass", "skip", "warn", "fail"]
    outcome: Outcome
    text: str = ""


def without_run(requirement: Requirement, fail_on: str) -> Told:
    """What is said of a requirement that has no test: it was never shown to be met."""
    if requirement.method is Method.OUT_OF_SCOPE:
        return Told("skip", Outcome.INAPPLICABLE, f"out of scope: {requirement.out_of_scope}")
    return _open(
        Outcome.UNTESTED,
        requirement.untested or "no test exists",
        strict=fail_on != "failed" and requirement.level.binding,
    )


def told(result: RequirementResult, template: str, run: str, fail_on: str) -> Told:
    """What is said of one case, by the verdicts on it; of the requirement as a whole where `template` is empty."""
    verdicts = [v for v in result.verdicts if not template or template_of(v.case) == template]
    outcome, because = _outcome(result, verdicts, whole=not template)
    if outcome is Outcome.PASS:
        return Told("pass", outcome)
    if outcome is Outcome.INAPPLICABLE:
        return Told("skip", outcome, one_line(f"does not apply: {because}"))
    if outcome is not Outcome.FAIL:
        return _open(outcome, because, strict=fail_on != "failed" and result.binds)
    story = _story(result, [v for v in verdicts if v.outcome is Outcome.FAIL], run)
    if result.binds:
        return Told("fail", outcome, story)
    if result.level in ADVICE or result.advisory:
        return Told("fail" if fail_on == "warning" else "warn", outcome, story)
    return Told("skip", outcome, "not done as described: for information")


def _outcome(result: RequirementResult, verdicts: Sequence[Verdict], *, whole: bool) -> tuple[Outcome, str]:
    said = [v for v in verdicts if v.outcome is not Outcome.INAPPLICABLE]
    if whole or not verdicts:
        shown = whole or result.outcome is not Outcome.PASS
        return (result.outcome, result.because) if shown else (Outcome.UNTESTED, "no case of it was run")
    if not said:
        return Outcome.INAPPLICABLE, _reasons(verdicts)
    worst = next(o for o in WORST_FIRST if any(v.outcome is o for v in said))
    return worst, _reasons([v for v in said if v.outcome is worst])


def _open(outcome: Outcome, because: str, *, strict: bool) -> Told:
    said = one_line(f"{outcome}, which is no pass: {because}")
    return Told("fail" if strict else "skip", outcome, said)


def _reasons(verdicts: Sequence[Verdict]) -> str:
    return "; ".join(dict.fromkeys(v.because for v in verdicts if v.because)) or "no reason was recorded"


def _story(result: RequirementResult, failed: Sequence[Verdict], run: str) -> str:
    """All that is needed to see the failure again and to mend it."""
    decides = "" if result.binds else f" (decides nothing: {result.advisory or result.level})"
    lines = [
        f"{result.id} ({result.level}) is not met{decides}",
        f"  {clean(result.text)}",
        f"Source:   {one_line(result.source)}",
    ]
    for verdict in failed[:MOST]:
        evidence = ", ".join(reference.id for reference in verdict.evidence[:MOST])
        lines += [f"Case:     {one_line(verdict.case)}", f"Expected: {one_line(verdict.expected)}"]
        lines += [f"Seen:     {one_line(finding)}" for finding in verdict.findings]
        lines += [f"Evidence: {one_line(evidence)}"] if evidence else []
        lines += [f"Try it:   {one_line(verdict.curl)}"] if verdict.curl else []
        lines += [f"Replay:   {replay_line(run, verdict.case)}"]
    if len(failed) > MOST:
        lines.append(f"and {len(failed) - MOST} more cases: see the report in {run}")
    return "\n".join(lines)
