"""Whom a reader trusts, and for what. Roles come from here alone, never from what a report says of itself."""

import datetime as dt
import ipaddress
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.report import RunnerRole
from conformance.model.target import TargetCard


class TrustRole(StrEnum):
    """What the reader trusts a key's holder to be."""

    LAB = RunnerRole.LAB
    BUYER = RunnerRole.BUYER
    SUPPLIER_TEST = RunnerRole.SUPPLIER
    SUPPLIER = "supplier"
    BODY = RunnerRole.BODY
    SELF = RunnerRole.SELF

    @property
    def may_test(self) -> bool:
        """Whether this role's signature can carry a report; a supplier's means "seen, not disputed" only."""
        return self is not TrustRole.SUPPLIER


class TrustedKey(Noun):
    """A public key, who holds it, what for, and from when until when; all days included, in UTC."""

    id: str
    pem: str
    name: str
    roles: tuple[TrustRole, ...] = Field(min_length=1)
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    revoked: dt.date | None = None
    only_embedded: bool = False

    def objection(self, finished: dt.datetime, now: dt.datetime, target: TargetCard) -> str:
        """Why this key's signature does not count for a run that finished then against that target, or empty.

        The time of signing is the signer's own claim, so the key must be valid both then and now, and one
        that has been revoked counts for nothing, whatever date the report bears.
        """
        for day, when in ((_day(finished), "when the run finished"), (_day(now), "today")):
            if self.revoked is not None and day >= self.revoked:
                return f"the key was revoked on {self.revoked}"
            if self.valid_from is not None and day < self.valid_from:
                return f"the key is valid from {self.valid_from} only, so not {when} ({day})"
            if self.valid_until is not None and day > self.valid_until:
                return f"the key is valid until {self.valid_until} only, so not {when} ({day})"
        if self.only_embedded and not (target.embedded and is_loopback(target.endpoint)):
            return (
                "the key is trusted for reports about the embedded reference supplier only, "
                f"and this one is about {target.endpoint}"
            )
        return ""


class Trust(Noun):
    """A reader's trusted keys; `source` is where they are written down."""

    keys: tuple[TrustedKey, ...] = ()
    source: str = ""

    def key(self, key_id: str) -> TrustedKey | None:
        """The key with this id; None where it is not trusted."""
        return next((key for key in self.keys if key.id == key_id), None)


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
