"""Turns: how many requests may be on their way at once, and how fast, for each host and for all of them together.

Runs of a fleet share them, so that two products on one host are together no heavier on it than one.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

__all__ = ["Pace", "Turn", "Turns", "at_once"]

_GLANCE = 0.05
Wait = Callable[[float], None]
"""Waits so many seconds. Raises what is to end the waiting."""
Turn = Callable[[str, Wait], AbstractContextManager[None]]
"""Gives a request to this host its turn, which lasts as long as the context."""


def at_once(_host: str, _wait: Wait) -> AbstractContextManager[None]:
    """A turn without waiting: of runs that share nothing."""
    return nullcontext()


class Pace:
    """At most so many at once, and so many a second; 0 means no limit."""

    def __init__(self, at_once: int, per_second: float) -> None:
        self._places = threading.Semaphore(at_once) if at_once else None
        self._gap = 1 / per_second if per_second else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    @contextmanager
    def place(self, wait: Wait) -> Iterator[None]:
        """Hold one place for as long as the context lasts, entered at its own moment."""
        while self._places is not None and not self._places.acquire(timeout=_GLANCE):
            wait(0)
        try:
            if self._gap:
                wait(self._slot())
            yield
        finally:
            if self._places is not None:
                self._places.release()

    def _slot(self) -> float:
        """The seconds until the moment that is this caller's."""
        with self._lock:
            now = time.monotonic()
            slot = max(self._next, now)
            self._next = slot + self._gap
        return slot - now


class Turns:
    """The pace of each host within that of all. A host's place is taken first: waiting for it keeps nobody else off."""

    def __init__(self, overall: Pace, of_a_host: Callable[[], Pace]) -> None:
        self._overall = overall
        self._of_a_host = of_a_host
        self._lock = threading.Lock()
        self._hosts: dict[str, Pace] = {}

    @contextmanager
    def turn(self, host: str, wait: Wait) -> Iterator[None]:
        """One request to this host, as long as the context lasts."""
        with self._lock:
            pace = self._hosts.get(host)
            if pace is None:
                pace = self._hosts[host] = self._of_a_host()
        with pace.place(wait), self._overall.place(wait):
            yield
