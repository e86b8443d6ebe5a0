"""Bodies kept on disk by their SHA-256, compressed; the same content is kept once."""

import contextlib
import hashlib
import secrets
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from conformance.errors import HarnessError, Unreadable
from conformance.model.evidence import Body
from conformance.outside.run_files import Steady
from conformance.outside.whole_files import written_to

CHUNK = 1 << 18
MOST_HELD = 1 << 23
"""How many bytes of the latest bodies are held, at most."""
GZIP = zlib.MAX_WBITS | 16
"""The form of a gzip file (RFC 1952), with neither name nor time, so that its bytes depend on its content alone."""
FAST = 1
"""Compression level: FHIR's JSON shrinks to a tenth even so, at four times the speed of the default."""


class KeptBodies:
    """A folder of bodies. Files are written aside and renamed, so that none is ever half there.

    What was written a moment ago is read soon, and then not from the disk: the latest bodies are held as well.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._kept: set[str] = set()
        self._latest: dict[str, bytes] = {}
        self._held = 0

    def writer(self) -> "KeptBodyWriter":
        """A place for one more body."""
        return KeptBodyWriter(self)

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a body in chunks. Raises KeyError if it was not kept, Unreadable if it was changed."""
        if (data := self._latest.get(sha256)) is not None:
            yield data
            return
        path = self.folder / f"{sha256}.gz"
        try:
            with path.open("rb", buffering=0) as stream:
                yield from _content(stream, sha256, str(path))
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def names(self) -> Iterator[str]:
        """The names of the files in the folder, sorted."""
        if self.folder.is_dir():
            yield from sorted(path.name for path in self.folder.glob("*.gz"))

    def part(self) -> "Part":
        """A new file in the folder, which is made where there is none yet."""
        try:
            return Part(self.folder)
        except FileNotFoundError:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Part(self.folder)

    def keep(self, sha256: str, data: bytes) -> None:
        """Keep the whole of a small body under its digest, and hold it, in place of those held longest."""
        if sha256 not in self._kept or not (self.folder / f"{sha256}.gz").exists():
            part = self.part()
            try:
                part.keep(sha256, data)
            except BaseException:
                part.discard()
                raise
        with self._lock:
            self._kept.add(sha256)
            if sha256 not in self._latest:
                self._latest[sha256] = data
                self._held += len(data)
            while self._held > MOST_HELD:
                self._held -= len(self._latest.pop(next(iter(self._latest))))


class StoredBodies:
    """The bodies of a run that is read, from wherever its files are."""

    def __init__(self, files: Steady, folder: str) -> None:
        self._files = files
        self._folder = folder

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a body in chunks. Raises KeyError if it was not kept, Unreadable if it was changed."""
        name = f"{self._folder}/{sha256}.gz"
        if not self._files.has(name):
            raise KeyError(sha256)
        with self._files.stream(name) as stream:
            yield from _content(stream, sha256, name)

    def names(self) -> Iterator[str]:
        """The names of the files in the folder, sorted."""
        start = f"{self._folder}/"
        within = (name.removeprefix(start) for name in self._files.names() if name.startswith(start))
        yield from sorted(name for name in within if name.endswith(".gz"))


def _content(stream: BinaryIO, sha256: str, where: str) -> Iterator[bytes]:
    """What a kept file holds, in chunks. Raises Unreadable where that is not what its name says."""
    digest = hashlib.sha256()
    try:
        for chunk in _unpacked(stream):
            digest.update(chunk)
            yield chunk
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{where} is damaged: {error}") from error
    if digest.hexdigest() != sha256:
        raise Unreadable(f"{where} does not hold what its name says: its content was changed")


def _unpacked(stream: BinaryIO) -> Iterator[bytes]:
    """The chunks of a gzip file. Raises EOFError where its end is elsewhere, zlib.error where it is no gzip."""
    unpacking = zlib.decompressobj(wbits=GZIP)
    while not unpacking.eof:
        packed = unpacking.unconsumed_tail or stream.read(CHUNK)
        if not packed:
            raise EOFError("it ends too early")
        if chunk := unpacking.decompress(packed, CHUNK):
            yield chunk
    if unpacking.unused_data or stream.read(1):
        raise EOFError("there is something behind its end")


class Part:
    """A file that is written, compressed, beside the bodies until it is one of them."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f".{secrets.token_hex(8)}.part"
        self._file = self._path.open("xb", buffering=0)
        self._packing = zlib.compressobj(FAST, wbits=GZIP)

    def write(self, data: bytes) -> None:
        """Add these bytes. Raises OSError."""
        self._put(self._packing.compress(data))

    def keep(self, sha256: str, last: bytes = b"") -> None:
        """Add the last bytes, and give the file its name. Raises OSError."""
        self._put(self._packing.compress(last) + self._packing.flush())
        self._file.close()
        self._path.replace(self._path.with_name(f"{sha256}.gz"))

    def discard(self) -> None:
        """Remove the file."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _put(self, packed: bytes) -> None:
        left = memoryview(packed)
        while left:
            left = left[self._file.write(left) :]


class KeptBodyWriter:
    """Takes the chunks of one body; `finish` keeps it, `discard` forgets it.

    A body of usual size is written at once when it is whole; a large one as it comes, so that it is never in memory.
    Raises HarnessError where the disk does not take it: that must never pass for something that the target did.
    """

    def __init__(self, bodies: KeptBodies) -> None:
        self._bodies = bodies
        self._waiting: list[bytes] = []
        self._digest = hashlib.sha256()
        self._size = 0
        self._part: Part | None = None

    def write(self, chunk: bytes) -> None:
        """Add a chunk."""
        self._digest.update(chunk)
        self._size += len(chunk)
        self._waiting.append(chunk)
        if self._size > CHUNK:
            with written_to(self._bodies.folder):
                self._part = self._part or self._bodies.part()
                self._part.write(b"".join(self._waiting))
            self._waiting.clear()

    def finish(self, media_type: str) -> Body:
        """Keep the body under its digest."""
        sha256 = self._digest.hexdigest()
        try:
            with written_to(self._bodies.folder):
                if self._part is None:
                    self._bodies.keep(sha256, b"".join(self._waiting))
                else:
                    self._part.keep(sha256)
        except HarnessError:
            self.discard()
            raise
        return Body(sha256=sha256, size=self._size, media_type=media_type)

    def discard(self) -> None:
        """Forget the body."""
        self._waiting.clear()
        if self._part is not None:
            self._part.discard()
