"""Connections: to the address that the policy checked, within a deadline, given up when the run is stopped.

The certificate and SNI still go by the host's name: only the address is settled here.
"""

import math
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from conformance.errors import Interrupted, TargetFileError
from conformance.outside.connections import Connections
from conformance.outside.origins import Origins

KEEP_ALIVE = 3.0
"""Seconds that an idle connection is kept: less than servers grant, so that none is closed under us."""
_SLICE = 0.5


class Clock(threading.local):
    """Until when this thread may go on reading, on the monotonic clock."""

    deadline: float = math.inf


class DeadlinePassed(Exception):
    """The whole answer took longer than it may."""


def stopped() -> Interrupted:
    """What is raised once the run is being stopped."""
    return Interrupted(
        "the run was interrupted", hint="Finished steps are kept; `conformance run --resume FOLDER` goes on."
    )


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves names itself, asks the policy, and connects to an address that it permits."""

    def __init__(self, origins: Origins, stop: threading.Event, clock: Clock, proxy_host: str = "") -> None:
        self._origins = origins
        self._stop = stop
        self._clock = clock
        self._proxy_host = proxy_host
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first permitted address that answers. Raises Refused, httpcore.ConnectError."""
        if host == self._proxy_host:
            addresses = [host]  # the person who runs the test named the proxy
        else:
            try:
                addresses = self._origins.addresses(host, port)
            except (OSError, UnicodeError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise httpcore.ConnectError(f"the name {host} cannot be resolved: {reason}") from error
        for place, address in enumerate(addresses):
            try:
                stream = self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses) - 1:
                    raise
            else:
                return GuardedStream(stream, self._stop, self._clock)
        raise httpcore.ConnectError(f"{host} has no address")

    def sleep(self, seconds: float) -> None:
        """Wait, unless the run is stopped."""
        if self._stop.wait(seconds):
            raise stopped()


class GuardedStream(httpcore.NetworkStream):
    """A connection whose reads end at the deadline of the request, or soon after the run is stopped."""

    def __init__(self, inner: httpcore.NetworkStream, stop: threading.Event, clock: Clock) -> None:
        self._inner = inner
        self._stop = stop
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes as they come. Raises httpcore.ReadTimeout, DeadlinePassed, Interrupted."""
        silent_until = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            now = time.monotonic()
            if self._stop.is_set():
                raise stopped()
            if now >= self._clock.deadline:
                raise DeadlinePassed
            left = min(_SLICE, silent_until - now, self._clock.deadline - now)
            try:
                return self._inner.read(max_bytes, max(left, 0.001))
            except httpcore.ReadTimeout:
                if time.monotonic() >= silent_until:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of these bytes."""
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        """End the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection under TLS, guarded alike; where it is cut, that is no end (RFC 9112 section 9.8)."""
        secured = self._inner.start_tls(ssl_context, server_hostname, timeout)
        connection = secured.get_extra_info("socket")
        if isinstance(connection, ssl.SSLSocket):
            connection.suppress_ragged_eofs = False  # type: ignore[attr-defined] # typeshed does not know it
        return GuardedStream(secured, self._stop, self._clock)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._inner.get_extra_info(info)


def connections(  # noqa: PLR0913 - the network is settled in this many ways
    context: ssl.SSLContext,
    origins: Origins,
    *,
    size: int,
    patience: float,
    proxy: str,
    stop: threading.Event,
    clock: Clock,
) -> Connections:
    """The connections of one run: HTTP/1.1, kept alive, at most `size` of them. Raises TargetFileError."""
    settings: dict[str, Any] = {"ssl_context": context, "keepalive_expiry": KEEP_ALIVE}
    if not proxy:
        backend = CheckedBackend(origins, stop, clock)
        return Connections(httpcore.ConnectionPool(network_backend=backend, **settings), size, patience)
    try:
        url = httpx.URL(proxy)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise TargetFileError(
            "proxy is no http or https URL", hint="Write it as in http://proxy.example.org:3128"
        )
    place = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/")
    auth = (url.username, url.password) if url.username else None
    backend = CheckedBackend(origins, stop, clock, proxy_host=url.host)
    maker = httpcore.HTTPProxy(place, proxy_auth=auth, network_backend=backend, **settings)
    return Connections(maker, size, patience)
