"""Profiles from repositories: kept whole on this machine, found by name, refused where somebody withdrew them.

```
NAME/index.json    what the repository said when it was last checked     NAME/metadata/  what its owners signed
NAME/profiles/     PROFILE@VERSION.yaml                                  NAME/releases/  PROFILE@VERSION.dsse.json
NAME/withdrawals/  the same of what was withdrawn
pins.json          which release of a profile this reader settled on
```
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import Unreadable, UsageError
from conformance.model.base import sha256
from conformance.model.repository import Pins, Published, RepositoryIndex
from conformance.model.versions import VersionRange

__all__ = ["INDEX", "PINS", "Found", "Installed"]

INDEX, PINS = "index.json", "pins.json"


@dataclass(frozen=True)
class Found:
    """A release that lies here: its file, what its publisher said of it, and in which repository."""

    path: Path
    released: Published
    repository: str


class Installed:
    """All repositories in this folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def indexes(self) -> Iterator[RepositoryIndex]:
        """The repositories, by name. Raises Unreadable."""
        for path in sorted(self.folder.glob(f"*/{INDEX}")):
            if not path.parent.name.startswith("."):
                yield self.index(path.parent.name)

    def index(self, name: str) -> RepositoryIndex:
        """What is kept of one repository. Raises UsageError where it was not added, Unreadable."""
        path = self.folder / name / INDEX
        if not path.is_file():
            raise UsageError(
                f"there is no repository named {name!r} here", hint="Add it: conformance profiles add URL."
            )
        try:
            return RepositoryIndex.read(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise _damaged(path) from error

    def pins(self) -> Pins:
        """The reader's pins. Raises Unreadable."""
        path = self.folder / PINS
        try:
            return Pins.read(path.read_bytes()) if path.is_file() else Pins()
        except (OSError, ValidationError) as error:
            raise _damaged(path) from error

    def releases(self) -> Iterator[tuple[str, bytes]]:
        """The signed releases and withdrawals of all repositories: name and bytes.

        Whose signature counts, the trust file says.
        """
        for kind in ("releases", "withdrawals"):
            for path in sorted(self.folder.glob(f"*/{kind}/*.dsse.json")):
                if not path.parent.parent.name.startswith("."):
                    yield f"{path.parent.parent.name}: {path.name}", path.read_bytes()

    def file(self, repository: str, label: str) -> Path:
        """Where a profile's file lies."""
        return self.folder / repository / "profiles" / f"{label}.yaml"

    def names(self) -> set[str]:
        """The names of all profiles that lie here."""
        return {one.profile for index in self.indexes() for one in index.profiles} | set(self.pins().pins)

    def of(self, path: Path) -> Found | None:
        """Which release a file is, if it lies here."""
        if not path.is_relative_to(self.folder):
            return None
        repository = path.relative_to(self.folder).parts[0]
        known = [*self.index(repository).profiles, *(pin.released for pin in self.pins().pins.values())]
        return next((Found(path, one, repository) for one in known if one.label == path.stem), None)

    def pinned(self, profile: str) -> Found | None:
        """The release that the reader settled on, unless it was withdrawn since. Raises UsageError, Unreadable."""
        pin = self.pins().pins.get(profile)
        if pin is None:
            return None
        self._refuse_withdrawn(pin.released)
        return self._whole(Found(self.file(pin.repository, pin.released.label), pin.released, pin.repository))

    def candidates(self, profile: str, wanted: VersionRange, now: dt.datetime) -> list[Found]:
        """The newest release that fits, of each repository. Raises UsageError where it was withdrawn or is too old."""
        found = []
        for index in self.indexes():
            fitting = [one for one in index.versions(profile) if wanted.holds(one.version)]
            if fitting:
                self._refuse_withdrawn(fitting[0])
                _refuse_expired(index, fitting[0], now)
                path = self.file(index.name, fitting[0].label)
                found.append(self._whole(Found(path, fitting[0], index.name)))
        return found

    def _refuse_withdrawn(self, released: Published) -> None:
        """One body's withdrawal is enough, whichever repository tells it of this content."""
        for index in self.indexes():
            for one in index.profiles:
                if one.digest == released.digest and one.label == released.label and one.refusal():
                    raise UsageError(
                        f"{one.refusal()} (repository {index.name})",
                        hint="Settle on another version: conformance profiles pin NAME@VERSION.",
                    )

    def _whole(self, found: Found) -> Found:
        try:
            same = sha256(found.path.read_bytes()) == found.released.file
        except OSError as error:
            raise _damaged(found.path) from error
        if not same:
            raise Unreadable(
                f"{found.path} is not the {found.released.label} that the repository {found.repository} published",
                hint="It was changed on this machine: conformance profiles update brings it anew.",
            )
        return found


def _refuse_expired(index: RepositoryIndex, released: Published, now: dt.datetime) -> None:
    if dt.datetime.fromisoformat(index.expires) < now:
        raise UsageError(
            f"what is known here of the repository {index.name} expired on {index.expires[:10]}: whether"
            f" {released.label} still stands cannot be told",
            hint="conformance profiles update; or, without a network, settle on it: conformance profiles pin "
            f"{released.label}",
        )


def _damaged(path: Path) -> Unreadable:
    return Unreadable(
        f"{path} cannot be read, or is not what was written there",
        hint="conformance profiles update brings it anew.",
    )
