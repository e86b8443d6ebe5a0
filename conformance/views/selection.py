"""Which requirements a reader meets where: failures first, then warnings, then what is not known."""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.model.profile import Level, Method
from conformance.model.report import Report, RequirementResult
from conformance.model.verdict import Outcome, Verdict
from conformance.views.text import one_line

NO_REASON = "no reason was recorded"
_ADVICE = frozenset({Level.SHOULD, Level.SHOULD_NOT})


@dataclass(frozen=True)
class Group:
    """Requirements that share a reason."""

    reason: str
    requirements: tuple[RequirementResult, ...]


def failing(report: Report) -> tuple[RequirementResult, ...]:
    """The binding requirements that failed."""
    return report.at(Outcome.FAIL, binding=True)


def warnings(report: Report) -> tuple[RequirementResult, ...]:
    """The SHOULDs that failed, and SHALLs that only advise here: they change no verdict, and a reader asks why."""
    return tuple(r for r in report.at(Outcome.FAIL, binding=False) if r.level in _ADVICE or r.advisory)


def remarks(report: Report) -> tuple[RequirementResult, ...]:
    """The MAYs that are not done as described: for information only."""
    return tuple(
        r for r in report.at(Outcome.FAIL, binding=False) if r.level not in _ADVICE and not r.advisory
    )


def not_binding_failures(report: Report, method: Method) -> int:
    """How many of the method's failures decide nothing, since they break no SHALL."""
    return sum(r.method is method for r in report.at(Outcome.FAIL, binding=False))


def declined(report: Report) -> int:
    """How many cases were tried and do not count, since the target does not offer what they ask for."""
    return sum(verdict.declined for requirement in report.requirements for verdict in requirement.verdicts)


def grouped(report: Report, outcome: Outcome) -> tuple[Group, ...]:
    """The requirements with this outcome, those with equal reasons together; biggest groups first."""
    return by_reason(r for r in report.at(outcome) if r.method is not Method.OUT_OF_SCOPE)


def out_of_scope(report: Report) -> tuple[Group, ...]:
    """The statements that the profile declares out of scope, by reason."""
    return by_reason(r for r in report.requirements if r.method is Method.OUT_OF_SCOPE)


def by_reason(requirements: Iterable[RequirementResult]) -> tuple[Group, ...]:
    """Requirements with equal reasons together; biggest groups first, else in the order of the profile."""
    groups: dict[str, list[RequirementResult]] = {}
    for requirement in requirements:
        groups.setdefault(reason(requirement), []).append(requirement)
    return tuple(
        Group(why, tuple(members))
        for why, members in sorted(groups.items(), key=lambda item: len(item[1]), reverse=True)
    )


def reason(requirement: RequirementResult) -> str:
    """Why the requirement has its outcome: its own reason, or those of its decisive cases."""
    own = one_line(requirement.because)
    cases = dict.fromkeys(one_line(v.because) for v in decisive(requirement) if v.because)
    return own or "; ".join(cases) or NO_REASON


def decisive(requirement: RequirementResult) -> tuple[Verdict, ...]:
    """The cases whose outcome became the requirement's."""
    return tuple(v for v in requirement.verdicts if v.outcome is requirement.outcome)


def seen(report: Report) -> tuple[tuple[str, str], ...]:
    """What the checks saw beside what is wrong, by case: where elements were found, what could not be judged."""
    return tuple(
        (verdict.case, remark)
        for requirement in report.requirements
        for verdict in requirement.verdicts
        for remark in verdict.remarks
    )


def origins(report: Report) -> tuple[tuple[str, tuple[RequirementResult, ...]], ...]:
    """All requirements by the profile that they come from, in the report's order."""
    groups: dict[str, list[RequirementResult]] = {}
    for requirement in report.requirements:
        groups.setdefault(requirement.origin or report.profile.profile, []).append(requirement)
    return tuple((origin, tuple(members)) for origin, members in groups.items())
