"""Signing one statement beside a report, and saying where it lies."""

from dataclasses import dataclass
from pathlib import Path

from conformance.cli.passwords import asked, from_file
from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.model.attestation import Statement
from conformance.outside import decisions, keys, private_files
from conformance.session.timestamping import stamp
from conformance.stages.sign import sign

_READABLE = 0o644
SUFFIX = ".dsse.json"


@dataclass(frozen=True)
class Keyed:
    """With which key something is to be signed, as the options say."""

    key: str
    password_file: Path | None
    allow_unencrypted: bool

    def signer(self) -> keys.KeySigner:
        """The key, opened. Raises KeyFileError."""
        password = from_file(self.password_file, asked)
        return keys.load(self.key, password, allow_unencrypted=self.allow_unencrypted)


def sign_waivers(file: Path, keyed: Keyed, out: Path, show: Show) -> int:
    """Sign what somebody accepts for now. Raises UsageError and KeyFileError."""
    listed = decisions.waivers(file)
    refuse_taken(out)
    signer = keyed.signer()
    write_signed(out, listed.statement(), signer)
    show.data(
        {"file": str(out), "keyId": signer.keyid, "waivers": listed.in_full()["waivers"]},
        f"Signed {len(listed.waivers)} waivers in {out}\nKey      {signer.keyid}",
    )
    show.say(f"\nGive it to the run: conformance run … --waivers {out}")
    return 0


def stamp_run(run: Path, authority: str, show: Show) -> int:
    """Have a run's signatures time-stamped. Raises UsageError, Unreadable and TargetError."""
    made = stamp(run, authority)
    show.data({"files": [str(path) for path in made]}, "\n".join(f"Time-stamped: {path}" for path in made))
    show.say(
        "\nA reader who trusts this authority ([[timestamp_authority]] in the trust file) judges the keys as of then."
    )
    return 0


def refuse_taken(out: Path) -> None:
    """Raise UsageError where nothing can be written under this name."""
    if not out.name.endswith(SUFFIX):
        raise UsageError(f"{out} is to be a name that ends in {SUFFIX}", hint="Name another file with --out.")
    if out.exists():
        raise UsageError(
            f"there is already a file {out}", hint="Nothing is overwritten: use another name with --out."
        )


def write_signed(out: Path, stated: Statement, signer: keys.KeySigner) -> None:
    """Write the statement, signed. Raises UsageError."""
    try:
        private_files.replace(out, sign(stated, signer).canonical(), mode=_READABLE)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from None
