"""Writing a profile repository, and saying what is still to be signed by whom."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.cli.stating import Keyed
from conformance.errors import UsageError
from conformance.model.dsse import library_key_of
from conformance.outside import keys
from conformance.outside.keys import KeySigner
from conformance.outside.repository_folder import Owners, RepositoryFolder
from conformance.session.repository import publishing
from conformance.views.text import clean, counted


@dataclass(frozen=True)
class Writing:
    """Which repository is written, with which keys, and where that is shown."""

    path: Path
    keys: tuple[str, ...]
    password_file: Path | None
    allow_unencrypted: bool
    show: Show

    @property
    def folder(self) -> RepositoryFolder:
        """The repository. Raises Unreadable."""
        return RepositoryFolder(self.path)

    def signers(self) -> list[KeySigner]:
        """The keys, opened. Raises KeyFileError."""
        if not self.keys:
            raise UsageError("with which key? Name it with --key")
        return [Keyed(key, self.password_file, self.allow_unencrypted).signer() for key in self.keys]

    def told(self, done: publishing.Signed, verb: str) -> int:
        """Show what was done, and what it lacks."""
        folder = self.folder
        fingerprint = folder.first_root()
        waits = ", ".join(f"{role}: {counted(number, 'signature')}" for role, number in done.lacking.items())
        said = (
            f"{verb} {clean(done.label)}, which counts once others have signed ({waits} lacking).\n"
            f"The other owners: conformance profiles repository sign {self.path} --key KEY"
            if waits
            else f"{verb} {clean(done.label)}. Put {self.path} on a web server."
        )
        self.show.data(
            {"label": done.label, "lacking": done.lacking, "fingerprint": fingerprint},
            f"{said}\nFingerprint {fingerprint or '(none yet)'}",
        )
        return 0


def begin(writing: Writing, title: str, owners: Sequence[Path], threshold: int) -> int:
    """Begin a repository with these owners."""
    signers = writing.signers()
    pems = [*(signer.public_pem for signer in signers), *(keys.read_public(path) for path in owners)]
    known = {key.keyid: key for key in map(library_key_of, pems)}
    folder = RepositoryFolder.create(
        writing.path, title, Owners(tuple(known.values()), threshold), dt.datetime.now(dt.UTC)
    )
    done = publishing.sign_waiting(folder, signers, dt.datetime.now(dt.UTC))
    return writing.told(done, "Began")


def publish_profiles(writing: Writing, profiles: Sequence[str], release: Path | None) -> int:
    """Publish profiles."""
    now = dt.datetime.now(dt.UTC)
    signers = writing.signers()
    done = publishing.publish(writing.folder, profiles, release, signers, installed(), now)
    return writing.told(done, "Published")


def promote_release(writing: Writing, label: str, source: str) -> int:
    """Take a release over from another repository."""
    now = dt.datetime.now(dt.UTC)
    return writing.told(publishing.promote(writing.folder, label, source, writing.signers(), now), "Promoted")


def withdraw_release(writing: Writing, label: str, who: str, reason: str) -> int:
    """Withdraw a release."""
    now = dt.datetime.now(dt.UTC)
    done = publishing.withdraw(writing.folder, label, who, reason, writing.signers(), now)
    return writing.told(done, "Withdrew")


def sign_all(writing: Writing, *, renew: bool) -> int:
    """Sign what waits, or renew."""
    now = dt.datetime.now(dt.UTC)
    signers, folder = writing.signers(), writing.folder
    if renew:
        folder.renew(now)
    return writing.told(publishing.sign_waiting(folder, signers, now), "Signed")


def show_folder(path: Path, show: Show) -> int:
    """Show what a repository's folder holds. Nothing is verified."""
    folder = RepositoryFolder(path)
    root, index = folder.root(), folder.index().signed
    waiting = folder.waiting()
    rows = sorted(name for name in index.targets if name.startswith("profiles/"))
    show.data(
        {
            "title": folder.title,
            "fingerprint": folder.first_root(),
            "owners": sorted(root.signed.keys),
            "threshold": root.signed.roles["targets"].threshold,
            "expires": index.expires,
            "profiles": rows,
            "waiting": waiting,
        },
        "\n".join(
            [
                clean(folder.title),
                f"Fingerprint {folder.first_root() or '(none yet: not signed by enough of its owners)'}",
                f"Owners      {root.signed.roles['targets'].threshold} of {len(root.signed.keys)} have to sign:",
                *(f"            {key}" for key in sorted(root.signed.keys)),
                f"Index       until {index.expires:%Y-%m-%d}"
                + (f"; waits: {', '.join(waiting)}" if waiting else ""),
                *(f"            {clean(name)}" for name in rows),
            ]
        ),
    )
    return 0
