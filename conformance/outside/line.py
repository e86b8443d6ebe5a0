"""The line to the target: one call, one answer; politely, within limits, tried again where that is safe."""

import datetime as dt
import email.utils
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import httpcore

from conformance import __version__
from conformance.model.evidence import REFUSED, UNREADABLE
from conformance.model.target import Limits
from conformance.outside import decode, tls, troubles
from conformance.outside.bodies import BodyStore
from conformance.outside.calls import Answer, Call
from conformance.outside.connections import Ways
from conformance.outside.continuing import BrokenOff, Continued
from conformance.outside.framing import framed
from conformance.outside.network import Clock, DeadlinePassed, stopped
from conformance.outside.origins import Origins, Refused
from conformance.outside.redact import Redactor
from conformance.outside.turns import Turn, at_once

AGENT = f"conformance-harness/{__version__}"
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
BUSY = frozenset({429, 503})
TAKEN = frozenset({200, 206})
LONGEST_WAIT = 60.0
FIRST_WAIT = 0.5
RAW_LIMIT = 2**20
WHOLE_ANSWER = 10
"""An answer may take so many times the read timeout; a file may take as long as a job."""


@dataclass
class Statistics:
    """What was asked of the target."""

    requests: int = 0
    retried: int = 0
    bytes_received: int = 0


class TooLarge(Exception):
    """The body is larger than the target file permits."""


