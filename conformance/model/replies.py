"""What is said of a signed report afterwards, each a signed statement of its own about the report's payload.

A second signature on the report itself would say nothing about what its maker meant, so these say it in words. Nobody
can see offline that one was withheld: a verification knows only the replies that it is given.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from conformance.model.attestation import STATEMENT_TYPE, Statement, Subject
from conformance.model.base import Noun
from conformance.model.predicate import Instant

_BASE = "https://conformance-harness.org/attestation"
ACKNOWLEDGEMENT_PREDICATE = f"{_BASE}/report-acknowledgement/v1"
DISPUTE_PREDICATE = f"{_BASE}/report-dispute/v1"
SUPERSESSION_PREDICATE = f"{_BASE}/report-supersession/v1"
REPLY_FORMAT: Literal["1"] = "1"


class Reply(Noun):
    """Who says something of which report, and when, by their own word."""

    format_version: Literal["1"] = REPLY_FORMAT
    report_id: str = Field(min_length=1)
    name: str = Field(min_length=1, max_length=200)
    organisation: str = Field(default="", max_length=200)
    at: Instant

    def in_full(self) -> dict[str, Any]:
        """Plain JSON data with every member written out."""
        return self.model_dump(mode="json")


class Acknowledgement(Reply):
    """The report was seen, and is not disputed."""

    meaning: Literal["seen, not disputed"] = "seen, not disputed"


class Dispute(Reply):
    """The report is contested: why, and on which requirements, where it is about some of them only."""

    reason: str = Field(min_length=1, max_length=10_000)
    requirements: tuple[str, ...] = ()


class Supersession(Reply):
    """Another report takes the place of this one: its id, and the SHA-256 of its payload."""

    reason: str = Field(min_length=1, max_length=10_000)
    by_report: str = Field(min_length=1)
    by_digest: str = Field(pattern="^[0-9a-f]{64}$")


REPLIES: Mapping[str, type[Reply]] = {
    ACKNOWLEDGEMENT_PREDICATE: Acknowledgement,
    DISPUTE_PREDICATE: Dispute,
    SUPERSESSION_PREDICATE: Supersession,
}
"""What each predicate type holds."""


def reply_statement(reply: Reply, payload_digest: str) -> Statement:
    """The in-toto Statement of a reply about the report whose payload has this SHA-256."""
    predicate_type = next(name for name, kind in REPLIES.items() if kind is type(reply))
    return Statement(
        type_=STATEMENT_TYPE,
        subject=(Subject(name=reply.report_id, digests={"sha256": payload_digest}),),
        predicate_type=predicate_type,
        predicate=reply.in_full(),
    )
