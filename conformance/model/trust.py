"""Whom a reader trusts, and for what. Roles come from here alone, never from what a report says of itself."""

import datetime as dt
import ipaddress
from urllib.parse import urlsplit

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.roles import TrustRole
from conformance.model.target import TargetCard
from conformance.model.trust_rules import Rule

__all__ = ["ProfilePin", "Trust", "TrustRole", "TrustedKey", "is_loopback"]


class TrustedKey(Noun):
    """A public key, who holds it, what for, and from when until when; all days included, in UTC.

    From the day `revoked` on it counts for nothing, for the `reason` that is given.
    """

    id: str
    pem: str
    name: str
    roles: tuple[TrustRole, ...] = Field(min_length=1)
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    revoked: dt.date | None = None
    reason: str = ""
    only_embedded: bool = False

    def objection(
        self, made: dt.datetime, judged: dt.datetime, target: TargetCard | None = None, said: str = "today"
    ) -> str:
        """Why this key's signature does not count for what was made then (about that target), or empty.

        The time of signing is the signer's own claim. So the key must be valid both then and at the moment at which
        the reader judges, now. Only a time of receipt that the reader can rely on may stand for that, in the words of
        `said`, so that a key which expired or was revoked later does not undo what had been received before.
        """
        for day, when in ((_day(made), "when it was made"), (_day(judged), said)):
            if self.revoked is not None and day >= self.revoked:
                because = f" ({self.reason})" if self.reason else ""
                return f"the key was revoked on {self.revoked}{because}"
            if self.valid_from is not None and day < self.valid_from:
                return f"the key is valid from {self.valid_from} only, so not {when} ({day})"
            if self.valid_until is not None and day > self.valid_until:
                return f"the key is valid until {self.valid_until} only, so not {when} ({day})"
        if target and self.only_embedded and not (target.embedded and is_loopback(target.endpoint)):
            return (
                "the key is trusted for reports about the embedded reference supplier only, "
                f"and this one is about {target.endpoint}"
            )
        return ""


class ProfilePin(Noun):
    """A profile that the reader has looked at: name, version, and the SHA-256 of its resolved content."""

    profile: str = Field(min_length=1)
    version: str = Field(min_length=1)
    digest: str = Field(pattern="^[0-9a-f]{64}$")


class Trust(Noun):
    """A reader's trusted keys, rules and profiles; `source` is where they are written down.

    `authorities` are PEM certificates of those whose time stamps count (RFC 3161).
    """

    keys: tuple[TrustedKey, ...] = ()
    rules: dict[str, Rule] = Field(default_factory=dict)
    pins: tuple[ProfilePin, ...] = ()
    authorities: tuple[str, ...] = ()
    source: str = ""

    def key(self, key_id: str) -> TrustedKey | None:
        """The key with this id; None where it is not trusted."""
        return next((key for key in self.keys if key.id == key_id), None)

    def rule(self, kind: str) -> Rule:
        """What is asked of statements of this kind; nothing beyond the defaults where there is no such rule."""
        return self.rules.get(kind, Rule())


def is_loopback(endpoint: str) -> bool:
    """Whether this URL leads to this machine itself (RFC 1122 section 3.2.1.3, RFC 6761 section 6.3)."""
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(dt.UTC).date()
