"""Releasing a profile, and saying where readers put the release."""

from pathlib import Path

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.cli.stating import SUFFIX, Keyed
from conformance.errors import UsageError
from conformance.session.releasing import Releasing, release


def release_profile(wanted: Releasing, keyed: Keyed, out: Path | None, show: Show) -> int:
    """Sign a release or a withdrawal. Raises UsageError, ProfileError and KeyFileError."""
    kind = "withdrawal" if wanted.withdrawn else "release"
    place = out or Path(f"{Path(wanted.profile).stem}-{kind}{SUFFIX}")
    if not place.name.endswith(SUFFIX):
        raise UsageError(
            f"{place} is to be a name that ends in {SUFFIX}", hint="Name another file with --out."
        )
    signer = keyed.signer()
    made, signatures = release(wanted, place, signer, installed())
    done = "Withdrawn" if made.withdrawn else "Released "
    show.data(
        {"file": str(place), "keyId": signer.keyid, "signatures": signatures, "release": made},
        f"{done} {made.label}, sha256 {made.digest}\nKey      {signer.keyid}\nFile     {place}, signed by {signatures}",
    )
    show.say("\nReaders put it into the folder `releases` beside their trust file.")
    return 0
