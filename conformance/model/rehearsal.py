"""A rehearsal of the exit: what was exported and loaded, how long it took, what it costs, and until when it counts."""

import datetime as dt
from typing import Literal

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.measurement import Measurement
from conformance.model.target import TargetCard

REHEARSAL_PREDICATE = "https://conformance-harness.org/attestation/exit-rehearsal/v1"
REHEARSAL_FILE, REHEARSAL_ENVELOPE, REHEARSAL_PAGE = (
    "rehearsal.json",
    "rehearsal.dsse.json",
    "rehearsal.html",
)

RehearsalResult = Literal["passed", "failed", "inconclusive"]


class LossLine(Noun):
    """Differences at one element path: how many, in how many resources, and where the first is."""

    path: str
    kind: str
    aspect: str
    count: int
    resources: int
    first: str


class StoreOutcome(Noun):
    """What became of the export in one store: our loader, or a server that somebody else made."""

    name: str
    ours: bool = Field(
        default=False, description="whether it is our own loader, which is independent of nobody"
    )
    endpoint: str = ""
    resources: int = Field(description="how many were given to it")
    kept: int = Field(description="how many came back, with or without a loss")
    refused: tuple[str, ...] = Field(
        default=(), description="the first that it did not take, and what it said"
    )
    refusals: int = 0
    losses: tuple[LossLine, ...] = ()
    further_losses: int = 0
    unsure: tuple[str, ...] = Field(default=(), description="why it cannot be told what it keeps")
    left_behind: int = Field(default=0, description="how many resources could not be removed from it again")

    @property
    def lossless(self) -> bool:
        """Whether everything came back as it was, as far as could be told."""
        return not (self.refusals or self.losses or self.further_losses or self.unsure) and self.kept > 0


class Rehearsal(Noun):
    """The content of a rehearsal report. Times in seconds, sizes in bytes.

    `passed` takes that every type was counted and exported whole, and that no store lost anything; what cannot be told
    (`unsure`) makes it `inconclusive`.
    """

    target: TargetCard
    result: RehearsalResult
    started_at: str
    finished_at: str
    valid_until: dt.date
    resumed: int = 0
    estimate: str = ""
    expected: dict[str, int] = Field(description="resources by type, as a search counted before the export")
    expected_after: dict[str, int] = Field(description="the same, counted after the export")
    counted: dict[str, int] = Field(description="resources by type in the export")
    bytes: int
    files: dict[str, str] = Field(description="SHA-256 of each exported file, by its name")
    seconds: dict[str, float]
    errors: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    stores: tuple[StoreOutcome, ...] = ()
    ignored: tuple[str, ...] = ()
    ignored_by: str = Field(default="", description="the profile that says which paths may differ")
    measurements: tuple[Measurement, ...] = Field(default=(), description="what leaving costs")
    assumed: tuple[str, ...] = Field(default=(), description="for what the cost was reckoned")
    unpriced: str = Field(default="", description="why it is not known what leaving costs")

    @property
    def passed(self) -> bool:
        """Whether the rehearsal passed."""
        return self.result == "passed"
