"""What a standards body signs about a profile: that it is released, or withdrawn."""

import datetime as dt
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from conformance.model.attestation import STATEMENT_TYPE, Statement, Subject
from conformance.model.base import Noun, sha256
from conformance.model.profile import Profile

RELEASE_PREDICATE = "https://conformance-harness.org/attestation/profile-release/v1"
RELEASE_FORMAT: Literal["1"] = "1"


class Release(Noun):
    """A version of a profile, pinned by the SHA-256 of its resolved content, as its publisher stands by it.

    `supersedes` is the version that it takes the place of. One that is `withdrawn` is not to be measured against any
    more, for the `reason` that is given.
    """

    format_version: Literal["1"] = RELEASE_FORMAT
    profile: str = Field(min_length=1, max_length=80)
    version: str = Field(min_length=1, max_length=80)
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    publisher: str = ""
    on: dt.date
    supersedes: str = ""
    withdrawn: bool = False
    reason: str = ""

    @model_validator(mode="after")
    def _says_why(self) -> "Release":
        if self.withdrawn != bool(self.reason):
            raise ValueError("a withdrawal needs a reason, and nothing else has one")
        return self

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.profile}@{self.version}"

    def statement(self) -> Statement:
        """What is signed: by one standards body, or by several in one envelope."""
        full: dict[str, Any] = self.model_dump(mode="json")
        return Statement(
            type_=STATEMENT_TYPE,
            subject=(Subject(name=self.label, digests={"sha256": self.digest}),),
            predicate_type=RELEASE_PREDICATE,
            predicate=full,
        )


def release_of(
    profile: Profile, on: dt.date, *, publisher: str = "", supersedes: str = "", withdrawn: str = ""
) -> Release:
    """The release of a resolved profile; `withdrawn` is the reason why it is withdrawn. Raises ValueError."""
    try:
        return Release(
            profile=profile.profile,
            version=profile.version,
            digest=sha256(profile.canonical()),
            publisher=publisher or profile.publisher,
            on=on,
            supersedes=supersedes,
            withdrawn=bool(withdrawn),
            reason=withdrawn,
        )
    except ValidationError as error:
        raise ValueError(str(error)) from None
