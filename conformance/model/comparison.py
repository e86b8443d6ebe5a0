"""What several verified reports come to side by side, and what one is beside an earlier one."""

import datetime as dt
from collections.abc import Collection
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from pydantic import Field, field_validator

from conformance.errors import closest
from conformance.model.base import Noun
from conformance.model.measurement import Measurement
from conformance.model.policy import number
from conformance.model.profile import Level, Method
from conformance.model.report import MethodVerdict, Result, Runner
from conformance.model.target import Environment
from conformance.model.verdict import Outcome


class Equivalence(Noun):
    """Somebody's decision to accept other evidence for a requirement; the outcome stays as it is.

    It holds for the bid of this product, and of this supplier where one is named.
    """

    requirement: str
    supplier: str = ""
    product: str = Field(min_length=1)
    who: str = Field(min_length=1)
    accepted: str = Field(min_length=1, description="what was accepted instead")
    reason: str = Field(min_length=1)
    evidence: str = ""
    on: dt.date


class Decision(Noun):
    """An equivalence as a comparison takes it: what was decided, and whose signature stands under it, if any."""

    what: Equivalence
    signers: tuple[str, ...] = ()
    digest: str = Field(default="", description="SHA-256 of the signed payload")


class Points(Noun):
    """What a pass of the requirements of this id or pattern is worth, as decimal text."""

    name: str
    points: str


class Weights(Noun):
    """Points for each SHOULD that passes, by id or pattern; the first that fits counts.

    People write a mapping. It is kept as a list, since the canonical form of JSON has no order among members.
    """

    points: tuple[Points, ...] = Field(min_length=1)
    default: str = "0"

    @field_validator("points", mode="before")
    @classmethod
    def _from_mapping(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return tuple({"name": name, "points": points} for name, points in value.items())
        return tuple(value) if isinstance(value, list) else value

    def of(self, id_: str) -> str:
        """The points of the requirement of this id."""
        return next((each.points for each in self.points if fnmatchcase(id_, each.name)), self.default)

    def objection(self, ids: Collection[str]) -> str:
        """Why these weights cannot be used for requirements of these ids; empty where they can."""
        for each in (*self.points, Points(name="", points=self.default)):
            if number(each.points) is None:
                return (
                    f"the weight {each.points!r} of {each.name or 'the default'} is no number as decimal text"
                )
            if each.name and not any(fnmatchcase(id_, each.name) for id_ in ids):
                return f"the weights name {each.name!r}, which no requirement has{closest(each.name, ids)}"
        return ""


class Bid(Noun):
    """One verified report as it stands in a comparison."""

    label: str
    supplier: str
    product: str
    version: str
    environment: Environment
    endpoint: str
    result: Result
    methods: tuple[MethodVerdict, ...]
    runner: Runner
    signers: tuple[str, ...]
    as_of: dt.date
    report_digest: str


class Cell(Noun):
    """What one bid shows for one requirement; `outcome` is None where its report does not have it."""

    outcome: Outcome | None
    because: str = ""
    advisory: str = ""
    equivalence: Decision | None = None

    @property
    def met(self) -> bool:
        """Whether the requirement counts as met: passed, not applicable, or something else was accepted."""
        return self.outcome in {Outcome.PASS, Outcome.INAPPLICABLE} or self.equivalence is not None


class Row(Noun):
    """One requirement over all bids. `points` is what a pass is worth, as decimal text; empty where none."""

    id: str
    level: Level
    method: Method
    text: str
    source: str
    binds: bool
    points: str = ""
    cells: tuple[Cell, ...]


class MeasuredRow(Noun):
    """One measurement over all bids; None where a report does not have it."""

    id: str
    title: str
    group: str
    definition: str
    values: tuple[Measurement | None, ...]


class TenderNote(Noun):
    """The tender pack that all bids were held against, and who signed it."""

    title: str
    buyer: str
    reference: str
    opens: dt.date
    digest: str
    signers: tuple[str, ...]


class Difference(Noun):
    """Something in which the bids were measured differently: `values` in the order of the bids.

    Where it `matters`, the bids are not comparable.
    """

    what: str
    values: tuple[str, ...]
    matters: bool


class Score(Noun):
    """What one bid adds up to: mandatory requirements met, and points of those that are recommended."""

    mandatory: int
    mandatory_met: int
    by_equivalence: int
    points: str
    of: str
    not_shown: int = Field(description="mandatory requirements that are inconclusive or untested")


class Comparison(Noun):
    """Several bids, requirement by requirement."""

    profile: str
    bids: tuple[Bid, ...]
    differences: tuple[Difference, ...]
    rows: tuple[Row, ...]
    scores: tuple[Score, ...]
    measured: tuple[MeasuredRow, ...] = ()
    weights: Weights | None = None
    tender: TenderNote | None = None

    @property
    def comparable(self) -> bool:
        """Whether all were measured against the same requirements with the same limits."""
        return not any(difference.matters for difference in self.differences)


class Turn(StrEnum):
    """Which way a requirement went between two reports."""

    BETTER = "better"
    WORSE = "worse"
    NEWLY_TESTED = "newly tested"
    NO_LONGER_TESTED = "no longer tested"
    OTHER = "other"
    ADDED = "added"
    REMOVED = "removed"


class Change(Noun):
    """A requirement whose outcome is another than before."""

    id: str
    level: Level
    text: str
    turn: Turn
    was: Outcome | None
    now: Outcome | None
    because: str = ""


class Changes(Noun):
    """What changed from an old report to a new one of the same product."""

    old: Bid
    new: Bid
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    unchanged: int
