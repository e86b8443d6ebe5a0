"""The report: a result for every requirement of the profile, for one target and one suite."""

import datetime as dt
from enum import StrEnum
from typing import Any

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.composition import Change
from conformance.model.measurement import Measurement
from conformance.model.profile import Level, Method, Phase
from conformance.model.target import Observed, TargetCard
from conformance.model.verdict import Outcome, Verdict

REPORT_FORMAT = "1"


class Result(StrEnum):
    """The verdict over a set of requirements."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_TESTED = "NOT TESTED"


class Waiver(Noun):
    """Somebody's dated decision to accept a failure; it changes no outcome."""

    requirement: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    who: str = Field(min_length=1)
    until: dt.date

    def expired(self, day: dt.date) -> bool:
        """Whether it held no longer on that day; `until` is the last one."""
        return day > self.until


class RequirementResult(Noun):
    """The outcome of one requirement, and all that is needed to defend it.

    `advisory` is why a binding level decides nothing in this run, empty where it does. `not_tried` says what the
    target declares or holds of the kind, and the outcome does not rest on.
    """

    id: str
    origin: str
    level: Level
    method: Method
    phase: Phase
    text: str
    source: str
    outcome: Outcome
    advisory: str = ""
    warning: bool = False
    because: str = ""
    verdicts: tuple[Verdict, ...] = ()
    not_tried: tuple[str, ...] = ()
    waiver: Waiver | None = None
    lapsed: bool = Field(default=False, description="the waiver had run out on the day to judge by")

    @property
    def binds(self) -> bool:
        """Whether the outcome decides a verdict: its level binds, and no advisory says otherwise."""
        return self.level.binding and not self.advisory


class Limit(Noun):
    """A parameter of the profile beside what was set in its place.

    `preset` names the sets of limits of the profile that have the value which was set.
    """

    value: Any
    default: Any
    unit: str = ""
    basis: str = ""
    preset: tuple[str, ...] = ()


class MethodVerdict(Noun):
    """The verdict over all requirements of one method, with the totals that stand behind it."""

    method: Method
    gates: bool
    result: Result
    totals: dict[Outcome, int] = Field(default_factory=dict)


class SubResult(Noun):
    """The verdict over a named part of the profile."""

    id: str
    title: str
    rests_on: tuple[Method, ...]
    result: Result
    totals: dict[Outcome, int] = Field(default_factory=dict)


class ProfileRef(Noun):
    """Which profile, pinned by the digest of its resolved content."""

    profile: str
    version: str
    title: str
    digest: str
    publisher: str = ""
    parts: tuple[str, ...] = ()


class Report(Noun):
    """The content of a report: the same suite and the same evidence always give the same bytes."""

    format: str = REPORT_FORMAT
    run_id: str
    profile: ProfileRef
    target: TargetCard
    observed: Observed = Field(default_factory=Observed)
    as_of: dt.date
    suite_digest: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    limits: dict[str, Limit] = Field(default_factory=dict)
    result: Result
    methods: tuple[MethodVerdict, ...]
    sub_results: tuple[SubResult, ...] = ()
    changes: tuple[Change, ...] = ()
    requirements: tuple[RequirementResult, ...]
    measurements: tuple[Measurement, ...] = ()

    def at(self, outcome: Outcome, *, binding: bool | None = None) -> tuple[RequirementResult, ...]:
        """The requirements with this outcome; only binding ones or only others where `binding` is given."""
        return tuple(
            r for r in self.requirements if r.outcome is outcome and (binding is None or r.binds is binding)
        )


class RunnerRole(StrEnum):
    """Who ran the test; it stands beside the verdict everywhere."""

    LAB = "independent-lab"
    BUYER = "buyer"
    SUPPLIER = "supplier-self-test"
    BODY = "standards-body"
    SELF = "self"


class Runner(Noun):
    """The person or organisation that ran the test."""

    role: RunnerRole = RunnerRole.SELF
    name: str = ""
    organisation: str = ""


class Tool(Noun):
    """The harness that ran the test; `digest` is the SHA-256 over its source files."""

    name: str
    version: str
    digest: str = ""
    python: str = ""
    hypothesis: str = ""


class Binding(Noun):
    """What ties a report to one procurement, against replay in another; the buyer gives both."""

    nonce: str = Field(default="", max_length=200)
    procurement_ref: str = Field(default="", max_length=200)


class RunRecord(Noun):
    """The circumstances of a run: what the report's content does not depend on."""

    run_id: str
    started_at: str
    finished_at: str = ""
    resumed: int = 0
    runner: Runner = Field(default_factory=Runner)
    tool: Tool
    binding: Binding = Field(default_factory=Binding)
    valid_until: str = Field(default="", description="RFC 3339; empty where no end was stated")
    requests: int = 0
    retried: int = 0
    saved: int = Field(
        default=0, description="requests not sent again, since another step had asked the same"
    )
    bytes_received: int = 0
    seconds: float = 0
    peak_memory: int = Field(default=0, description="bytes")
    left_behind: tuple[str, ...] = ()
