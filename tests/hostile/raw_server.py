"""A server on 127.0.0.1 that speaks through a bare socket, so that it can do what no HTTP server would."""

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

TYPE = "application/fhir+json"
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER so set, closing sends a reset instead of an end."""

STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [
        {
            "mode": "server",
            "resource": [
                {
                    "type": "Patient",
                    "interaction": [{"code": code} for code in ("read", "search-type", "create", "delete")],
                }
            ],
        }
    ],
}
NOT_FOUND = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
IDS = ("p1", "p2", "p3")


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def query(self, name: str, otherwise: str = "") -> str:
        return parse_qs(urlsplit(self.target).query).get(name, [otherwise])[0]


class Peer:
    """One connection, as the server holds it."""

    def __init__(self, connection: socket.socket, ended: threading.Event) -> None:
        self.connection = connection
        self.ended = ended

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def trickle(self, data: bytes | Iterator[bytes], every: float) -> None:
        """Send byte after byte, or piece after piece, with a pause after each, until nobody listens."""
        for piece in (data[i : i + 1] for i in range(len(data))) if isinstance(data, bytes) else data:
            if self.ended.wait(every):
                return
            self.send(piece)

    def silent(self, seconds: float = 10) -> None:
        self.ended.wait(seconds)

    def reset(self) -> None:
        """Break the connection off."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        socket.close(self.connection.detach())

    def close(self) -> None:
        """End the connection; under TLS without saying so, which is how an attacker would cut it."""
        plain = self.connection
        with contextlib.suppress(OSError):
            socket.socket.shutdown(plain, socket.SHUT_RDWR)
        plain.close()


Behave = Callable[[Peer, Asked], "bytes | None"]
"""Answers a request, or says and does something else and gives None: then the connection is over."""


def answer(status: int = 200, body: bytes = b"", media_type: str = TYPE, **headers: str) -> bytes:
    """An answer as it should be."""
    told = {"Content-Type": media_type, "Content-Length": str(len(body))}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def resource(value: Any, status: int = 200, **headers: str) -> bytes:
    return answer(status, json.dumps(value).encode(), **headers)


def patient(identity: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": identity, "active": True, **more}


def page(base: str, found: list[Any], onward: str = "", **more: Any) -> dict[str, Any]:
    """A page of a search."""
    links = [{"relation": "self", "url": f"{base}/Patient"}]
    links += [{"relation": "next", "url": onward}] if onward else []
    entries = [
        {"fullUrl": f"{base}/Patient/{one.get('id')}", "resource": one, "search": {"mode": "match"}}
        for one in found
    ]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries, **more}


@dataclass
class World:
    """What an honest small server would answer; tests deviate from it in one point each."""

    base: str = ""
    statement: dict[str, Any] = field(default_factory=lambda: dict(STATEMENT))
    patients: dict[str, dict[str, Any]] = field(default_factory=lambda: {one: patient(one) for one in IDS})

    def __call__(self, _peer: Peer, asked: Asked) -> bytes:
        kind, _, identity = asked.path.strip("/").partition("/")
        if kind == "metadata":
            return resource(self.statement)
        if asked.method == "POST" and kind == "Patient":
            made = json.loads(asked.body) | {"id": f"new{len(self.patients)}"}
            self.patients[made["id"]] = made
            return resource(made, 201, Location=f"{self.base}/Patient/{made['id']}/_history/1")
        if asked.method == "DELETE" and self.patients.pop(identity, None):
            return answer(204)
        if kind == "Patient" and not identity:
            return resource(self.searched(int(asked.query("_count", "2")), int(asked.query("from", "0"))))
        if kind == "Patient" and identity in self.patients:
            return resource(self.patients[identity])
        return resource(NOT_FOUND, 404)

    def searched(self, count: int, start: int) -> dict[str, Any]:
        everyone = list(self.patients.values())
        more = start + count < len(everyone)
        onward = f"{self.base}/Patient?_count={count}&from={start + count}" if more else ""
        return page(self.base, everyone[start : start + count], onward, total=len(everyone))


class RawServer:
    """Listens until it is closed. `world` is what it answers unless `behave` does something else."""

    def __init__(self, behave: Behave | None = None, context: ssl.SSLContext | None = None) -> None:
        self.world = World()
        self.behave = behave or self.world
        self.context = context
        self.asked: list[Asked] = []
        self.connections = 0
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.base = self.world.base = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        self._start(self._accept)

    def _start(self, act: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=act, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):  # whoever asks may hang up
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            peer = Peer(connection, self._ended)
            with connection.makefile("rb") as reader:
                while True:
                    asked = read(reader)
                    self.asked.append(asked)
                    said = self.behave(peer, asked)
                    if said is None:
                        peer.close()
                        return
                    peer.send(said)

    def close(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            connection.close()
        until = time.monotonic() + 5
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        assert not any(thread.is_alive() for thread in self._threads), "a server that does not end"


def read(reader: Any) -> Asked:
    """The next request. Raises EOFError where there is none."""
    first = reader.readline()
    if not first.strip():
        raise EOFError
    method, target, _ = first.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while line := reader.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, reader.read(int(headers.get("content-length", 0))))
