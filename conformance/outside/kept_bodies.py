"""Bodies kept on disk by their SHA-256, compressed; the same content is kept once."""

import hashlib
import secrets
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from conformance.errors import Unreadable
from conformance.model.evidence import Body

CHUNK = 1 << 18
GZIP = zlib.MAX_WBITS | 16
"""The form of a gzip file (RFC 1952), with neither name nor time, so that its bytes depend on its content alone."""
FAST = 1
"""Compression level: FHIR's JSON shrinks to a tenth even so, at four times the speed of the default."""


class KeptBodies:
    """A folder of bodies. Files are written aside and renamed, so that none is ever half there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self) -> "KeptBodyWriter":
        """A place for one more body."""
        try:
            return KeptBodyWriter(self.folder)
        except FileNotFoundError:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return KeptBodyWriter(self.folder)

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a body in chunks. Raises KeyError if it was not kept, Unreadable if it was changed."""
        path = self.folder / f"{sha256}.gz"
        digest = hashlib.sha256()
        try:
            with path.open("rb") as stream:
                for chunk in _unpacked(stream):
                    digest.update(chunk)
                    yield chunk
        except FileNotFoundError:
            raise KeyError(sha256) from None
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(f"{path} is damaged: {error}") from error
        if digest.hexdigest() != sha256:
            raise Unreadable(f"{path} does not hold what its name says: its content was changed")

    def names(self) -> Iterator[str]:
        """The names of the files in the folder, sorted."""
        if self.folder.is_dir():
            yield from sorted(path.name for path in self.folder.glob("*.gz"))


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


class KeptBodyWriter:
    """Takes the chunks of one body; `finish` keeps it, `discard` forgets it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f".{secrets.token_hex(8)}.part"
        self._raw: BinaryIO = self._path.open("wb")
        self._packing = zlib.compressobj(FAST, wbits=GZIP)
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Add a chunk."""
        self._digest.update(chunk)
        self._size += len(chunk)
        self._raw.write(self._packing.compress(chunk))

    def finish(self, media_type: str) -> Body:
        """Keep the body under its digest."""
        self._close()
        sha256 = self._digest.hexdigest()
        self._path.replace(self._path.with_name(f"{sha256}.gz"))
        return Body(sha256=sha256, size=self._size, media_type=media_type)

    def discard(self) -> None:
        """Forget the body."""
        self._close()
        self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        self._raw.write(self._packing.flush())
        self._raw.close()
