"""A client and real servers on 127.0.0.1 for it to talk to."""

import datetime as dt
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme

from conformance.model.target import Target
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets

KEY = b"the key of a test, thirty-two by"


@dataclass
class Seen:
    """A request as a server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Handle = Callable[["Handler", Seen], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    handle_it: Handle
    seen: list[Seen]

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""

    def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Type": "application/fhir+json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(length))
        self.seen.append(seen)
        type(self).handle_it(self, seen)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = serve  # noqa: N815 - http.server's names


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """Clients hang up in these tests; that is no news."""


@dataclass
class Server:
    base: str
    seen: list[Seen] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers that answer as a function says; end them after the test."""
    running: list[Quiet] = []

    def start(handle: Handle, context: ssl.SSLContext | None = None) -> Server:
        server = Server("")
        handler = type("ThisHandler", (Handler,), {"handle_it": staticmethod(handle), "seen": server.seen})
        http = Quiet(("127.0.0.1", 0), handler)
        if context:
            http.socket = context.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
        server.base = f"http{'s' if context else ''}://127.0.0.1:{http.server_port}"
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(http)
        return server

    yield start
    for http in running:
        http.shutdown()
        http.server_close()


@dataclass
class Made:
    client: Client
    bodies: MemoryBodies
    secrets: Secrets
    redactor: Redactor
    journal: list[tuple[str, str]]

    def wire(self, step: str = "step") -> Any:
        return self.client.wire(step)


@pytest.fixture
def client(tmp_path) -> Iterator[Callable[..., Made]]:
    """Make clients for targets; close them after the test."""
    made: list[Client] = []

    def make(
        base: str,
        *,
        environ: dict[str, str] | None = None,
        resolver: Any = None,
        transport: Any = None,
        turn: Any = None,
        **target: Any,
    ) -> Made:
        limits = {"connect_timeout": 2, "read_timeout": 2} | target.pop("limits", {})
        plain = {"data_class": "synthetic", **target, "endpoint": base, "limits": limits}
        noun = Target.model_validate(plain)
        secrets, bodies = Secrets(environ or {}), MemoryBodies()
        redactor = Redactor(KEY, secrets, noun.data_class, noun.endpoint)
        journal: list[tuple[str, str]] = []
        given = {"resolver": resolver, "turn": turn}
        more = {name: value for name, value in given.items() if value}
        new = Client(
            noun,
            tmp_path,
            bodies=bodies,
            redactor=redactor,
            secrets=secrets,
            run_tag="run",
            journal=lambda event, reference: journal.append((event, reference)),
            transport=transport,
            **more,
        )
        made.append(new)
        return Made(new, bodies, secrets, redactor, journal)

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def server_tls(authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


def utc(second: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, 1, 12, 0, second, tzinfo=dt.UTC)
