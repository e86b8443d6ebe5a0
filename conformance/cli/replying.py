"""Replies to a report, and a look at what it says before anything is verified."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conformance.cli.show import Show
from conformance.cli.stating import Keyed
from conformance.errors import UsageError
from conformance.model.replies import Acknowledgement, Dispute, Reply, Supersession
from conformance.outside.keys import KeySigner
from conformance.session.replying import SignedReport, refuse_unknown, reply, signed_report
from conformance.views import verification

UNVERIFIED = (
    "NOTHING WAS VERIFIED: this is what the file says of itself. `conformance verify` finds out more."
)


@dataclass(frozen=True)
class Replying:
    """Who replies to which report, with which key; `out` is where the reply goes."""

    run: Path
    keyed: Keyed
    name: str
    organisation: str
    out: Path | None


def acknowledge(said: Replying, show: Show) -> int:
    """Sign "seen, not disputed". Raises UsageError and KeyFileError."""

    def make(report: SignedReport, at: str) -> Reply:
        return Acknowledgement(
            report_id=report.stated.report_id, name=said.name, organisation=said.organisation, at=at
        )

    return _replied(said, "acknowledgement", make, show)


def dispute(said: Replying, reason: str, requirements: tuple[str, ...], show: Show) -> int:
    """Sign what is contested. Raises UsageError, UnknownName and KeyFileError."""

    def make(report: SignedReport, at: str) -> Reply:
        refuse_unknown(requirements, report)
        return Dispute(
            report_id=report.stated.report_id,
            name=said.name,
            organisation=said.organisation,
            at=at,
            reason=reason,
            requirements=requirements,
        )

    return _replied(said, "dispute", make, show)


def supersede(said: Replying, new: Path, reason: str, show: Show) -> int:
    """Sign that another report takes the place of this one. Raises UsageError and KeyFileError."""
    newer = signed_report(new)
    signer = said.keyed.signer()

    def make(report: SignedReport, at: str) -> Reply:
        if newer.digest == report.digest:
            raise UsageError(f"{said.run} and {new} are the same report")
        if signer.keyid not in report.signers:
            raise UsageError(
                f"this key did not sign {said.run}: only who signed a report can replace it",
                hint="To contest somebody else's report, use `conformance dispute`.",
            )
        return Supersession(
            report_id=report.stated.report_id,
            name=said.name,
            organisation=said.organisation,
            at=at,
            reason=reason,
            by_report=newer.stated.report_id,
            by_digest=newer.digest,
        )

    return _replied(said, "supersession", make, show, signer)


def show_unverified(run: Path, show: Show) -> int:
    """Show who the report says it is about, and what it came to, and that nothing of that is known."""
    report = signed_report(run)
    show.data(
        {"verified": False, "note": UNVERIFIED, "payloadSha256": report.digest, "says": report.stated},
        verification.unverified(report.stated, report.digest, report.signers),
    )
    show.say(f"\n{UNVERIFIED}")
    return 0


def _replied(
    said: Replying,
    kind: str,
    make: Callable[[SignedReport, str], Reply],
    show: Show,
    key: KeySigner | None = None,
) -> int:
    signer = key or said.keyed.signer()
    place = reply(said.run, said.out, kind, make, signer)
    show.data({"file": str(place), "keyId": signer.keyid}, f"Signed   {place}\nKey      {signer.keyid}")
    show.say(
        "\nIt stands beside the report and changes no outcome. A reader who has it sees it with"
        f" `conformance verify`, if it lies in the run's folder or is given: --with {place}"
    )
    return 0