class Line:
    """Sends calls to one target and to what it points to. Safe for use by many threads.

    `own` are the connections to the target's origins; `foreign` those to others, without client certificate. `agent`
    is the name under which all is asked that gives no other.
    """

    def __init__(  # noqa: PLR0913 - the line joins this many parts
        self,
        own: Ways,
        foreign: Ways,
        limits: Limits,
        origins: Origins,
        *,
        bodies: BodyStore,
        redactor: Redactor,
        clock: Callable[[], dt.datetime],
        stop: threading.Event,
        deadline: Clock,
        turn: Turn = at_once,
        agent: str = AGENT,
    ) -> None:
        self._own = own
        self._foreign = foreign
        self._limits = limits
        self._origins = origins
        self._bodies = bodies
        self._redactor = redactor
        self._clock = clock
        self._stop = stop
        self._deadline = deadline
        self._turn = turn
        self._agent = agent
        self._lock = threading.Lock()
        self._next_slot = 0.0
        self.statistics = Statistics()
        self._timeouts = {
            "connect": limits.connect_timeout,
            "read": limits.read_timeout,
            "write": limits.read_timeout,
        }

    def now(self) -> dt.datetime:
        """The instant that is recorded."""
        return self._clock()

    def ask(self, call: Call) -> Answer:
        """The answer to a call, tried again where the target was busy or not reached. Raises Interrupted."""
        decision = self._origins.decide(call.url)
        if not decision.allowed:
            return Answer(failure=f"refused by the harness: {decision.reason}", at=self._instant())
        ways = self._own if decision.credentials else self._foreign
        attempt = 0
        while True:
            attempt += 1
            with ExitStack() as held:
                self._begin(call, held)
                answer = self._attempt(call, ways, held, attempt)
            busy = answer.status in BUSY and not answer.failure and not call.waits
            if not (busy or answer.again) or attempt > self._limits.retries or call.sink is not None:
                if busy:
                    times = f"{attempt} times" if attempt > 1 else "once"
                    answer = replace(answer, failure=f"busy: answered {answer.status} {times}")
                return answer
            self._wait_before_retry(answer, attempt)

    def wait(self, seconds: float) -> None:
        """Wait. Raises Interrupted once the run is stopped."""
        if self._stop.wait(max(seconds, 0)):
            raise stopped()

    def _instant(self) -> str:
        instant = self._clock().astimezone(dt.UTC)
        return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"

    def _wait_before_retry(self, answer: Answer, attempt: int) -> None:
        with self._lock:
            self.statistics.retried += 1
        asked = retry_after(answer.header("retry-after"), self._clock())
        wanted = FIRST_WAIT * 2 ** (attempt - 1) if asked is None else asked
        self.wait(min(wanted, LONGEST_WAIT))

    def _begin(self, call: Call, held: ExitStack) -> None:
        """Wait until it is this call's moment and turn, which it has until `held` is closed."""
        if self._stop.is_set():
            raise stopped()
        pace = self._limits.requests_per_second
        with self._lock:
            self.statistics.requests += 1
            now = time.monotonic()
            slot = max(self._next_slot, now)
            self._next_slot = slot + (1 / pace if pace else 0)
        if slot > now:
            self.wait(slot - now)
        held.enter_context(self._turn(call.url.host, self.wait))

    def _attempt(self, call: Call, ways: Ways, held: ExitStack, attempt: int) -> Answer:
        at, begun = self._instant(), time.perf_counter()
        whole = self._limits.job_timeout if call.file else longest(self._limits)
        self._deadline.deadline = time.monotonic() + whole
        try:
            answer = self._exchange(call, ways, held)
        except BrokenOff as reason:
            answer = Answer(failure=str(reason), again=reason.anew)
        except DeadlinePassed:
            answer = Answer(failure=f"the answer was not complete within {whole:g} s")
        except Refused as refusal:
            answer = Answer(failure=f"{REFUSED}{refusal}")
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.ProxyError,
        ) as e:
            safe = troubles.nothing_was_sent(e) or (
                call.method in IDEMPOTENT and troubles.may_be_tried_again(e)
            )
            text = troubles.told(e, f"{call.url.scheme}://{call.url.netloc.decode()}", self._limits)
            answer = Answer(failure=self._redactor.text(text), again=safe)
        elapsed = int((time.perf_counter() - begun) * 1000)
        return replace(answer, at=at, elapsed_ms=elapsed, attempts=attempt)

    def _exchange(self, call: Call, ways: Ways, held: ExitStack) -> Answer:
        answer, chunks = self._opened(call, ways, held)
        continued = Continued(call, answer, retries=self._limits.retries)
        until = self._deadline.deadline

        def pause(busy: Answer | None, in_vain: int) -> None:
            held.close()  # a token may have to be asked for meanwhile, and that needs a turn as well
            self._wait_before_retry(busy or Answer(), in_vain + 1)

        def open_again(part: Call) -> tuple[Answer, Iterator[bytes]]:
            held.close()
            self._begin(part, held)
            self._deadline.deadline = until
            return self._opened(part, ways, held)

        answer = self._received(call, answer, continued.chunks(chunks, open_again, pause))
        return replace(answer, continued=tuple(continued.places)) if continued.places else answer

    def _opened(self, call: Call, ways: Ways, held: ExitStack) -> tuple[Answer, Iterator[bytes]]:
        """Send a call; its answer without a body, and the body's bytes as they come, until `held` is closed."""
        request = httpcore.Request(
            call.method,
            httpcore.URL(
                scheme=call.url.raw_scheme,
                host=call.url.raw_host,
                port=call.url.port,
                target=call.url.raw_path,
            ),
            headers=_sent_headers(call, self._agent),
            content=call.content or None,
            extensions={"timeout": self._timeouts},
        )
        way = held.enter_context(ways.to(request.url.origin))
        response = way.handle_request(request)
        held.callback(response.close)
        stream = response.extensions.get("network_stream")
        version, key = tls.peer(stream.get_extra_info("ssl_object") if stream else None)
        pairs = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers
        )
        return Answer(status=response.status, headers=pairs, tls=version, tls_key=key), framed(response)

    def _received(self, call: Call, answer: Answer, body: Iterator[bytes]) -> Answer:
        """The answer with its body in the store, redacted; without a body where it is not acceptable."""
        if call.sink is not None and answer.status in TAKEN:
            try:
                call.sink(answer, self._within(body, self._limits.max_file))
            except TooLarge as reason:
                return replace(answer, failure=str(reason))
            return answer
        media_type = answer.header("content-type").partition(";")[0].strip().lower()
        cap = self._limits.max_file if call.file else self._limits.max_body
        writer = None
        raw = bytearray()
        try:
            chunks = self._within(decode.decoded(body, answer.header("content-encoding")), cap)
            if call.raw:
                chunks = _copied(chunks, raw)
            for chunk in self._redactor.stream(chunks, media_type, file=call.file):
                writer = writer or self._bodies.writer()
                writer.write(chunk)
        except (decode.Undecodable, TooLarge) as reason:
            if writer:
                writer.discard()
            begins = UNREADABLE if isinstance(reason, decode.Undecodable) else ""
            return replace(answer, failure=self._redactor.text(f"{begins}{reason}"))
        except BaseException:
            if writer:
                writer.discard()
            raise
        if writer is None:
            return answer
        return replace(answer, body=writer.finish(media_type), raw=bytes(raw))

    def _within(self, chunks: Iterator[bytes], cap: int) -> Iterator[bytes]:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > cap:
                raise TooLarge(f"the answer is larger than {cap:,} bytes, the limit in the target file")
            yield chunk
        with self._lock:
            self.statistics.bytes_received += size

    def close(self) -> None:
        """Close the connections."""
        self._own.close()
        self._foreign.close()


def longest(limits: Limits) -> float:
    """The seconds that a whole answer may take, or that a call may wait for a connection."""
    return limits.read_timeout * WHOLE_ANSWER


def _copied(chunks: Iterator[bytes], raw: bytearray) -> Iterator[bytes]:
    for chunk in chunks:
        raw += chunk[: max(0, RAW_LIMIT - len(raw))]
        yield chunk


def _sent_headers(call: Call, agent: str) -> list[tuple[bytes, bytes]]:
    pairs: list[tuple[Any, Any]] = [(b"Host", call.url.netloc)]
    if not any(name.lower() == "user-agent" for name, _ in call.headers):
        pairs.append((b"User-Agent", agent.encode("latin-1")))
    pairs += [(name.encode("latin-1"), value.encode("utf-8")) for name, value in call.headers]
    if call.content or call.method in {"POST", "PUT", "PATCH"}:
        pairs.append((b"Content-Length", str(len(call.content)).encode()))
    return pairs


def retry_after(value: str, now: dt.datetime) -> float | None:
    """The seconds that a Retry-After header (RFC 9110 section 10.2.3) asks to wait, if it does."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=dt.UTC)
    return max(0.0, (date - now.astimezone(dt.UTC)).total_seconds())
