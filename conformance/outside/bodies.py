"""Where bodies go: by their SHA-256, so that shared ones are kept once, written in chunks, read in chunks."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Protocol

from conformance.model.evidence import Body


class BodyWriter(Protocol):
    """Takes one body in chunks."""

    def write(self, chunk: bytes) -> None:
        """Add these bytes."""

    def finish(self, media_type: str) -> Body:
        """Keep what was written and say what it is."""

    def discard(self) -> None:
        """Forget what was written."""


class BodyStore(Protocol):
    """Keeps bodies for as long as the run may keep them."""

    def writer(self) -> BodyWriter:
        """A writer for one body."""

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a body in chunks. Raises KeyError where it was not kept."""


class MemoryBodies:
    """Bodies in memory: for a check of the target before a run, where nothing is to be kept."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def writer(self) -> BodyWriter:
        """A writer for one body."""
        return _MemoryWriter(self)

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a body. Raises KeyError where it was not kept."""
        yield self._kept[sha256]

    def keep(self, data: bytes, media_type: str) -> Body:
        """Keep these bytes and say what they are."""
        digest = hashlib.sha256(data).hexdigest()
        with self._lock:
            self._kept[digest] = data
        return Body(sha256=digest, size=len(data), media_type=media_type)

    def __iter__(self) -> Iterator[bytes]:
        return iter(tuple(self._kept.values()))


class _MemoryWriter:
    def __init__(self, bodies: MemoryBodies) -> None:
        self._bodies = bodies
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def finish(self, media_type: str) -> Body:
        return self._bodies.keep(b"".join(self._chunks), media_type)

    def discard(self) -> None:
        self._chunks.clear()
