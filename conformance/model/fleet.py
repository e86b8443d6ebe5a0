"""A fleet: many targets tested against profiles at once, and the table of what that came to."""

import datetime as dt
from typing import Any

from pydantic import Field, model_validator

from conformance.model.base import Noun
from conformance.model.report import Result, Runner
from conformance.model.target import TargetCard

FLEET_FORMAT = "1"


class HostLimits(Noun):
    """How heavy all targets on one host may be on it together."""

    concurrency: int = Field(default=8, ge=1, le=256)
    requests_per_second: float = Field(default=0, ge=0, description="0: no limit")


class FleetLimits(Noun):
    """How much goes on at once. Times in seconds; a target's own limits hold as well."""

    targets: int = Field(default=16, ge=1, le=256, description="runs at a time")
    concurrency: int = Field(default=64, ge=1, le=1024, description="requests on their way at a time")
    requests_per_second: float = Field(default=0, ge=0, description="0: no limit")
    per_host: HostLimits = Field(default_factory=HostLimits)
    run_timeout: float = Field(default=3600, gt=0, description="a run is broken off after so long")


class FleetMember(Noun):
    """Target files by path or pattern, relative to the fleet's own file, and the profiles to test them against.

    Where no profiles are named they are the fleet's. In YAML the path alone is enough.
    """

    file: str
    profiles: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str) else value


class Fleet(Noun):
    """The content of a fleet's file."""

    fleet: str
    profiles: tuple[str, ...] = ()
    limits: FleetLimits = Field(default_factory=FleetLimits)
    targets: tuple[FleetMember, ...] = Field(min_length=1)


class FleetRow(Noun):
    """What one target came to for one profile. `trouble` says why there is no result, where there is none."""

    target: str
    profile: str
    card: TargetCard
    result: Result | None = None
    trouble: str = ""
    exit_code: int
    folder: str
    earlier: bool = Field(default=False, description="done before this call, and kept")
    requests: int = 0
    seconds: float = 0


class FleetTable(Noun):
    """All rows, by target and profile. `seconds` is how long this call took."""

    format: str = FLEET_FORMAT
    fleet: str
    as_of: dt.date
    runner: Runner
    signed: bool
    seconds: float = 0
    rows: tuple[FleetRow, ...] = Field(min_length=1)

    @property
    def exit_code(self) -> int:
        """The worst: interrupted, our own fault, a mistake, a failure, not known, nothing tested, passed."""
        codes = {row.exit_code for row in self.rows}
        return next(code for code in WORST_FIRST if code in codes)


WORST_FIRST = (130, 3, 2, 1, 4, 5, 0)
