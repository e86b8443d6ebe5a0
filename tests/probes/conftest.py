"""Wires to servers that really answer: the reference supplier, and small ones that a test makes up."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conformance.model.target import Target
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.outside.target_file import read_target
from conformance.reference.process import Options, start


class Opened:
    """A wire and what it recorded, its bodies readable."""

    def __init__(self, target: Target, folder: Path) -> None:
        secrets, self.bodies, self.journal = Secrets({"TOKEN": "a-token-of-a-test"}), MemoryBodies(), []
        self.client = Client(
            target,
            folder,
            bodies=self.bodies,
            redactor=Redactor(b"k" * 32, secrets, target.data_class, target.endpoint),
            secrets=secrets,
            run_tag="test",
            journal=lambda event, reference: self.journal.append((event, reference)),
        )
        self.wire = self.client.wire("step")

    def evidence(self) -> Any:
        return self.wire.evidence().connected(self.bodies.read)


@pytest.fixture(scope="session")
def supplier() -> Iterator[Any]:
    with start(Options()) as running:
        yield running


@pytest.fixture
def reference(supplier) -> Iterator[Opened]:
    """A wire to the honest reference supplier."""
    opened = Opened(read_target(supplier.target_file), supplier.target_file.parent)
    with opened.client:
        yield opened


@pytest.fixture
def short_lived() -> Iterator[Opened]:
    """A wire to a reference supplier whose tokens are good for a second."""
    with start(Options(patients=2, token_seconds=1)) as running:
        opened = Opened(read_target(running.target_file), running.target_file.parent)
        with opened.client:
            yield opened


@pytest.fixture
def serve(tmp_path) -> Iterator[Callable[..., Opened]]:
    """A wire to a server that answers (status, JSON) as a function of method and path says.

    A guarded one answers 401 to requests without credentials.
    """
    running: list[Any] = []

    def begin(answer: Callable[[str, str], tuple[int, Any]], *, guarded: bool = False) -> Opened:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                known = not guarded or "Authorization" in self.headers
                status, value = answer(self.command, self.path) if known else (401, {})
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/fhir+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = serve  # noqa: N815 - http.server's names

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        plain = {"endpoint": f"http://127.0.0.1:{server.server_port}", "data_class": "synthetic"}
        target = Target(
            **plain, auth={"kind": "bearer", "token": "env:TOKEN"} if guarded else {"kind": "none"}
        )
        opened = Opened(target, tmp_path)
        running.extend([opened.client.close, server.shutdown, server.server_close])
        return opened

    yield begin
    for end in running:
        end()
