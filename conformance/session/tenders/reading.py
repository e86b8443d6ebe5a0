"""Reading what a buyer signed: the pack of a tender, and decisions that belong to it."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from conformance.errors import Unreadable, UsageError
from conformance.model.predicate import instant
from conformance.model.report import Binding
from conformance.model.tender import (
    TENDER_FILE,
    TENDER_FORMAT,
    TENDER_PREDICATE,
    Tender,
)
from conformance.model.trust import Trust
from conformance.session.tenders.statements import Buyers, buyers, opened, stated

LARGEST = 4 * 2**20


class Holding(Protocol):
    """The files of a run, whether it is being made or was stored."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises Unreadable."""


@dataclass(frozen=True)
class Pack:
    """A tender pack as it was read: what it says, its bytes, the SHA-256 of what was signed, and who signed."""

    tender: Tender
    data: bytes
    digest: str
    signers: Buyers

    @property
    def verified(self) -> bool:
        """Whether somebody whom the reader trusts as a buyer signed it."""
        return bool(self.signers.counting)


def read_pack(path: Path, trust: Trust, now: dt.datetime) -> Pack:
    """The pack in this file, whoever signed it. Raises Unreadable."""
    return _pack(small_file(path), str(path), trust, now)


def trusted_pack(path: Path, trust: Trust, now: dt.datetime) -> Pack:
    """The pack in this file, signed by a trusted buyer. Raises UsageError where it is not, Unreadable."""
    pack = read_pack(path, trust, now)
    if not pack.verified:
        raise UsageError(
            f"the tender pack {path} cannot be relied on: {pack.signers.objection}",
            hint="If you checked the buyer's key with them: `conformance trust add KEY.pub.pem --name NAME --role "
            "buyer`.",
        )
    return pack


def carried_pack(run: Holding, trust: Trust, now: dt.datetime) -> Pack | None:
    """The pack that lies in a run's folder; None where the run was made under none. Raises Unreadable."""
    if not run.has(TENDER_FILE):
        return None
    return _pack(run.read(TENDER_FILE), f"the run's {TENDER_FILE}", trust, now)


def bound_to(run: Holding, otherwise: Binding) -> Binding:
    """What ties a run to the procurement whose pack lies in its folder; `otherwise` where none does.

    Raises Unreadable.
    """
    pack = carried_pack(run, Trust(), dt.datetime.now(dt.UTC))
    return otherwise if pack is None else pack.tender.binding


def small_file(path: Path) -> bytes:
    """The bytes of a file of some megabytes at most. Raises Unreadable."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from None
    if len(data) > LARGEST:
        raise Unreadable(f"{path} is larger than {LARGEST:,} bytes", hint="Is it the right file?")
    return data


def _pack(data: bytes, what: str, trust: Trust, now: dt.datetime) -> Pack:
    found = opened(data, trust, what)
    tender = stated(found, Tender, TENDER_PREDICATE, TENDER_FORMAT, what)
    named = {subject.name: subject.digests.get("sha256", "") for subject in found.statement.subject}
    if named != {one.label: one.digest for one in tender.profiles}:
        raise Unreadable(f"{what} is about other profiles than it names")
    return Pack(tender, data, found.digest, buyers(found, instant(tender.made_at), now))
