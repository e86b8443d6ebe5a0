"""What a signed conformance report states: the predicate of its in-toto Statement, format version 1.

It repeats the report in short, so that a reader who has the envelope alone knows the result, who ran the
test, against what, and on which exchanges each outcome rests. It is a function of report and run record:
`verify` builds it again and compares.
"""

import datetime as dt
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from conformance.model.base import Noun, sha256
from conformance.model.profile import Level, Method
from conformance.model.report import (
    Binding,
    MethodVerdict,
    ProfileRef,
    Report,
    RequirementResult,
    Result,
    Runner,
    RunRecord,
    SubResult,
    Tool,
    Waiver,
)
from conformance.model.target import DataClass, Observed, TargetCard
from conformance.model.verdict import EvidenceRef, Outcome

PREDICATE_FORMAT = "1"
MET = {Outcome.PASS: True, Outcome.FAIL: False}


def instant(text: str) -> dt.datetime:
    """The point in time that an RFC 3339 text names. Raises ValueError where there is none, or no offset."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no point in time, as in 2026-11-22T17:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no offset from UTC")
    return moment


def _is_instant(text: str) -> str:
    instant(text)
    return text


def _is_instant_or_empty(text: str) -> str:
    return _is_instant(text) if text else text


Instant = Annotated[str, AfterValidator(_is_instant)]
MaybeInstant = Annotated[str, AfterValidator(_is_instant_or_empty)]


class LimitLine(Noun):
    """A parameter as the run had it, beside the profile's own value, and who set it."""

    value: Any
    default: Any
    unit: str = ""
    basis: str = ""
    set_by: str


class RequirementLine(Noun):
    """The outcome of one requirement, why, and the exchanges and documents that it rests on.

    `met` is whether the requirement was seen to be met: true for a pass, false for a failure, and null where neither
    was established.
    """

    id: str
    level: Level
    method: Method
    outcome: Outcome
    met: bool | None
    advisory: str = ""
    because: str = ""
    waiver: Waiver | None = None
    lapsed: bool = False
    evidence: tuple[EvidenceRef, ...] = ()


class ReportPredicate(Noun):
    """A conformance report in short, as its tester signs it."""

    format_version: str
    report_id: str
    result: Result
    runner: Runner
    tool: Tool
    target: TargetCard
    observed: Observed
    data_class: DataClass
    profile: ProfileRef
    parameters: dict[str, Any] = Field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    limits: dict[str, LimitLine] = Field(default_factory=dict)
    binding: Binding = Field(default_factory=Binding)
    as_of: dt.date
    started_at: Instant
    finished_at: Instant
    valid_until: MaybeInstant = ""
    suite_digest: str
    report_digest: str
    methods: tuple[MethodVerdict, ...]
    sub_results: tuple[SubResult, ...] = ()
    requirements: tuple[RequirementLine, ...]

    def in_full(self) -> dict[str, Any]:
        """The predicate as plain JSON data, every member written out for readers who know no defaults."""
        return self.model_dump(mode="json")


def predicate(report: Report, record: RunRecord, report_digest: str = "") -> ReportPredicate:
    """What is stated of this report and run. Raises ValueError where a time is missing or wrong.

    `report_digest` is the SHA-256 of the report's canonical form, where that is known already.
    """
    return ReportPredicate(
        format_version=PREDICATE_FORMAT,
        report_id=report.run_id,
        result=report.result,
        runner=record.runner,
        tool=record.tool,
        target=report.target,
        observed=report.observed,
        data_class=report.target.data_class,
        profile=report.profile,
        parameters=report.parameters,
        overrides=report.overrides,
        limits=_limits(report, record.runner),
        binding=record.binding,
        as_of=report.as_of,
        started_at=record.started_at,
        finished_at=record.finished_at,
        valid_until=record.valid_until,
        suite_digest=report.suite_digest,
        report_digest=report_digest or sha256(report.canonical()),
        methods=report.methods,
        sub_results=report.sub_results,
        requirements=tuple(_line(requirement) for requirement in report.requirements),
    )


def _limits(report: Report, runner: Runner) -> dict[str, LimitLine]:
    """Every parameter, and whether its value is the profile's, that of a set of limits, or the runner's own."""
    own = f"the runner ({runner.role})"
    return {
        name: LimitLine(
            value=limit.value,
            default=limit.default,
            unit=limit.unit,
            basis=limit.basis,
            set_by=("; ".join(limit.preset) or own) if name in report.overrides else "the profile",
        )
        for name, limit in report.limits.items()
    }


def _line(requirement: RequirementResult) -> RequirementLine:
    references = {
        (reference.id, reference.sha256): reference
        for verdict in requirement.verdicts
        for reference in verdict.evidence
    }
    return RequirementLine(
        id=requirement.id,
        level=requirement.level,
        method=requirement.method,
        outcome=requirement.outcome,
        met=MET.get(requirement.outcome),
        advisory=requirement.advisory,
        because=requirement.because,
        waiver=requirement.waiver,
        lapsed=requirement.lapsed,
        evidence=tuple(references[key] for key in sorted(references)),
    )
