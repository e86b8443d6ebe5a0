"""Serving the reference supplier until a signal, or the end of whoever started it, tells it to stop."""

import asyncio
import http.client
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from conformance.reference.process_setup import Certificates, Mistake

PLAIN_HTTP = "export-files-over-http"
"""The fault for which a second listener, without TLS, is there."""
_HOST = "127.0.0.1"
_STOP_SECONDS = 2
_ANSWER_SECONDS = 20
_LOOK_EVERY = 0.01
_ENDED_EARLY = 3


@dataclass(frozen=True)
class Listener:
    """A bound socket on this machine's own address, with TLS if it has certificates."""

    socket: socket.socket
    certificates: Certificates | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port under which it is reached."""
        return f"{'https' if self.certificates else 'http'}://{_HOST}:{self.socket.getsockname()[1]}"


class ParentWatch:
    """Notices the end of the parent process, which holds the other end of standard input.

    Until told otherwise by `react_with`, the process ends at once: nothing is served yet.
    """

    def __init__(self) -> None:
        self.ended = False
        self._react: Callable[[], object] = lambda: os._exit(_ENDED_EARLY)
        threading.Thread(target=self._watch, name="parent-watch", daemon=True).start()

    def react_with(self, react: Callable[[], object]) -> None:
        """Do this at the parent's end."""
        self._react = react

    def _watch(self) -> None:
        # os.read, not sys.stdin: a daemon thread must hold no lock of a stream when the interpreter ends.
        while os.read(0, 1024):
            pass
        self.ended = True
        self._react()


class _Server(uvicorn.Server):
    """A server that leaves signals alone: several of them share one process, which handles signals once."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bound(port: int) -> socket.socket:
    """A socket bound to this port of 127.0.0.1, or to a free one for 0. Raises Mistake if that cannot be."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere this option would let two servers share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        raise Mistake(
            f"cannot listen on {_HOST}:{port}: {reason}; give another --port, or 0 for a free one"
        ) from error
    return listening


def serve(
    app: ASGIApp,
    listeners: Sequence[Listener],
    path: str,
    ready: Callable[[], None],
    watch: ParentWatch | None,
) -> None:
    """Serve the application on all listeners; call `ready` once the first really answers at `path`."""
    asyncio.run(_serve(app, listeners, path, ready, watch))


async def _serve(
    app: ASGIApp,
    listeners: Sequence[Listener],
    path: str,
    ready: Callable[[], None],
    watch: ParentWatch | None,
) -> None:
    servers = [
        _Server(_config(app, listener, lifespan="auto" if number == 0 else "off"))
        for number, listener in enumerate(listeners)
    ]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A signal handler of Python's own, since the loop's are not there on every platform.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    if watch:
        watch.react_with(lambda: loop.call_soon_threadsafe(stop))
    running = [
        asyncio.create_task(server.serve(sockets=[listener.socket]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    # ASYNC110: uvicorn tells by a flag, not by an event, that it listens.
    while not _all_listen(servers) and not any(task.done() for task in running):  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_EVERY)
    if _all_listen(servers):
        await asyncio.to_thread(_answers, listeners[0], path)
        ready()
    await asyncio.gather(*running)


def _all_listen(servers: Sequence[uvicorn.Server]) -> bool:
    return all(server.started for server in servers)


def _config(app: ASGIApp, listener: Listener, *, lifespan: str) -> uvicorn.Config:
    server = str(listener.certificates.server) if listener.certificates else None
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,  # the application states it
        lifespan="auto" if lifespan == "auto" else "off",
        timeout_graceful_shutdown=_STOP_SECONDS,
        ssl_certfile=server,
        ssl_keyfile=server,
    )
    if listener.certificates and listener.certificates.old_tls:
        config.load()
        assert config.ssl is not None, "there are certificates"
        speak_old_tls(config.ssl)
    return config


def speak_old_tls(settings: ssl.SSLContext) -> None:
    """Let a server speak TLS 1.0 and 1.1 too."""
    settings.set_ciphers("ALL:@SECLEVEL=0")
    settings.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED


def _answers(listener: Listener, path: str) -> None:
    """Ask once, as a client would; raises OSError if there is no answer."""
    address = urlsplit(listener.origin).netloc
    asking = http.client.HTTPConnection(address, timeout=_ANSWER_SECONDS)
    if listener.certificates:
        trusted = ssl.create_default_context(cafile=listener.certificates.authority)
        asking = http.client.HTTPSConnection(address, timeout=_ANSWER_SECONDS, context=trusted)
    try:
        asking.request("GET", path)
        asking.getresponse().read()
    finally:
        asking.close()
