"""Answers that several steps of a run may share, so that a target is not asked the same thing again and again."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from conformance.outside.calls import Answer, Call
from conformance.plugin import Credentials

LONGEST = 60.0
"""Seconds for which an answer is good enough for another step; what changes meanwhile is not seen in them."""
SERVER_ERRORS = 500


@dataclass(frozen=True)
class Sent:
    """A call as it was sent, its answer, whose credentials went with it, and the exchange that records it."""

    call: Call
    answer: Answer
    whose: Credentials
    exchange: str


@dataclass
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: Sent | None = None
    steps: set[str] = field(default_factory=set)
    until: float = 0.0


class SharedAnswers:
    """The answers of one run. A step that asks the same thing twice means it: it gets an answer of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[Hashable, _Entry] = {}
        self.saved = 0

    def ask(self, key: Hashable, step: str, send: Callable[[], Sent]) -> tuple[Sent, bool]:
        """What was sent for this key, by `send` or by another step before; whether it was by another step.

        Two steps that ask at the same time ask once. Failures and server errors are nobody else's answer.
        """
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
        with entry.lock:
            shared = entry.sent is not None and step not in entry.steps and self._clock() < entry.until
            if shared:
                with self._lock:
                    self.saved += 1
            else:
                entry.sent, entry.steps = None, set()
                sent = send()
                if sent.answer.failure or sent.answer.status >= SERVER_ERRORS:
                    return sent, False
                entry.sent, entry.until = sent, self._clock() + LONGEST
            entry.steps.add(step)
            assert entry.sent is not None, "it was kept or sent a moment ago"
            return entry.sent, shared
