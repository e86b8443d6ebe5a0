"""Bodies kept on disk by their SHA-256, compressed; the same content is kept once."""

import gzip
import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from conformance.errors import Unreadable
from conformance.model.evidence import Body

CHUNK = 1 << 18
FAST = 1
"""Compression level: FHIR's JSON shrinks to a tenth even so, at four times the speed of the default."""


class KeptBodies:
    """A folder of bodies. Files are written aside and renamed, so that none is ever half there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self) -> "KeptBodyWriter":
        """A place for one more body."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return KeptBodyWriter(self.folder)

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a body in chunks. Raises KeyError if it was not kept, Unreadable if it was changed."""
        path = self.folder / f"{sha256}.gz"
        if not path.is_file():
            raise KeyError(sha256)
        digest = hashlib.sha256()
        try:
            with gzip.open(path) as stream:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    yield chunk
        except (OSError, EOFError) as error:
            raise Unreadable(f"{path} is damaged: {error}") from error
        if digest.hexdigest() != sha256:
            raise Unreadable(f"{path} does not hold what its name says: its content was changed")

    def names(self) -> Iterator[str]:
        """The names of the files in the folder, sorted."""
        if self.folder.is_dir():
            yield from sorted(path.name for path in self.folder.glob("*.gz"))


class KeptBodyWriter:
    """Takes the chunks of one body; `finish` keeps it, `discard` forgets it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f".{secrets.token_hex(8)}.part"
        self._raw: BinaryIO = self._path.open("wb")
        self._stream = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=FAST, mtime=0)
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Add a chunk."""
        self._digest.update(chunk)
        self._size += len(chunk)
        self._stream.write(chunk)

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
        self._stream.close()
        self._raw.close()
