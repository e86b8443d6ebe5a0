"""What judging an exit plan alone comes to: a result for each requirement that the plan can answer."""

import datetime as dt
from typing import Any

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.level import Level
from conformance.model.measurement import Measurement
from conformance.model.verdict import Outcome


class Limit(Noun):
    """A limit of the profile as it was applied. `set_by` says who set another than the default; empty for nobody."""

    name: str
    value: Any
    default: Any
    unit: str = ""
    basis: str = ""
    set_by: str = ""


class Hint(Noun):
    """A place in the plan, and what belongs there."""

    path: str
    belongs: str


class Mark(Noun):
    """Where in the plan's file a finding is about: its path there, and line and column from 1, 0 where not known."""

    path: str = ""
    line: int = 0
    column: int = 0


class Answer(Noun):
    """What one requirement comes to by the plan alone. `marks` are the places of the findings, in their order.

    `depends` says that it depends on the day on which a period begins whether a limit is kept. `needs_run` says that
    the requirement asks for more than a plan can show. `advisory` is why a binding level decides nothing here.
    """

    id: str
    level: Level
    text: str
    source: str
    outcome: Outcome
    depends: bool = False
    findings: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    remarks: tuple[str, ...] = ()
    because: str = ""
    limits: tuple[Limit, ...] = ()
    hints: tuple[Hint, ...] = ()
    needs_run: bool = False
    advisory: str = ""

    @property
    def binds(self) -> bool:
        """Whether it decides if the plan is good: its level binds, and no advisory says otherwise."""
        return self.level.binding and not self.advisory

    @property
    def area(self) -> str:
        """The area of the catalogue that the requirement belongs to, as in `TRM` of `EXIT-TRM-01`."""
        parts = self.id.split("-")
        return parts[1] if len(parts) > 2 else parts[0]  # noqa: PLR2004 - family, area, number


class PlanReview(Noun):
    """All answers, what contradicts the buyer's contract, and how many requirements no plan can answer."""

    plan: str
    sha256: str
    profile: str
    as_of: dt.date
    phase: str
    answers: tuple[Answer, ...]
    contradictions: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    beyond_a_plan: int = Field(default=0, ge=0)

    def at(self, outcome: Outcome, *, binding: bool) -> tuple[Answer, ...]:
        """The answers with this outcome, to requirements that bind or to others."""
        return tuple(a for a in self.answers if a.outcome is outcome and a.binds is binding)

    @property
    def met(self) -> bool:
        """Whether each binding requirement is met or does not apply, and nothing contradicts the contract."""
        settled = {Outcome.PASS, Outcome.INAPPLICABLE}
        binding = [a for a in self.answers if a.binds]
        passed = any(a.outcome is Outcome.PASS for a in binding)
        return passed and not self.contradictions and all(a.outcome in settled for a in binding)
