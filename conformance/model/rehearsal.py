"""A rehearsal of the exit: what was exported, verified and loaded, in which time, and for how long that counts."""

import datetime as dt

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.measurement import Measurement
from conformance.model.target import TargetCard

REHEARSAL_PREDICATE = "https://conformance-harness.org/attestation/exit-rehearsal/v1"


class LossLine(Noun):
    """Differences at one element path: how many, in how many resources, and where the first is."""

    path: str
    kind: str
    aspect: str
    count: int
    resources: int
    first: str


class Rehearsal(Noun):
    """The content of a rehearsal report. Times in seconds, sizes in bytes; `passed`: nothing was found wrong."""

    target: TargetCard
    started_at: str
    finished_at: str
    valid_until: dt.date
    resumed: int = 0
    expected: dict[str, int] = Field(description="resources by type, as a search counted before the export")
    counted: dict[str, int] = Field(description="resources by type in the export")
    afterwards: dict[str, int] = Field(
        default_factory=dict, description="as a search counted after the export"
    )
    bytes: int
    files: dict[str, str] = Field(description="SHA-256 of each exported file, by its name")
    seconds: dict[str, float]
    errors: tuple[str, ...] = ()
    loaded: int = 0
    missing: int = 0
    losses: tuple[LossLine, ...] = ()
    ignored: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    unpriced: str = Field(default="", description="why it is not known what leaving costs")
    passed: bool
