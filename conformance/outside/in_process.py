"""An application in this process as a target: its transport in the place of connections, without a socket.

The harness's own client asks as ever (limits, retries, redaction, the policy about origins); only the last step, where
bytes would go over the network, is an httpx transport. What is at other addresses is still asked over the network.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any, Self

import httpcore
import httpx

from conformance.errors import TargetError
from conformance.model.target import DataClass, Permissions, Target

HOST = "in-process.invalid"
"""No address on any network has a name under .invalid (RFC 2606), so no report can seem to be about one."""
STARTING = 60.0
"""Seconds that an application may take to start."""
NO_LIFESPAN = "no lifespan"
Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


@dataclass(frozen=True)
class InProcess:
    """A target and the transport that leads to it."""

    target: Target
    transport: httpx.BaseTransport


def in_process(  # noqa: PLR0913 - each says another thing about the application
    app: Any,
    *,
    base: str = "/",
    write: bool = False,
    product: str = "",
    version: str = "",
    supplier: str = "",
    data_class: str = "live",
) -> InProcess:
    """An ASGI or WSGI application, or an httpx transport, as a target whose FHIR base is at this path.

    Its address is always `http://in-process.invalid`: a report about it is about no server that can be reached.
    `write` permits to write to it, `data_class` says what kind of people its data is about.
    """
    target = Target(
        target="in-process",
        endpoint=f"http://{HOST}/{base.strip('/')}",
        supplier=supplier,
        product=product,
        version=version,
        data_class=DataClass(data_class),
        permissions=Permissions(write=write),
    )
    return InProcess(target, transport_of(app))


def transport_of(app: Any) -> httpx.BaseTransport:
    """The transport that leads to an ASGI or WSGI application; a transport stays as it is. Raises TypeError."""
    if isinstance(app, httpx.BaseTransport):
        return app
    if isinstance(app, httpx.AsyncBaseTransport):
        return _OnALoop(app)
    if not callable(app):
        raise TypeError(f"{app!r} is no ASGI or WSGI application and no httpx transport")
    if iscoroutinefunction(app) or iscoroutinefunction(type(app).__call__):
        return _OnALoop(httpx.ASGITransport(app, raise_app_exceptions=False), app)
    return httpx.WSGITransport(app, raise_app_exceptions=False)


class TransportWay:
    """Stands in the place of connections and hands each request to a transport."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    @contextmanager
    def to(self, _origin: httpcore.Origin) -> Iterator[Self]:
        """The transport itself: it takes requests to any origin, and as many as there are."""
        yield self

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """The answer of the transport. Raises what a connection would raise, so that it is told alike."""
        url = httpx.URL(
            scheme=request.url.scheme.decode(),
            host=request.url.host.decode(),
            port=request.url.port,
            raw_path=request.url.target,
        )
        content = b"".join(request.stream)  # type: ignore[arg-type] # the line sends bytes, never an async stream
        asked = httpx.Request(
            request.method.decode(),
            url,
            headers=request.headers,
            content=content,
            extensions=request.extensions,
        )
        try:
            answer = self._transport.handle_request(asked)
        except httpx.TimeoutException as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except httpx.TransportError as error:
            raise httpcore.ReadError(str(error)) from error
        return httpcore.Response(answer.status_code, headers=answer.headers.raw, content=answer.stream)

    def close(self) -> None:
        """Leave the transport open: it belongs to whoever gave it, and may serve another run."""


class _OnALoop(httpx.BaseTransport):
    """An asynchronous transport, driven on an event loop in a thread of its own; an application is started first."""

    def __init__(self, inner: httpx.AsyncBaseTransport, app: AsgiApp | None = None) -> None:
        self._inner = inner
        self._app = app
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._life: asyncio.Future[None] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer. Raises httpx.ReadTimeout, httpx.TransportError."""
        seconds = request.extensions.get("timeout", {}).get("read")
        loop = self._running()
        future = asyncio.run_coroutine_threadsafe(self._answer(request), loop)
        try:
            return future.result(seconds)
        except TookTooLong:
            future.cancel()
            raise httpx.ReadTimeout("the application gave no answer in time") from None

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        content = b"".join([chunk async for chunk in answer.stream])  # type: ignore[union-attr]
        return httpx.Response(
            answer.status_code, headers=answer.headers.raw, stream=httpx.ByteStream(content)
        )

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                threading.Thread(target=loop.run_forever, name="in-process target", daemon=True).start()
                if self._app is not None:
                    self._life = _start(self._app, loop)
                self._loop = loop
            return self._loop


def _start(app: AsgiApp, loop: asyncio.AbstractEventLoop) -> "asyncio.Future[None]":
    """Let an application do what it does at startup (ASGI lifespan protocol), and keep the answer alive.

    One that raises or simply returns has no lifespan, and needs none. Raises TargetError.
    """
    told: asyncio.Queue[Message] = asyncio.Queue()
    waiting: asyncio.Queue[Message] = asyncio.Queue()

    async def living() -> None:
        try:
            await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, waiting.get, told.put)
        except Exception:  # noqa: BLE001 - a server goes on without lifespan then (ASGI 3.0)
            await told.put({"type": NO_LIFESPAN})
        else:
            await told.put({"type": NO_LIFESPAN})

    async def started() -> tuple[asyncio.Future[None], Message]:
        await waiting.put({"type": "lifespan.startup"})
        life = asyncio.ensure_future(living())
        return life, await told.get()

    try:
        life, said = asyncio.run_coroutine_threadsafe(started(), loop).result(STARTING)
    except TookTooLong:
        raise _not_started(f"it was not ready after {STARTING:g} s") from None
    if said["type"] == "lifespan.startup.failed":
        raise _not_started(said.get("message") or "it gave no reason")
    return life


def _not_started(why: str) -> TargetError:
    return TargetError(f"the application did not start: {why}", hint="See what it logged.")
