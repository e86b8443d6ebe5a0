"""A profile repository as its bodies write it: a folder for any web server, with the metadata of The Update Framework.

```
metadata/  N.root.json, N.targets.json, N.snapshot.json, timestamp.json
targets/   profiles and releases, each under its own digest
pending/   what has not been signed by enough of the owners yet; nobody reads it but they
```

Root and targets (the index) count once so many of the owners have signed them as the threshold says; snapshot and
timestamp, which only say that this is still the newest, are signed by one of them. Source: TUF specification 1.0.33.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (  # type: ignore[attr-defined] # the names are there, and documented
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from conformance.errors import Unreadable, UsageError
from conformance.model.base import sha256
from conformance.outside import private_files
from conformance.outside.keys import KeySigner

__all__ = ["Owners", "RepositoryFolder"]

READABLE = 0o644
ROOT_DAYS, INDEX_DAYS, FRESH_DAYS = 1825, 365, 30
TITLE = "x-title"
PENDING = ("root", "targets")


@dataclass(frozen=True)
class Owners:
    """Whose repository it is: their public keys, and how many of them have to sign."""

    keys: Sequence[SSlibKey]
    threshold: int


class RepositoryFolder:
    """A repository in a folder. Every file is written whole; the timestamp comes last, and makes the rest count."""

    def __init__(self, path: Path) -> None:
        """Raises Unreadable where there is no repository."""
        self.path = path
        if not (self._newest("root") or self._pending("root").is_file()):
            raise Unreadable(
                f"{path} is no profile repository",
                hint="Begin one: conformance profiles repository new FOLDER.",
            )

    @classmethod
    def create(cls, path: Path, title: str, owners: Owners, now: dt.datetime) -> "RepositoryFolder":
        """A new repository that nobody has signed yet. Raises UsageError."""
        if path.exists() and any(path.iterdir()):
            raise UsageError(f"the folder {path} is not empty", hint="Name a new one.")
        if not 1 <= owners.threshold <= len(owners.keys):
            raise UsageError(
                f"{owners.threshold} of {len(owners.keys)} keys cannot sign",
                hint="Name each owner's key with --key or --owner.",
            )
        root = Root(version=1, expires=_in_days(now, ROOT_DAYS), consistent_snapshot=True)
        for key in owners.keys:
            for role in ("root", "targets", "snapshot", "timestamp"):
                root.add_key(key, role)
        for role in PENDING:
            root.roles[role].threshold = owners.threshold
        index = Targets(version=1, expires=_in_days(now, INDEX_DAYS), unrecognized_fields={TITLE: title})
        first: dict[str, Any] = {"root": root, "targets": index}
        for role, signed in first.items():
            _write(path / "pending" / f"{role}.json", Metadata(signed).to_bytes())
        return cls(path)

    @property
    def title(self) -> str:
        """What the repository is called."""
        return str(self.index().signed.unrecognized_fields.get(TITLE, ""))

    def root(self) -> Metadata[Any]:
        """The root that counts, or the first one, while it is still to be signed. Raises Unreadable."""
        return _read(self._newest("root") or self._pending("root"), Root)

    def index(self) -> Metadata[Any]:
        """The index as it stands, with what is still to be signed by others. Raises Unreadable."""
        waiting = self._pending("targets")
        path = waiting if waiting.is_file() else self._newest("targets")
        if path is None:
            raise Unreadable(f"{self.path} has no index")
        return _read(path, Targets)

    def first_root(self) -> str:
        """The SHA-256 of the first root, by which readers know the repository; empty until it is signed."""
        path = self.path / "metadata" / "1.root.json"
        return sha256(path.read_bytes()) if path.is_file() else ""

    def custom(self) -> dict[str, Mapping[str, Any]]:
        """What the index says of each file, by its name."""
        targets = self.index().signed.targets
        return {name: target.custom or {} for name, target in targets.items()}

    def change(self, files: Mapping[str, tuple[bytes, Mapping[str, Any]]], now: dt.datetime) -> None:
        """Put these files, each with what is to be said of it, into the next index, which is then to be signed.

        Signatures that the waiting index already has are of another content, and are dropped.
        """
        index = self.index().signed
        for name, (data, said) in files.items():
            target = TargetFile.from_data(name, data, ["sha256"])
            target.unrecognized_fields = {"custom": dict(said)}
            index.targets[name] = target
            folder, _, last = name.rpartition("/")
            _write(self.path / "targets" / folder / f"{target.hashes['sha256']}.{last}", data)
        self._restage(index, now)

    def renew(self, now: dt.datetime) -> None:
        """Put the same index up for signing again, with a year to go."""
        self._restage(self.index().signed, now)

    def file(self, name: str) -> bytes:
        """The bytes of a file in the index. Raises Unreadable."""
        target = self.index().signed.targets.get(name)
        if target is None:
            raise Unreadable(f"{self.path} has no {name}")
        folder, _, last = name.rpartition("/")
        return (self.path / "targets" / folder / f"{target.hashes['sha256']}.{last}").read_bytes()

    def waiting(self) -> tuple[str, ...]:
        """What is still to be signed: root, targets."""
        return tuple(role for role in PENDING if self._pending(role).is_file())

    def sign(self, signers: Sequence[KeySigner], now: dt.datetime) -> dict[str, int]:
        """Sign all that waits, and publish it once enough have signed; gives how many signatures each lacks.

        With nothing waiting it only says anew that this is the newest. Raises UsageError where a key is no owner's.
        """
        root = self.root().signed
        for signer in signers:
            if signer.keyid not in root.keys:
                raise UsageError(
                    f"the key {signer.keyid} is none of this repository's owners'",
                    hint="`conformance profiles repository show FOLDER` lists them.",
                )
        lacking = {}
        waiting: dict[str, Metadata[Any]] = {}
        for role in self.waiting():
            waiting[role] = _read(self._pending(role), Root if role == "root" else Targets)
            for signer in signers:
                waiting[role].sign(signer.library, append=True)
            _write(self._pending(role), waiting[role].to_bytes())
            got = root.get_verification_result(role, waiting[role].signed_bytes, waiting[role].signatures)
            lacking[role] = max(0, got.threshold - len(got.signed))
        if not any(lacking.values()):
            self._publish(waiting, signers[0], now)
        return lacking

    def _publish(self, waiting: Mapping[str, Metadata[Any]], signer: KeySigner, now: dt.datetime) -> None:
        for role, made in waiting.items():
            _write(self._versioned(role, made.signed.version), made.to_bytes())
        index = _read(self._newest("targets") or self._pending("targets"), Targets)
        snapshot = Snapshot(
            version=self._next("snapshot"),
            expires=_in_days(now, FRESH_DAYS),
            meta={"targets.json": _meta(index)},
        )
        signed: Metadata[Any] = Metadata(snapshot)
        signed.sign(signer.library)
        _write(self._versioned("snapshot", snapshot.version), signed.to_bytes())
        timestamp = Timestamp(
            version=snapshot.version, expires=_in_days(now, FRESH_DAYS), snapshot_meta=_meta(signed)
        )
        last: Metadata[Any] = Metadata(timestamp)
        last.sign(signer.library)
        _write(self.path / "metadata" / "timestamp.json", last.to_bytes())
        for role in waiting:
            self._pending(role).unlink(missing_ok=True)

    def _restage(self, index: Targets, now: dt.datetime) -> None:
        newest = self._newest("targets")
        index.version = (_read(newest, Targets).signed.version if newest else 0) + 1
        index.expires = _in_days(now, INDEX_DAYS)
        _write(self._pending("targets"), Metadata(index).to_bytes())

    def _pending(self, role: str) -> Path:
        return self.path / "pending" / f"{role}.json"

    def _versioned(self, role: str, version: int) -> Path:
        return self.path / "metadata" / f"{version}.{role}.json"

    def _newest(self, role: str) -> Path | None:
        found = (self.path / "metadata").glob(f"*.{role}.json")
        numbered = {int(path.name.partition(".")[0]): path for path in found if path.name[0].isdecimal()}
        return numbered[max(numbered)] if numbered else None

    def _next(self, role: str) -> int:
        newest = self._newest(role)
        return int(newest.name.partition(".")[0]) + 1 if newest else 1


def _meta(made: Metadata[Any]) -> MetaFile:
    data = made.to_bytes()
    return MetaFile(version=made.signed.version, length=len(data), hashes={"sha256": sha256(data)})


def _read(path: Path, kind: type[Any]) -> Metadata[Any]:
    try:
        read: Metadata[Any] = Metadata.from_bytes(path.read_bytes())
    except (OSError, RepositoryError) as error:
        raise Unreadable(f"{path} is no metadata of a repository: {error}") from error
    if not isinstance(read.signed, kind):
        raise Unreadable(f"{path} is not {kind.type} metadata")
    return read


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)  # before, since a web server has to read this folder
        private_files.replace(path, data, mode=READABLE)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def _in_days(now: dt.datetime, days: int) -> dt.datetime:
    return now.astimezone(dt.UTC).replace(microsecond=0) + dt.timedelta(days=days)
