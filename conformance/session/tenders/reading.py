"""Reading what a buyer signed: the pack of a tender, and decisions that belong to it."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import Unreadable, UsageError
from conformance.model.predicate import instant
from conformance.model.report import Binding
from conformance.model.tender import (
    TENDER_FILE,
    TENDER_FORMAT,
    TENDER_PREDICATE,
    Tender,
)
from conformance.model.trust import Trust, TrustRole
from conformance.outside.stored_run import StoredRun
from conformance.stages.authentic import Signers, opened, predicate_of, signers

LARGEST = 4 * 2**20


@dataclass(frozen=True)
class Pack:
    """A tender pack as it was read: what it says, its bytes, the SHA-256 of what was signed, and who signed."""

    tender: Tender
    data: bytes
    digest: str
    signers: Signers

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


def carried_pack(folder: StoredRun, trust: Trust, now: dt.datetime) -> Pack | None:
    """The pack that lies in a run's folder; None where the run was made under none. Raises Unreadable."""
    if not folder.has(TENDER_FILE):
        return None
    return _pack(folder.read(TENDER_FILE), f"the run's {TENDER_FILE}", trust, now)


def binding_in(folder: StoredRun) -> Binding:
    """What ties a run to the procurement whose pack lies in its folder; empty where none does. Raises Unreadable."""
    pack = carried_pack(folder, Trust(), dt.datetime.now(dt.UTC))
    return Binding() if pack is None else pack.tender.binding


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
    found = opened(data, TENDER_PREDICATE, what)
    tender = predicate_of(found, Tender, TENDER_FORMAT, what)
    stated = {subject.name: subject.digests.get("sha256", "") for subject in found.statement.subject}
    if stated != {one.label: one.digest for one in tender.profiles}:
        raise Unreadable(f"{what} is about other profiles than it names")
    who = signers(found, trust, instant(tender.made_at), now, [TrustRole.BUYER])
    return Pack(tender, data, found.digest, who)
