"""The connections of one run, each lent to one request at a time and kept for the next one to the same origin.

A pool of httpcore's own asks the system about every idle connection at each request and once more at its end, and
each time another thread takes over: with eight workers that costs more than all else that is done for a request.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import httpcore


class Ways(Protocol):
    """What leads to servers."""

    def to(self, origin: httpcore.Origin) -> AbstractContextManager["Way"]:
        """Something to send one request to this origin with. Raises httpcore.PoolTimeout."""

    def close(self) -> None:
        """Let go of all."""


class Way(Protocol):
    """What takes one request and gives its answer."""

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """The answer, of which the body is still to be read. Raises what httpcore raises."""


class Connections:
    """At most `size` connections, as `maker` makes them. Whoever wants one more waits, for `patience` seconds."""

    def __init__(self, maker: httpcore.ConnectionPool, size: int, patience: float) -> None:
        self._maker = maker
        self._size = size
        self._patience = patience
        self._room = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._lent = 0
        self._closed = False
        self._idle: list[tuple[httpcore.Origin, httpcore.ConnectionInterface]] = []

    @contextmanager
    def to(self, origin: httpcore.Origin) -> Iterator[httpcore.ConnectionInterface]:
        """A connection to this origin, for one request. Raises httpcore.PoolTimeout where none becomes free."""
        if not self._room.acquire(timeout=self._patience):
            raise httpcore.PoolTimeout
        try:
            connection = self._kept(origin) or self._maker.create_connection(origin)
            try:
                yield connection
            finally:
                self._back(origin, connection)
        finally:
            self._room.release()

    def close(self) -> None:
        """Close those that nobody uses, and from now on each that comes back."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._closed = True
        for _, connection in idle:
            connection.close()

    def _kept(self, origin: httpcore.Origin) -> httpcore.ConnectionInterface | None:
        """The connection to this origin that was used last, if it is still open; one to elsewhere makes room."""
        with self._lock:
            self._lent += 1
            own = [kept for kept in self._idle if kept[0] == origin]
            full = self._lent + len(self._idle) > self._size
            taken = own[-1] if own else self._idle[0] if full and self._idle else None
            if taken is None:
                return None
            self._idle.remove(taken)
        _, connection = taken
        if own and not connection.has_expired():
            return connection
        connection.close()
        return None

    def _back(self, origin: httpcore.Origin, connection: httpcore.ConnectionInterface) -> None:
        with self._lock:
            self._lent -= 1
            if reusable := connection.is_idle() and not self._closed:
                self._idle.append((origin, connection))
        if not reusable:
            connection.close()
