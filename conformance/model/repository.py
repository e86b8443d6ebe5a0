"""A profile repository: what its index says of each profile, and what a reader keeps of it."""

import datetime as dt
import re
from typing import Any, Self

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.predicate import Instant
from conformance.model.versions import VERSION, Version

PROFILE_NAME = r"[a-z0-9][a-z0-9.-]{0,79}"
LABEL = re.compile(rf"(?P<profile>{PROFILE_NAME})@(?P<version>{VERSION})", re.ASCII)
"""Name and version of a profile, as in `exit-core@0.1.0`."""
_DIGEST = "^[0-9a-f]{64}$"


class Withdrawal(Noun):
    """Who withdrew a profile, when and why; it is not to be measured against any more."""

    by: str = Field(min_length=1, max_length=200)
    on: dt.date
    reason: str = Field(min_length=1, max_length=2000)


class Event(Noun):
    """Something that happened to a version of a profile: where, when, and by whose key."""

    what: str
    repository: str
    on: dt.date
    by: str = Field(description="fingerprint of the key that did it")
    digest: str = Field(pattern=_DIGEST, description="SHA-256 of the resolved profile")


class Published(Noun):
    """One version of a profile in a repository. `digest` is that of its resolved content, `file` that of its YAML."""

    profile: str = Field(pattern=f"^{PROFILE_NAME}$")
    version: str = Field(pattern=f"^{VERSION}$")
    title: str = ""
    publisher: str = ""
    digest: str = Field(pattern=_DIGEST)
    file: str = Field(pattern=_DIGEST)
    withdrawn: Withdrawal | None = None
    history: tuple[Event, ...] = ()

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.profile}@{self.version}"

    @property
    def order(self) -> tuple[bool, Version]:
        """Orders the versions of one profile: any release after all drafts."""
        found = Version.read(self.version)
        return found.is_release, found

    def refusal(self) -> str:
        """Who withdrew it and why; empty where nobody did."""
        if self.withdrawn is None:
            return ""
        return f"{self.label} was withdrawn by {self.withdrawn.by} on {self.withdrawn.on}: {self.withdrawn.reason}"


class RepositoryIndex(Noun):
    """What a reader keeps of a repository after its signatures, versions and dates were checked."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$", description="the reader's own name for it")
    url: str
    title: str
    fingerprint: str = Field(pattern=_DIGEST, description="SHA-256 of the first root that the reader trusted")
    edition: int
    expires: Instant
    updated: Instant
    profiles: tuple[Published, ...] = ()

    def versions(self, profile: str) -> tuple[Published, ...]:
        """The versions of a profile, the newest first."""
        found = (one for one in self.profiles if one.profile == profile)
        return tuple(sorted(found, key=lambda one: one.order, reverse=True))


class FoundProfile(Noun):
    """A profile that is here: in a repository, or, where `where` is empty, with the harness."""

    profile: str
    version: str
    title: str
    publisher: str = ""
    where: str = ""
    withdrawn: str = ""
    pinned: bool = False
    out_of_date: bool = False

    @property
    def words(self) -> str:
        """What it is searched by."""
        return f"{self.profile}@{self.version} {self.title} {self.publisher} {self.where}".casefold()


class Pin(Noun):
    """Which release of a profile a reader settled on, with all that is needed when the repository is gone."""

    repository: str
    released: Published


class Pins(Noun):
    """All pins, by profile."""

    pins: dict[str, Pin] = Field(default_factory=dict)

    def with_pin(self, profile: str, pin: Pin | None) -> Self:
        """These pins with another one for this profile, or with none."""
        others: dict[str, Any] = {name: one for name, one in self.pins.items() if name != profile}
        return self.model_copy(update={"pins": others | ({profile: pin} if pin else {})})
