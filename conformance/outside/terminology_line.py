"""The line to a terminology server: one request, one JSON answer, politely and within bounds."""

import email.utils
import threading
import time
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from conformance import __version__

AGENT = f"conformance-harness/{__version__}"
_MEDIA_TYPE = "application/fhir+json"
_HEADERS = {
    "Accept": _MEDIA_TYPE,
    "Accept-Encoding": "identity",  # what is packed cannot be bounded before it is unpacked
    "Content-Type": _MEDIA_TYPE,
    "User-Agent": AGENT,
}
_BUSY = frozenset({429, 503})


@dataclass(frozen=True)
class Politeness:
    """How a terminology server is treated: at most so many requests at once and a second, so long a wait."""

    concurrency: int = 2
    requests_per_second: float = 20.0
    timeout: float = 30.0
    """Seconds that a whole answer may take."""
    attempts: int = 3
    longest_wait: float = 30.0
    """Seconds that a Retry-After is obeyed at most; a longer one ends the question."""
    largest_answer: int = 8 * 2**20


class Trouble(Exception):
    """No answer that could be read; the message says why, for people, without words of the server."""


class TerminologyLine:
    """Sends requests to one server. Safe for use by many threads."""

    def __init__(self, base: str, politeness: Politeness) -> None:
        self._base = base
        self._politeness = politeness
        self._name = f"the terminology server {httpx.URL(base).host}"
        self._places = threading.BoundedSemaphore(politeness.concurrency)
        self._lock = threading.Lock()
        self._next_slot = 0.0
        self._client = httpx.Client(
            timeout=politeness.timeout,
            follow_redirects=False,
            headers=_HEADERS,
        )

    def send(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """POST this JSON: the status of the answer and its JSON. Raises Trouble."""
        content = orjson.dumps(body)
        with self._places:
            for attempt in range(1, self._politeness.attempts + 1):
                self._take_slot()
                status, wait, answer = self._exchange(path, content)
                if status not in _BUSY:
                    return status, _json(answer, status, self._name)
                if wait > self._politeness.longest_wait or attempt == self._politeness.attempts:
                    break
                time.sleep(wait or 0.5 * attempt)
        raise Trouble(f"{self._name} is too busy (HTTP {status})")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _take_slot(self) -> None:
        with self._lock:
            now = time.monotonic()
            slot = max(now, self._next_slot)
            self._next_slot = slot + 1 / self._politeness.requests_per_second
        time.sleep(max(0.0, slot - now))

    def _exchange(self, path: str, content: bytes) -> tuple[int, float, bytes]:
        """One request: the status, how long the server asks to wait, and the body. Raises Trouble."""
        deadline = time.monotonic() + self._politeness.timeout
        found = bytearray()
        try:
            with self._client.stream("POST", self._base + path, content=content) as answer:
                for piece in answer.iter_raw(2**16):
                    found += piece
                    if len(found) > self._politeness.largest_answer:
                        raise Trouble(f"{self._name} sent more than {self._politeness.largest_answer} bytes")
                    if time.monotonic() > deadline:
                        raise Trouble(f"{self._name} took more than {self._politeness.timeout:g} s")
                return answer.status_code, _wait(answer.headers.get("Retry-After", "")), bytes(found)
        except httpx.TimeoutException as error:
            raise Trouble(f"{self._name} took more than {self._politeness.timeout:g} s") from error
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError) as error:
            raise Trouble(f"{self._name} cannot be reached ({type(error).__name__})") from error


def _json(content: bytes, status: int, name: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Trouble(f"{name} answered HTTP {status} without JSON") from error


def _wait(told: str) -> float:
    """Seconds that a Retry-After asks for, as a number or a date (RFC 9110, 10.2.3); 0 where it is neither."""
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        then = email.utils.parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, then.timestamp() - time.time())
