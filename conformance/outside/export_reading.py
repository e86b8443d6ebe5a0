"""Files of an export as they lie: which there are, and their bytes, unpacked, in blocks of bounded size."""

import collections
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from conformance.errors import UsageError
from conformance.outside import remote_files

__all__ = [
    "BLOCK",
    "ExportFile",
    "Reader",
    "as_it_was",
    "at_path",
    "at_url",
    "export_files",
    "files_at_url",
    "opened",
]

BLOCK = 2**18
"""So much is read at a time: it is still in the processor's own cache when it is looked at."""
SUFFIXES = (".ndjson", ".jsonl")
CHAINED = "::"
GZIP = b"\x1f\x8b"
SLICE = 2**15
"""So many packed bytes are unpacked at a time: each end of a gzip member copies what is left of them."""
EITHER_HEADER = 32 + zlib.MAX_WBITS

MOST_UNPACKED_FREELY = 2**30
MOST_RATIO = 200
"""What unpacks to more than 1 GiB and more than 200 times its size is a bomb: NDJSON packs ten to fifty times."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file: what it is called, where it lies, how large it is, and what changes when it is written anew.

    `type` and `count` are what a manifest says of it, where there is one; `trouble` is why it cannot be read at all.
    """

    name: str
    where: str
    size: int
    stamp: str
    packed: bool = False
    type: str = ""
    count: int | None = None
    trouble: str = ""

    @property
    def identity(self) -> str:
        """A digest of what tells this state of this file from any other."""
        told = "\0".join((self.name, self.where, str(self.size), self.stamp))
        return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def export_files(folder: Path) -> tuple[list[ExportFile], list[str]]:
    """The NDJSON files below a folder, in order of their names, and the names of what else lies there.

    Raises UsageError where there is none.
    """
    found: list[ExportFile] = []
    passed: list[str] = []
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(where) / name
            shown = _printable(path.relative_to(folder).as_posix())
            if name.startswith(".") or not stat.S_ISREG(path.lstat().st_mode):
                continue
            if name.lower().removesuffix(".gz").endswith(SUFFIXES):
                found.append(at_path(path, shown))
            else:
                passed.append(shown)
    if not found:
        raise UsageError(
            f"the folder {folder} has no NDJSON file",
            hint="Files of an export end in .ndjson or .jsonl, each also with .gz.",
        )
    return sorted(found, key=lambda file: (file.name, file.where)), sorted(passed)


