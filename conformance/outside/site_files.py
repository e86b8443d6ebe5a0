"""A website in a folder: each file is written whole, those that stay the same are not touched, what is left over goes.

The front page comes last, so that it never names a page that is not there.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from conformance.errors import HarnessError, UsageError

__all__ = ["Site"]


class Site:
    """The folder of one site. `mark` is a file that says whose folder it is."""

    def __init__(self, folder: Path, mark: str) -> None:
        """Raises UsageError where the folder holds something else, or cannot be made."""
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            foreign = not (folder / mark).is_file() and any(folder.iterdir())
            if not foreign:
                (folder / mark).write_bytes(b"")
        except OSError as error:
            raise UsageError(
                f"the folder {folder} cannot be made or written to: {error.strerror}",
                hint="Name another one with --out.",
            ) from error
        if foreign:
            raise UsageError(
                f"the folder {folder} is not empty, and no register was built there",
                hint="Name a new folder with --out.",
            )
        self._written = {mark}

    def holds(self, name: str, digest: str) -> bool:
        """Whether the file is there with this SHA-256; then it stays."""
        try:
            same = hashlib.sha256((self.folder / name).read_bytes()).hexdigest() == digest
        except OSError:
            return False
        if same:
            self._written.add(name)
        return same

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole, unless it is there already. Raises HarnessError."""
        if self.holds(name, hashlib.sha256(data).hexdigest()):
            return
        path = self.folder / name
        aside = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(data)
            aside.replace(path)
        except OSError as error:
            raise HarnessError(
                f"{path} cannot be written: {error.strerror}",
                hint="Make room or permit writing there, and build again: what was verified is kept.",
            ) from error
        self._written.add(name)

    def remove_the_rest(self, folders: Iterable[str]) -> None:
        """Remove from these folders of the site what was not written this time."""
        for inner in folders:
            for path in (self.folder / inner).glob("*"):
                if path.relative_to(self.folder).as_posix() not in self._written and not path.is_dir():
                    path.unlink()
