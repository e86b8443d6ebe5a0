"""The files of a run as they stand in a folder, or in a zip that is read in memory and never unpacked."""

import hashlib
import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from conformance.errors import Unreadable
from conformance.model.base import sha256

BUNDLE_SUFFIX = ".conformance.zip"
MOST_FILES = 200_000
MOST_BYTES = 64 * 2**30
MOST_RATIO = 200
ROOM = 2**20
SYMLINK, KIND = 0o120000, 0o170000
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError)
"""What zipfile raises: RuntimeError for a password, and for a method that it does not know."""


class RunFiles(Protocol):
    """Where the files of a run are. Names are relative, with `/` between their parts."""

    def names(self) -> Iterator[str]:
        """The names of all files, as they stand there; links and other oddities too."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def size(self, name: str) -> int:
        """How many bytes a regular file has. Raises Unreadable for anything else."""

    @contextmanager
    def stream(self, name: str) -> Iterator[BinaryIO]:
        """The bytes of a regular file. Raises Unreadable for anything else."""


class InFolder:
    """The files of a run's folder. Its own bundle, which holds the same files once more, is not one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._start = f"{folder}{os.sep}"
        self._real: dict[str, bool] = {}

    def names(self) -> Iterator[str]:
        """The names of all files, and of links, as they stand there."""
        for place, inner, files in os.walk(self._folder, followlinks=False):
            within = "".join(f"{part}/" for part in Path(place).relative_to(self._folder).parts)
            linked = [name for name in inner if (Path(place) / name).is_symlink()]
            for name in sorted([*files, *linked]):
                if within or not name.endswith(BUNDLE_SUFFIX):
                    yield f"{within}{name}"

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return Path(self._start + name).is_file()

    def size(self, name: str) -> int:
        """How many bytes a regular file has. Raises Unreadable."""
        return Path(self._regular(name)).stat().st_size

    @contextmanager
    def stream(self, name: str) -> Iterator[BinaryIO]:
        """The bytes of a regular file. Raises Unreadable."""
        try:
            with Path(self._regular(name)).open("rb") as stream:
                yield stream
        except OSError as error:
            raise Unreadable(f"{name} cannot be read: {error.strerror or error}") from error

    def _regular(self, name: str) -> str:
        """The path of a file that is no link, in folders of the run that are none. Raises Unreadable."""
        path, parts = self._start + name, name.split("/")
        try:
            regular = stat.S_ISREG(os.lstat(path).st_mode) and not {"", ".", ".."} & set(parts)
        except OSError:
            regular = False
        if not (regular and self._within(parts[:-1])):
            raise Unreadable(f"{name} is no regular file of this run")
        return path

    def _within(self, parents: Sequence[str]) -> bool:
        """Whether these folders are the run's own, each in the one before it, and none a link to elsewhere."""
        within = ""
        for part in parents:
            within = f"{within}{part}/"
            if within not in self._real:
                self._real[within] = stat.S_ISDIR(os.lstat(self._start + within[:-1]).st_mode)
            if not self._real[within]:
                return False
        return True


class InZip:
    """The files of a bundle, read from it one by one. Raises Unreadable for one that is unsafe or broken."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        entries = archive.infolist()
        packed = sum(entry.compress_size for entry in entries)
        if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise Unreadable(f"{path} claims to hold more than a run can: it is not read")
        if packed > path.stat().st_size:
            raise Unreadable(
                f"{path} claims to hold more packed bytes than it has: entries lie over each other"
            )
        self._entries: dict[str, zipfile.ZipInfo] = {}
        alike: set[str] = set()
        for entry in entries:
            self._refuse_unsafe(entry)
            if (folded := unicodedata.normalize("NFC", entry.filename).casefold()) in alike:
                raise Unreadable(f"{path} holds {entry.filename!r} twice")
            alike.add(folded)
            if not entry.is_dir():
                self._entries[entry.filename] = entry

    def names(self) -> Iterator[str]:
        """The names of all files."""
        yield from self._entries

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return name in self._entries

    def size(self, name: str) -> int:
        """How many bytes a file has, as the bundle says. Raises Unreadable."""
        return self._entry(name).file_size

    @contextmanager
    def stream(self, name: str) -> Iterator[BinaryIO]:
        """The bytes of a file. Raises Unreadable, also where the bundle turns out to be broken."""
        entry = self._entry(name)
        try:
            with self._archive.open(entry) as stream:
                yield stream  # type: ignore[misc] # zipfile's streams are read as any other
        except BROKEN as error:
            raise Unreadable(f"{self._path} is no readable bundle: {name}: {error}") from error

    def _entry(self, name: str) -> zipfile.ZipInfo:
        if name not in self._entries:
            raise Unreadable(f"{name} is no regular file of this run")
        return self._entries[name]

    def _refuse_unsafe(self, entry: zipfile.ZipInfo) -> None:
        name = PurePosixPath(entry.filename)
        unsafe = name.is_absolute() or ".." in name.parts or "\\" in entry.filename or ":" in entry.filename
        if unsafe or (entry.external_attr >> 16) & KIND == SYMLINK:
            raise Unreadable(f"{self._path} holds the entry {entry.filename!r}, which leads out of it")
        if entry.file_size > ROOM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise Unreadable(
                f"{self._path} holds {entry.filename!r}, which unpacks to far more than it should"
            )


class Steady:
    """Files that are the same whenever they are read: what was digested once must not read otherwise later."""

    def __init__(self, files: RunFiles) -> None:
        self._files = files
        self._known: dict[str, str] = {}
        self._names: tuple[str, ...] = ()

    def names(self) -> Iterator[str]:
        """The names of all files, as they stand there."""
        self._names = self._names or tuple(self._files.names())
        return iter(self._names)

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return self._files.has(name)

    def size(self, name: str) -> int:
        """How many bytes a regular file has. Raises Unreadable for anything else."""
        return self._files.size(name)

    def digest(self, name: str) -> str:
        """The SHA-256 of a regular file. Raises Unreadable."""
        if name not in self._known:
            with self._files.stream(name) as stream:
                self._known[name] = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
        return self._known[name]

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a regular file of at most that size. Raises Unreadable."""
        size = self._files.size(name)
        if size > limit:
            raise Unreadable(f"{name} is larger than {limit} bytes")
        with self._files.stream(name) as stream:
            data = stream.read(size + 1)  # not the limit's: so much memory would be asked for
        if len(data) > size:
            raise Unreadable(f"{name} is larger than it was said to be")
        if self._known.get(name) not in {None, sha256(data)}:
            raise Unreadable(f"{name} changed while it was being read")
        return data

    @contextmanager
    def stream(self, name: str) -> Iterator[BinaryIO]:
        """The bytes of a regular file, which its reader checks by its name. Raises Unreadable."""
        with self._files.stream(name) as stream:
            yield stream


@contextmanager
def files_at(path: Path) -> Iterator[Steady]:
    """The files of a run that is a folder, or a bundle. Raises Unreadable for anything unsafe or broken."""
    if path.is_dir():
        yield Steady(InFolder(path))
        return
    if not path.is_file():
        raise Unreadable(
            f"there is no run at {path}", hint="Give the folder of a run or its .conformance.zip."
        )
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise Unreadable(f"{path} is no readable bundle: {error}") from error
    with archive:
        yield Steady(InZip(path, archive))
