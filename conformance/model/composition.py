"""How a profile is put together of others: what it changes of them, by whose leave, and which ones they were.

A profile may raise the level of a requirement that it takes over, with its reason. It lowers one only by a
derogation that has a name, so that a reader can ask who granted it.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from conformance.model.base import Noun
from conformance.model.level import Level

DEROGATION = r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$"


class Override(Noun):
    """Requirements (an id or a glob pattern) of other profiles that are to have another level here, and why.

    With `required_from` they have it from that day on, and before it they only advise.
    """

    requirement: str
    level: Level
    required_from: dt.date | None = None
    reason: str = Field(min_length=1)
    derogation: str = Field(default="", pattern=rf"^$|{DEROGATION}")


class Base(Noun):
    """A profile that was extended: the version asked for, the one that was found, and the digest of its content."""

    profile: str
    asked: str = ""
    version: str
    sha256: str


class ChangeKind(StrEnum):
    """What a profile has changed of another."""

    RAISED = "raised"
    LOWERED = "lowered"
    PARAMETER = "parameter"
    LEFT_OUT = "left out"


class Change(Noun):
    """One thing that a profile (`by`) has changed of what another (`of`) asks, with both values and the reason."""

    kind: ChangeKind
    name: str
    of: str
    by: str
    was: Any = None
    now: Any = None
    reason: str = ""
    derogation: str = ""

    @model_validator(mode="after")
    def _lowers_by_leave(self) -> "Change":
        if self.kind is ChangeKind.LOWERED and not self.derogation:
            raise ValueError("a level is lowered only by a named derogation")
        return self
