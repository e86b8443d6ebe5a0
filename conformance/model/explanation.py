"""One requirement of one run, with everything that somebody who doubts its outcome asks."""

import datetime as dt
from typing import Any

from conformance.model.base import Noun
from conformance.model.comparison import TenderNote
from conformance.model.report import ProfileRef, RequirementResult, Runner, Tool
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome


class Rule(Noun):
    """A probe or a check as a case called it: its name, its final arguments, and what it says of itself.

    `says` is empty where this harness does not have it: one of a plugin.
    """

    name: str
    arguments: dict[str, Any]
    says: str = ""


class SeenBody(Noun):
    """A body by its digest; `text` is how it begins, where it is text and was kept, `cut` how much is left out."""

    sha256: str
    size: int
    media_type: str = ""
    kept: bool
    text: str = ""
    cut: int = 0


class SeenExchange(Noun):
    """One request and its answer; `sha256` is the digest of its record, which the verdict names."""

    id: str
    sha256: str
    at: str
    elapsed_ms: int
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: SeenBody | None = None
    status: int
    headers: tuple[tuple[str, str], ...]
    body: SeenBody | None = None
    failure: str = ""
    curl: str = ""


class SeenDocument(Noun):
    """A document that the supplier declared."""

    id: str
    sha256: str
    name: str
    location: str
    problem: str = ""
    body: SeenBody | None = None


class ExplainedCase(Noun):
    """One thing that was tried. `basis` says whether it was judged anew here, or on whose word it stands.

    `drawn` are the values that were drawn beforehand, `filled` those taken from what the target holds. `more` is how
    many further records the verdict rests on than are shown.
    """

    id: str
    outcome: Outcome
    because: str = ""
    findings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    expected: str = ""
    basis: str
    drawn: dict[str, Any]
    filled: dict[str, Any]
    sent: tuple[Rule, ...]
    judged_by: tuple[Rule, ...]
    exchanges: tuple[SeenExchange, ...] = ()
    documents: tuple[SeenDocument, ...] = ()
    more: int = 0
    replay: str


class ExplainedLimit(Noun):
    """A parameter that the requirement's tests or its conditions name, and who set it."""

    name: str
    value: Any
    default: Any
    unit: str = ""
    basis: str = ""
    set_by: str


class Explanation(Noun):
    """Everything about one requirement in one verified run.

    `recipes` are its tests as the profile states them (YAML), `digests` what pins the run, `again` the command lines
    that judge or test it anew, each with what it is for. `against` is what a step of the verification objects to the
    report, though it is authentic: that it has expired, for one. `signers` are in the reader's words.
    """

    requirement: RequirementResult
    against: tuple[str, ...] = ()
    recipes: tuple[str, ...]
    gates: tuple[Rule, ...]
    cases: tuple[ExplainedCase, ...]
    limits: tuple[ExplainedLimit, ...]
    profile: ProfileRef
    target: TargetCard
    runner: Runner
    signers: tuple[str, ...]
    started_at: str
    finished_at: str
    as_of: dt.date
    tested_with: Tool
    verified_with: Tool
    digests: dict[str, str]
    packages: tuple[str, ...] = ()
    tender: TenderNote | None = None
    again: tuple[tuple[str, str], ...]