def _printable(name: str) -> str:
    """A file's name without what is no UTF-8 in it, which no JSON may hold."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def at_path(path: Path, name: str, *, kind: str = "", count: int | None = None) -> ExportFile:
    """The file at a path, as something to read: one that is not there tells so when it is read."""
    where = str(path.absolute())
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for whoever writes to it
            return ExportFile(name, where, 0, "", type=kind, count=count, trouble="it is no ordinary file")
        with path.open("rb") as stream:
            packed = stream.read(len(GZIP)) == GZIP
    except OSError as error:
        return ExportFile(name, where, 0, "", type=kind, count=count, trouble=error.strerror or str(error))
    stamp = f"{found.st_mtime_ns}:{found.st_ino}"
    return ExportFile(name, where, found.st_size, stamp, packed=packed, type=kind, count=count)


def files_at_url(url: str) -> list[ExportFile]:
    """The NDJSON files below a folder of a storage, in order of their names. Raises UsageError."""
    found = [
        at_url(where, name, size=size, stamp=stamp)
        for name, where, size, stamp in remote_files.listed(url)
        if name.lower().removesuffix(".gz").endswith(SUFFIXES)
    ]
    if not found:
        raise UsageError(
            f"{url} has no NDJSON file",
            hint="Files of an export end in .ndjson or .jsonl, each also with .gz.",
        )
    return found


def at_url(
    where: str, name: str, *, size: int, stamp: str, kind: str = "", count: int | None = None
) -> ExportFile:
    """A file of a storage, as something to read; one that cannot be opened tells so when it is read."""
    if CHAINED in name:
        why = f"its name holds {CHAINED}, which fsspec takes for the end of one URL and the beginning of another"
        return ExportFile(name, where, size, stamp, type=kind, count=count, trouble=why)
    try:
        packed = remote_files.beginning(where, len(GZIP)) == GZIP if size else False
    except OSError as error:
        return ExportFile(name, where, size, stamp, type=kind, count=count, trouble=str(error))
    return ExportFile(name, where, size, stamp, packed=packed, type=kind, count=count)


def as_it_was(file: ExportFile) -> bool:
    """Whether a file is still the one that it was when it was listed."""
    if file.trouble:
        return True
    if remote_files.is_remote(file.where):
        try:
            return remote_files.stamp_of(file.where) == (file.size, file.stamp)
        except UsageError:
            return False
    now = at_path(Path(file.where), file.name)
    return (now.size, now.stamp) == (file.size, file.stamp)


def opened(file: ExportFile, start: int = 0) -> BinaryIO:
    """The bytes of a file as it lies, from one on. Raises OSError."""
    if remote_files.is_remote(file.where):
        return remote_files.opened(file.where, start)
    stream = Path(file.where).open("rb")  # noqa: SIM115 - whoever asks closes it
    stream.seek(start)
    return stream


@dataclass(slots=True)
class Reader:
    """Reads the bytes [start, end) of a file, or all of a packed one; what goes wrong is told when it is over.

    `sha256` is of the bytes as they lie, and only where the whole file is read; `broken` says why it
    could not be read to the end.
    """

    file: ExportFile
    start: int = 0
    end: int | None = None
    broken: str = ""
    sha256: str = ""
    unpacked: int = field(default=0, init=False)

    def blocks(self) -> Iterator[bytes]:
        """The unpacked bytes; from one before the start on, where that is not the file's (see `in_chunk`).

        None of a file that had trouble when it was listed.
        """
        if self.file.trouble:
            self.broken = self.file.trouble
            return
        raw = self._raw()
        try:
            for block in self._inflated(raw) if self.file.packed else raw:
                self.unpacked += len(block)
                yield block
        except OSError as error:
            self.broken = error.strerror or str(error)
        except zlib.error as error:
            self._broke(raw, f"the compression is broken: {error}")
        except EOFError as error:
            self._broke(raw, str(error))

    def _broke(self, raw: Iterator[bytes], why: str) -> None:
        """Read a file that cannot be unpacked to its end all the same, for its digest."""
        self.broken = why
        try:
            collections.deque(raw, maxlen=0)
        except OSError:
            return

    def _raw(self) -> Iterator[bytes]:
        digest = hashlib.sha256() if self.end is None else None
        with opened(self.file, max(self.start - 1, 0)) as stream:
            while block := stream.read(BLOCK):
                if digest is not None:
                    digest.update(block)
                yield block
        if digest is not None:
            self.sha256 = digest.hexdigest()

    def _inflated(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks of a gzip file, which may be several one after the other (RFC 1952 section 2.2)."""
        member = zlib.decompressobj(EITHER_HEADER)
        made = 0
        for packed in _sliced(raw):
            waiting = packed
            while waiting:
                block = member.decompress(waiting, BLOCK)
                made += len(block)
                if made > MOST_UNPACKED_FREELY and made > MOST_RATIO * self.file.size:
                    raise EOFError(f"it unpacks to more than {MOST_RATIO} times its size")
                if block:
                    yield block
                waiting = member.unconsumed_tail
                if member.eof:
                    waiting = member.unused_data.lstrip(b"\0")
                    if waiting:
                        member = zlib.decompressobj(EITHER_HEADER)
        if not member.eof:
            raise EOFError("it ends in the middle of what is packed")


def _sliced(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), SLICE):
            yield block[start : start + SLICE]
