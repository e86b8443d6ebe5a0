"""Resources from the disk or standard input, one at a time: JSON, XML, NDJSON, any of them compressed with gzip.

Memory is bounded by the largest single resource that is allowed, never by the size of a file.
"""

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from conformance.errors import UsageError

__all__ = ["STDIN", "Piece", "listed", "pieces"]

STDIN = "-"
LINES, JSON, XML = "ndjson", "json", "xml"
KINDS = {".ndjson": LINES, ".jsonl": LINES, ".json": JSON, ".xml": XML}
NOT_RESOURCES = frozenset({"package.json", "package-lock.json"})
GZIP = b"\x1f\x8b"
CHUNK = 2**20
SNIFFED = 4096
TOLD_EVERY = 256


@dataclass(frozen=True, slots=True)
class Piece:
    """One resource as bytes, or the reason why it cannot be had.

    `file` is the path as the user knows it, `line` the line of an NDJSON file (0 for a whole file); `trouble` says
    what is wrong with the file itself (too large, broken compression), and then `data` is empty. `read` tells about
    how many bytes of the file, as it lies on the disk, were read so far.
    """

    file: str
    line: int
    data: bytes
    trouble: str = ""
    read: int = 0


def listed(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """The files that the paths name, each once, and what in folders is passed over since it holds no resource.

    A folder stands for the files below it in sorted order whose names end in .json, .ndjson, .jsonl or .xml, each
    also with .gz; pipes, devices and links to folders below it are passed over. What is named itself is read
    whatever it is. Raises UsageError for a path that is not there.
    """
    files: dict[str, None] = {}
    passed: list[str] = []
    for path in paths:
        if path == STDIN:
            files[path] = None
        elif Path(path).is_dir():
            for found in _below(Path(path)):
                if _holds_resources(found):
                    files[found] = None
                else:
                    passed.append(found)
        else:
            _there(path)
            files[path] = None
    return _once(files), passed


def pieces(file: str, *, most_bytes: int) -> Iterator[Piece]:
    """Every resource in one file (`-`: standard input), in order; trouble is a piece of its own."""
    name = "standard input" if file == STDIN else file
    try:
        with _opened(file) as stream:
            if (_kind(file) or _sniffed(stream)) == LINES:
                yield from _lines(name, stream, most_bytes)
            else:
                yield _whole(name, stream, most_bytes)
    except (OSError, EOFError, zlib.error) as error:
        yield Piece(name, 0, b"", f"cannot be read: {getattr(error, 'strerror', None) or error}")


def _there(path: str) -> None:
    try:
        Path(path).stat()
    except OSError as error:
        why = "" if isinstance(error, FileNotFoundError) else f": {error.strerror}"
        raise UsageError(
            f"there is no file or folder {path if path.isprintable() else repr(path)}{why}",
            hint="Name files, folders, or - for what is piped in.",
        ) from error


def _once(files: Iterable[str]) -> list[str]:
    """The files without those that are named, or stand in named folders, a second time."""
    found: dict[str, str] = {}
    for file in files:
        found.setdefault(file if file == STDIN else os.path.normpath(file), file)
    return list(found.values())


def _below(folder: Path) -> Iterator[str]:
    """Every file below a folder; a folder that cannot be entered and a link to a folder stand for themselves."""
    shut: list[str] = []
    for where, folders, names in os.walk(folder, onerror=lambda error: shut.append(str(error.filename))):
        yield from shut
        shut.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if (Path(where) / name).is_symlink()]
        for name in sorted([*names, *links]):
            if not name.startswith("."):
                yield str(Path(where) / name)
    yield from shut


def _holds_resources(path: str) -> bool:
    """Whether a path found in a folder is to be read: what cannot be read is, so that it is told."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return bool(_kind(path))
    if stat.S_ISDIR(mode):
        return not Path(path).is_symlink()
    return stat.S_ISREG(mode) and bool(_kind(path)) and Path(path).name not in NOT_RESOURCES


def _kind(file: str) -> str:
    return KINDS.get(Path(file.lower().removesuffix(".gz")).suffix, "")


@contextmanager
def _opened(file: str) -> Iterator["_Peekable"]:
    """The bytes of a file or of standard input, unpacked where they are gzip, whatever the name says."""
    if file == STDIN:
        with _unpacked(sys.stdin.buffer, named_gz=False) as stream:
            yield _Peekable(stream, lambda: 0)
        return
    with Path(file).open("rb") as raw, _unpacked(raw, named_gz=file.lower().endswith(".gz")) as stream:
        yield _Peekable(stream, raw.tell if raw.seekable() else lambda: 0)


@contextmanager
def _unpacked(raw: BinaryIO, *, named_gz: bool) -> Iterator[BinaryIO]:
    begins = raw.peek(len(GZIP))[: len(GZIP)] if isinstance(raw, io.BufferedReader) else b""
    if not named_gz and begins != GZIP:
        yield raw
        return
    with gzip.open(raw) as unpacked:
        yield cast("BinaryIO", unpacked)


class _Peekable:
    """A stream whose beginning can be looked at before it is read."""

    def __init__(self, stream: BinaryIO, tell: Callable[[], int]) -> None:
        self.tell = tell
        self._stream = stream
        self._ahead = b""

    def peek_line(self, most: int) -> bytes:
        if not self._ahead:
            self._ahead = self._stream.readline(most)
        return self._ahead

    def readline(self, most: int) -> bytes:
        line, self._ahead = self._ahead, b""
        if line and not line.endswith(b"\n") and len(line) < most:
            line += self._stream.readline(most - len(line))
        return line or self._stream.readline(most)

    def read(self, most: int) -> bytes:
        if self._ahead:
            found, self._ahead = self._ahead[:most], self._ahead[most:]
            return found
        return self._stream.read(most)


def _sniffed(stream: _Peekable) -> str:
    first = stream.peek_line(SNIFFED).removeprefix(b"\xef\xbb\xbf").strip()
    if first.startswith(b"<"):
        return XML
    starts_whole = first.startswith(b"{") and (first.endswith(b"}") or len(first) > SNIFFED // 2)
    return LINES if starts_whole else JSON


def _whole(name: str, stream: _Peekable, most: int) -> Piece:
    found = bytearray()
    while chunk := stream.read(CHUNK):
        found += chunk
        if len(found) > most:
            return Piece(name, 0, b"", _too_large(most))
    return Piece(name, 0, bytes(found), read=stream.tell())


def _lines(name: str, stream: _Peekable, most: int) -> Iterator[Piece]:
    number = read = 0
    while line := stream.readline(most + 1):
        number += 1
        if len(line) > most and not line.endswith(b"\n"):
            while (rest := stream.readline(CHUNK)) and not rest.endswith(b"\n"):
                pass
            yield Piece(name, number, b"", _too_large(most))
            continue
        stripped = line.strip()
        if number % TOLD_EVERY == 1:
            read = stream.tell()
        if stripped:
            yield Piece(name, number, stripped, read=read)


def _too_large(most: int) -> str:
    return (
        f"is larger than {most / 1_000_000:,.0f} MB, the most that one resource may be (--max-size raises it)"
    )
