"""A register of verified reports: which product was tested against what, by whom, and what became of it since.

Everything here is known from reports that were verified; what did not verify is listed apart, as `Refusal`.
"""

import datetime as dt
from enum import StrEnum

from pydantic import Field

from conformance.model.attestation import Beside, SignerInfo
from conformance.model.base import Noun
from conformance.model.predicate import Instant, MaybeInstant
from conformance.model.profile import Method
from conformance.model.report import ProfileRef, Result, Runner
from conformance.model.target import TargetCard

REGISTER_FORMAT = "1"
MOST_TOLD = 20
"""So many ids of unmet requirements are told of each report."""


class Entry(Noun):
    """What a verified report says, in short.

    `id` is the SHA-256 of its signed envelope, `payload` that of what was signed, `place` where it lay.
    """

    id: str
    payload: str
    place: str
    target: TargetCard
    profile: ProfileRef
    profile_doubt: str = Field(default="", description="why it is not known to be its publisher's")
    result: Result
    methods: dict[Method, Result]
    failing: tuple[str, ...] = Field(
        default=(), description=f"binding requirements that are not met, the first {MOST_TOLD}"
    )
    failures: int = 0
    warnings: int = 0
    overrides: tuple[str, ...] = ()
    as_of: dt.date
    finished_at: Instant
    valid_until: MaybeInstant = ""
    runner: Runner
    signers: tuple[SignerInfo, ...]
    beside: tuple[Beside, ...] = Field(
        default=(), description="what others stated about the report; only what counts has an effect"
    )
    tool: str
    judged: int
    on_word: int = 0
    by_plugins: int = 0
    by_packages: int = 0


class Refusal(Noun):
    """A file that is not in the register, and why."""

    place: str
    why: str


class Standing(StrEnum):
    """What a report is worth today, beside its result."""

    CURRENT = "current"
    EARLIER = "earlier"
    """The same tester measured the same again later."""
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class Listed(Noun):
    """A report in the register. `counts` says whether it makes a profile passed; `caveats` are to be read with it."""

    entry: Entry
    standing: Standing
    counts: bool
    caveats: tuple[str, ...] = ()
    successor: str = Field(
        default="", description="the id of the report that took its place, where it is here"
    )

    @property
    def said(self) -> tuple[Beside, ...]:
        """What was stated about it by somebody who can say such a thing."""
        return tuple(one for one in self.entry.beside if one.counts)

    @property
    def disputed(self) -> bool:
        """Whether somebody whose word counts disputes it."""
        return any(one.kind == "dispute" for one in self.said)


class ProfileLine(Noun):
    """What the current reports on one version of a product come to for one profile."""

    profile: str
    version: str
    title: str
    result: Result
    passed: bool
    disputed: bool = False
    by: tuple[str, ...] = Field(description="the roles of those who tested")


class Version(Noun):
    """One version of a product with all of its reports, the newest first."""

    version: str
    profiles: tuple[ProfileLine, ...]
    reports: tuple[Listed, ...]


class Product(Noun):
    """A product by supplier and name; its versions begin with the one that was tested last.

    A `demonstration` is of the embedded reference supplier: of no product at all.
    """

    id: str
    supplier: str
    product: str
    demonstration: bool = False
    versions: tuple[Version, ...]


class Register(Noun):
    """All of it, as of one moment: the content of index.json."""

    format: str = REGISTER_FORMAT
    title: str
    url: str = ""
    built_at: Instant
    products: tuple[Product, ...]
    refused: tuple[Refusal, ...] = ()

    @property
    def reports(self) -> int:
        """How many verified reports there are."""
        return sum(len(version.reports) for product in self.products for version in product.versions)
