"""Opening a run that came as one zip: unpacked into a temporary folder, once it is known to be harmless."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from conformance.errors import Unreadable

MOST_FILES = 200_000
MOST_BYTES = 64 * 2**30
MOST_RATIO = 200
ROOM = 2**20
SYMLINK, KIND = 0o120000, 0o170000


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a run that is a folder, or a bundle. Raises Unreadable for anything unsafe or broken."""
    if path.is_dir():
        yield path
        return
    if not path.is_file():
        raise Unreadable(
            f"there is no run at {path}", hint="Give the folder of a run or its .conformance.zip."
        )
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, path, Path(folder))
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
            # zipfile raises RuntimeError for a password and for a method that it does not know
            raise Unreadable(f"{path} is no readable bundle: {error}") from error
        yield Path(folder)


def _unpack(archive: zipfile.ZipFile, path: Path, folder: Path) -> None:
    entries = archive.infolist()
    seen: set[str] = set()
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Unreadable(f"{path} claims to hold more than a run can: it is not unpacked")
    for entry in entries:
        name = PurePosixPath(entry.filename)
        folded = entry.filename.casefold()
        unsafe = name.is_absolute() or ".." in name.parts or "\\" in entry.filename or ":" in entry.filename
        if unsafe or (entry.external_attr >> 16) & KIND == SYMLINK:
            raise Unreadable(f"{path} holds the entry {entry.filename!r}, which leads out of it")
        if folded in seen:
            raise Unreadable(f"{path} holds {entry.filename!r} twice")
        if entry.file_size > ROOM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise Unreadable(f"{path} holds {entry.filename!r}, which unpacks to far more than it should")
        seen.add(folded)
    for entry in entries:
        if not entry.is_dir():
            archive.extract(entry, folder)
