"""A tender pack: what will count, signed by the buyer before bids open; and decisions that something else counts too.

Both are predicates of an in-toto Statement v1. The pack's subjects are the profiles, by their SHA-256; a decision's
subject is the pack, by the SHA-256 of the payload that the buyer signed.
"""

import datetime as dt
from typing import Any, Self

from pydantic import Field, model_validator

from conformance.model.base import Noun
from conformance.model.comparison import Equivalence, Weights
from conformance.model.packages import PackagePin
from conformance.model.predicate import Instant
from conformance.model.profile import Phase
from conformance.model.report import Binding, RunnerRole, Tool

TENDER_PREDICATE = "https://conformance-harness.org/attestation/tender/v1"
DECISION_PREDICATE = "https://conformance-harness.org/attestation/equivalence-decision/v1"
TENDER_FILE = "tender.json"
"""The pack's envelope in the folder of a run that was made under it."""
TENDER_FORMAT = "1"
OCID = r"^ocds-[a-z0-9]{6}-[^\s,]+$"
"""An Open Contracting ID: `ocds-`, the publisher's six characters, and the process's own id (OCDS 1.1)."""


class TenderProfile(Noun):
    """One profile that bids are measured against, with everything that could make two runs of it differ.

    `requirements` are the ids of all that it asks, `suite` is the SHA-256 over its drawn cases, `parameters` are all
    limits, `overrides` the names of those that the buyer set otherwise than the profile.
    """

    profile: str
    version: str
    title: str
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    suite: str = Field(pattern="^[0-9a-f]{64}$")
    seed: int
    requirements: tuple[str, ...]
    parameters: dict[str, Any] = Field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    packages: tuple[PackagePin, ...] = ()

    @property
    def label(self) -> str:
        """Name and version, as in `exit-core@0.1.0`."""
        return f"{self.profile}@{self.version}"

    @model_validator(mode="after")
    def _sets_what_there_is(self) -> Self:
        if strange := [name for name in self.overrides if name not in self.parameters]:
            raise ValueError(f"the parameter {strange[0]!r} is said to be set, and has no value")
        return self


class Tender(Noun):
    """What will count in one procurement, or one lot of it, fixed before bids open.

    `opens` is the day on which bids are opened, `as_of` the day by which dates are judged in every bid, `roles` in
    which roles a report may have been made. `nonce` is drawn for this pack, so that no earlier report fits it.
    """

    format_version: str = TENDER_FORMAT
    title: str = Field(min_length=1)
    buyer: str = Field(min_length=1)
    ocid: str = Field(pattern=OCID)
    lot: str = ""
    made_at: Instant
    opens: dt.date
    as_of: dt.date
    phase: Phase
    nonce: str = Field(pattern="^[0-9a-f]{64}$")
    roles: tuple[RunnerRole, ...] = Field(min_length=1)
    tool: Tool
    profiles: tuple[TenderProfile, ...] = Field(min_length=1)
    weights: Weights | None = None

    @property
    def reference(self) -> str:
        """What a report states as its procurement: the OCID, and the lot where there is one."""
        return f"{self.ocid}, lot {self.lot}" if self.lot else self.ocid

    @property
    def binding(self) -> Binding:
        """What ties a report to this pack."""
        return Binding(nonce=self.nonce, procurement_ref=self.reference)

    def named(self, profile: str) -> TenderProfile | None:
        """The profile of this name; None where bids are not measured against it."""
        return next((one for one in self.profiles if one.profile == profile), None)

    @model_validator(mode="after")
    def _can_be_kept_to(self) -> Self:
        names = [one.profile for one in self.profiles]
        if len(set(names)) != len(names):
            raise ValueError("a profile stands twice in it")
        if RunnerRole.SELF in self.roles:
            raise ValueError("the role self says nothing of who tests, so no report can be accepted for it")
        return self


class EquivalenceDecision(Equivalence):
    """An equivalence decision as it is signed; its subject is the pack that it belongs to."""

    format_version: str = TENDER_FORMAT
    supplier: str = Field(min_length=1)
    ocid: str
    lot: str = ""


class Misfit(Noun):
    """Something in which a run is not what the pack fixes: what it has, and what the pack wants."""

    item: str
    has: str
    wants: str

    def __str__(self) -> str:
        return f"{self.item}: has {self.has or 'none'}, wants {self.wants or 'none'}"
