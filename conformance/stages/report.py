"""Report: from the verdicts of all cases to a result for every requirement, every method, and the whole.

The rules (see docs/verdicts.md): a requirement is as good as its worst case; a method has failed if one of its
SHALLs fails, and has passed only if every SHALL passed or does not apply and one at least passed; a SHOULD warns.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from conformance.model.base import sha256
from conformance.model.measurement import Measurement
from conformance.model.policy import advice
from conformance.model.profile import Method, Requirement, SubVerdict
from conformance.model.report import (
    Limit,
    MethodVerdict,
    ProfileRef,
    Report,
    RequirementResult,
    Result,
    SubResult,
    Waiver,
)
from conformance.model.suite import BoundSuite, template_of
from conformance.model.verdict import Outcome, Verdict

WORST_FIRST = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.UNTESTED, Outcome.PASS)


def report(
    suite: BoundSuite, verdicts: Iterable[Verdict], waivers: Iterable[Waiver] = (), suite_digest: str = ""
) -> Report:
    """The report on a bound suite. The order in which the verdicts come makes no difference.

    `suite_digest` is the SHA-256 of the suite's canonical form, where that is known already.
    """
    by_requirement: dict[str, list[Verdict]] = {}
    for verdict in sorted(verdicts, key=lambda v: _natural(v.case)):
        by_requirement.setdefault(verdict.requirement, []).append(verdict)
    waived = {waiver.requirement: waiver for waiver in waivers}
    results = tuple(
        _result(requirement, by_requirement.get(requirement.id, []), suite, waived.get(requirement.id))
        for requirement in suite.profile.requirements
    )
    gated = suite.profile.gated
    methods = tuple(_method(method, results, gates=method in gated) for method in Method)
    sub_results = tuple(_sub_result(part, results) for part in suite.profile.sub_verdicts)
    origins = dict.fromkeys(r.origin for r in suite.profile.requirements if r.origin)
    return Report(
        run_id=suite.run_id,
        profile=ProfileRef(
            profile=suite.profile.profile,
            version=suite.profile.version,
            title=suite.profile.title,
            digest=suite.profile_digest,
            publisher=suite.profile.publisher,
            parts=tuple(origins),
        ),
        target=suite.target,
        observed=suite.observed,
        as_of=suite.as_of,
        suite_digest=suite_digest or sha256(suite.canonical()),
        parameters=suite.parameters,
        overrides=suite.overrides,
        limits={
            name: _limit(name, suite) for name in sorted(suite.parameters) if name in suite.profile.parameters
        },
        result=_worst([*(m.result for m in methods if m.gates), *(s.result for s in sub_results)]),
        methods=tuple(m for m in methods if m.totals),
        sub_results=sub_results,
        changes=suite.profile.changes,
        requirements=results,
        measurements=_measurements(by_requirement, results),
    )


def _measurements(
    verdicts: Mapping[str, Sequence[Verdict]], results: Sequence[RequirementResult]
) -> tuple[Measurement, ...]:
    """The measurements of all cases in the order of the profile; of several of one id, the first that has a number."""
    found: dict[str, Measurement] = {}
    for result in results:
        for verdict in verdicts.get(result.id, ()):
            for measurement in verdict.measurements:
                known = found.get(measurement.id)
                if known is None or (not known.value and measurement.value):
                    found[measurement.id] = measurement
    return tuple(found.values())


def _result(
    requirement: Requirement, verdicts: Sequence[Verdict], suite: BoundSuite, waiver: Waiver | None
) -> RequirementResult:
    outcome, because = _outcome(requirement, verdicts, suite)
    advisory = advice(suite.profile.advisories, requirement.id, suite.parameters, suite.as_of)
    advisory = advisory if requirement.level.binding else ""
    return RequirementResult(
        id=requirement.id,
        origin=requirement.origin,
        level=requirement.level,
        method=requirement.method,
        phase=requirement.phase,
        text=requirement.text,
        source=requirement.source,
        outcome=outcome,
        advisory=advisory,
        warning=outcome is Outcome.FAIL and (bool(advisory) or not requirement.level.binding),
        because=because,
        verdicts=tuple(v.model_copy(update={"measurements": ()}) if v.measurements else v for v in verdicts),
        not_tried=(*suite.not_tried.get(requirement.id, ()), *_declined(verdicts)),
        waiver=waiver,
        lapsed=waiver is not None and waiver.expired(suite.as_of),
    )


def _limit(name: str, suite: BoundSuite) -> Limit:
    value, parameter = suite.parameters[name], suite.profile.parameters[name]
    chosen = [
        f"{preset.title}: {preset.basis}"
        for preset in suite.profile.presets
        if name in suite.overrides and name in preset.values and preset.values[name] == value
    ]
    return Limit(
        value=value,
        default=parameter.default,
        unit=parameter.unit,
        basis=parameter.basis,
        preset=tuple(chosen),
    )


def _declined(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """How many cases were sent and answered, and do not count for what the answer says."""
    declined = sum(verdict.declined for verdict in verdicts)
    if declined:
        yield (
            f"{declined} of {len(verdicts)} cases were tried and do not count: by the answers, the target does not "
            "support or offer what they are about"
        )


def _outcome(requirement: Requirement, verdicts: Sequence[Verdict], suite: BoundSuite) -> tuple[Outcome, str]:
    if requirement.method is Method.OUT_OF_SCOPE:
        return Outcome.INAPPLICABLE, requirement.out_of_scope
    if not requirement.phase.reached_at(suite.target.phase):
        return Outcome.INAPPLICABLE, f"applies from the phase {requirement.phase} on"
    if requirement.untested:
        return Outcome.UNTESTED, requirement.untested
    wanted = len(requirement.numbered)
    if not verdicts:
        return Outcome.UNTESTED, "no case of this requirement was run"
    said = [(v.outcome, v.because) for v in verdicts if v.outcome is not Outcome.INAPPLICABLE]
    run = len({template_of(verdict.case) for verdict in verdicts})
    if run < wanted:
        said.append((Outcome.UNTESTED, f"{run} of its {wanted} cases were run"))
    if not said:
        return Outcome.INAPPLICABLE, _reasons(v.because for v in verdicts)
    worst = next(o for o in WORST_FIRST if any(outcome is o for outcome, _ in said))
    return worst, _reasons(because for outcome, because in said if outcome is worst)


def _reasons(reasons: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason))


def _judged(results: Sequence[RequirementResult]) -> Result:
    """The verdict over requirements: decided by the binding ones alone."""
    binding = Counter(r.outcome for r in results if r.binds)
    if binding[Outcome.FAIL]:
        return Result.FAILED
    if not binding[Outcome.PASS] and not binding[Outcome.INCONCLUSIVE]:
        return Result.NOT_TESTED
    if binding[Outcome.INCONCLUSIVE] or binding[Outcome.UNTESTED]:
        return Result.INCONCLUSIVE
    return Result.PASSED


def _method(method: Method, results: Sequence[RequirementResult], *, gates: bool) -> MethodVerdict:
    own = [r for r in results if r.method is method]
    return MethodVerdict(method=method, gates=gates, result=_judged(own), totals=_totals(own))


def _sub_result(part: SubVerdict, results: Sequence[RequirementResult]) -> SubResult:
    own = [
        r
        for r in results
        if r.method in part.rests_on and any(fnmatchcase(r.id, pattern) for pattern in part.requirements)
    ]
    return SubResult(
        id=part.id, title=part.title, rests_on=part.rests_on, result=_judged(own), totals=_totals(own)
    )


def _totals(results: Sequence[RequirementResult]) -> dict[Outcome, int]:
    counted = Counter(r.outcome for r in results)
    return {outcome: counted[outcome] for outcome in Outcome if counted[outcome]}


def _worst(results: Sequence[Result]) -> Result:
    """The result of the whole: it has passed only if every part that gates has."""
    if not results or all(result is Result.NOT_TESTED for result in results):
        return Result.NOT_TESTED
    if Result.FAILED in results:
        return Result.FAILED
    return Result.PASSED if all(result is Result.PASSED for result in results) else Result.INCONCLUSIVE


def _natural(case: str) -> tuple[str, int, str]:
    """Cases of a requirement in the order of their numbers, those of one number by the keys of their rows."""
    requirement, _, rest = case.rpartition("/")
    number, _, key = rest.partition(":")
    return (requirement, int(number), key) if number.isdigit() else (case, 0, rest)
