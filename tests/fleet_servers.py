"""Servers of a fleet on 127.0.0.1, each with a fault of its own, and the files that describe them."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from small_profiles import write_target

STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [{"mode": "server", "resource": [{"type": "Patient", "interaction": [{"code": "read"}]}]}],
}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


class Handler(BaseHTTPRequestHandler):
    """Answers as its server's manner says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        server = self.server
        with server.lock:
            server.asked.append(self.path)
            server.under_way += 1
            server.most = max(server.most, server.under_way)
        time.sleep(server.latency)
        with server.lock:
            server.under_way -= 1  # before the answer: who has it may ask again at once
        self.behave(server)

    def behave(self, server: "Manner") -> None:
        about = self.path.startswith("/metadata")
        if server.manner == "echoing":
            outcome = OUTCOME | {"text": {"status": "generated", "div": str(dict(self.headers))}}
            return self.say(200 if about else 404, STATEMENT if about else outcome)
        if about or server.manner == "honest" or not self.path.startswith("/Patient"):
            return self.say(200 if about else 404, STATEMENT if about else OUTCOME)
        if server.manner == "lying":
            return self.say(200, {"resourceType": "Patient", "id": "nobody"})
        if server.manner == "hanging":
            server.over.wait(60)
            return None
        server.dead = True
        self.connection.shutdown(socket.SHUT_RDWR)
        return None

    def say(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Manner(ThreadingHTTPServer):
    """A server with a manner: honest, lying, hanging, dying or echoing."""

    daemon_threads = True

    def __init__(self, manner: str, latency: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.manner, self.latency = manner, latency
        self.asked: list[str] = []
        self.lock, self.over = threading.Lock(), threading.Event()
        self.under_way = self.most = 0
        self.dead = False

    def verify_request(self, *_: Any) -> bool:
        return not self.dead

    def handle_error(self, *_: Any) -> None:
        """Clients hang up in these tests; that is no news."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(*manners: str, latency: float = 0.0) -> Iterator[list[Manner]]:
    """One server for each manner."""
    servers = [Manner(manner, latency) for manner in manners]
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield servers
    finally:
        for server in servers:
            server.over.set()
            server.shutdown()
            server.server_close()


def write_fleet(place: Path, described: dict[str, dict[str, Any]], **members: Any) -> Path:
    """A fleet's file with a target file for each name."""
    for name, members_of in described.items():
        write_target(place / "targets" / f"{name}.yaml", **{"product": name.title(), **members_of})
    path = place / "fleet.yaml"
    known = {"fleet": "Of the North", "profiles": ["profiles/tiny.yaml"], "targets": ["targets/*.yaml"]}
    path.write_text(yaml.safe_dump(known | members), "utf-8")
    return path
