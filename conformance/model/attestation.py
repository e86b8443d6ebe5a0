"""Attestations: an in-toto Statement v1 about a run's files, and what a verification of it comes to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol, Self

from pydantic import Field, field_validator, model_validator

from conformance.model.base import Noun
from conformance.model.predicate import ReportPredicate
from conformance.model.report import MethodVerdict, Report, Result, Runner, RunRecord
from conformance.model.target import TargetCard
from conformance.model.trust import TrustRole

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
REPORT_PREDICATE = "https://conformance-harness.org/attestation/conformance-report/v1"
SUPPLIER_PREDICATE = "https://conformance-harness.org/attestation/supplier-attestation/v1"

ENVELOPE_FILE = "report.dsse.json"
REPORT_FILE = "report.json"
SUITE_FILE = "suite.json"
RUN_FILE = "run.json"
EVIDENCE_FILE = "evidence.jsonl"
SIGNED_FILES = (SUITE_FILE, EVIDENCE_FILE, REPORT_FILE, RUN_FILE)
"""What every signed run has among its subjects."""

SHARE_FILE, RECORDS_FILE = "share.json", "records.jsonl"
SHARED_FILES = (SHARE_FILE, RECORDS_FILE)
"""What a share of a run has beside signed files: each record in it is held against the signed report."""
SHARE_FORMAT = "1"

UNSIGNED = "UNSIGNED"
"""The mark of a run that nobody answers for."""

EXIT_AUTHENTIC, EXIT_NOT_AUTHENTIC, EXIT_UNREADABLE, EXIT_DEMANDS_NOT_MET = 0, 1, 2, 3


class Subject(Noun):
    """A file that the statement is about, by name and digest."""

    name: str
    digests: dict[str, str] = Field(alias="digest")


class Statement(Noun):
    """An in-toto Statement v1: what is stated (`predicate`) about which files (`subject`)."""

    type_: str = Field(alias="_type")
    subject: tuple[Subject, ...] = Field(min_length=1)
    predicate_type: str
    predicate: dict[str, Any]


class SignerInfo(Noun):
    """Somebody whose signature counts. Name and roles are the reader's own words, from the trust file."""

    keyid: str
    name: str
    roles: tuple[TrustRole, ...]
    only_embedded: bool = False


class StepOutcome(StrEnum):
    """What one step of a verification came to; `warn` is worth telling and refuses nothing."""

    OK = "ok"
    FAIL = "fail"
    SKIPPED = "skipped"
    WARN = "warn"


def _printable(value: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in value)


class VerificationStep(Noun):
    """One thing that was looked at. `exit_code` is what it alone would make the command end with."""

    name: str
    outcome: StepOutcome
    detail: str
    exit_code: int = 0

    @field_validator("detail")
    @classmethod
    def _without_control_characters(cls, value: str) -> str:
        return _printable(value)


class Beside(Noun):
    """Something said about a report by a statement of its own: what, by whom, and whether it counts."""

    kind: Literal["acknowledgement", "dispute", "supersession", "waiver"]
    said: str
    by: str
    counts: bool

    @field_validator("said", "by")
    @classmethod
    def _without_control_characters(cls, value: str) -> str:
        return _printable(value)


class Expectations(Noun):
    """What the reader asks beyond authenticity; members left empty ask nothing.

    `partial` is satisfied with part of a run, of which nothing is judged anew: never what a verdict may rest on.
    """

    require: Literal["passed", "authentic", "partial"] = "passed"
    nonce: str = ""
    procurement_ref: str = ""
    endpoint: str = ""
    supplier: str = ""
    product: str = ""
    version: str = ""
    max_age_days: int | None = Field(default=None, ge=0)


@dataclass(frozen=True)
class Recomputation:
    """What judging the evidence again gave.

    `report` is the whole report as this version makes it. Of its verdicts, `judged` were judged again,
    `on_word` could not be since bodies were not kept, `by_plugins` were left to plugins that the reader
    does not list, and `by_packages` rest on FHIR packages that are `missing` here; all but the first are taken over
    as the tester wrote them. `evidence` holds the digest of each
    recorded exchange and document, by id.
    """

    report: Report
    judged: int
    on_word: int = 0
    by_plugins: int = 0
    by_packages: int = 0
    missing: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)


class Files(Protocol):
    """The files of a run, in a folder or a bundle. Names are relative, with `/` between their parts."""

    def names(self) -> Iterable[str]:
        """The names of all files; symbolic links and other oddities too, as they stand there."""

    def digest(self, name: str) -> str:
        """The lowercase hexadecimal SHA-256. Raises Unreadable for anything but a regular file."""

    def read(self, name: str, limit: int) -> bytes:
        """The bytes. Raises Unreadable for anything but a regular file of at most `limit` bytes."""


class Verified(Noun):
    """A report that has been verified: what compares or publishes reports takes this and nothing less.

    `verify` makes it from the very bytes that it checked. It cannot be made from steps that refuse.
    """

    statement: Statement
    predicate: ReportPredicate
    report: Report
    record: RunRecord
    signers: tuple[SignerInfo, ...] = Field(min_length=1)
    steps: tuple[VerificationStep, ...]

    @model_validator(mode="after")
    def _nothing_was_refused(self) -> Self:
        looked_at = {step.name for step in self.steps if step.outcome is not StepOutcome.SKIPPED}
        if not looked_at >= {"signatures", "files", "recomputation", "binding"}:
            raise ValueError("a verified report needs every step of a verification")
        failed = {step.name for step in self.steps if step.outcome is StepOutcome.FAIL}
        codes = {step.exit_code for step in self.steps}
        if "recomputation" in failed or codes & {EXIT_NOT_AUTHENTIC, EXIT_UNREADABLE}:
            raise ValueError("a report that a step refuses is not verified")
        return self


class Verification(Noun):
    """All steps in order, the exit code, and what is known of the report: nothing, if it is not authentic.

    `verdict` is whether the report says what the reader asks for, `beside` what is said of it by other statements.
    `verified` is there only where this version's recomputation bears the report out.
    """

    steps: tuple[VerificationStep, ...]
    verdict: VerificationStep | None = None
    exit_code: int
    beside: tuple[Beside, ...] = ()
    unread: tuple[str, ...] = Field(
        default=(), description="what was given beside it and cannot be taken, and why"
    )
    signers: tuple[SignerInfo, ...] = ()
    result: Result | None = None
    methods: tuple[MethodVerdict, ...] = ()
    runner: Runner | None = None
    target: TargetCard | None = None
    judged: int = 0
    on_word: int = 0
    by_plugins: int = 0
    by_packages: int = 0
    partial: str = Field(default="", description="of a share: how much of the run is here, in words")
    verified: Verified | None = Field(default=None, exclude=True)

    @property
    def authentic(self) -> bool:
        """Whether the report is what a trusted signer signed, with nothing found against it."""
        return self.exit_code not in {EXIT_NOT_AUTHENTIC, EXIT_UNREADABLE}
