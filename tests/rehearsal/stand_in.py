"""A server of somebody else, in this process: it takes what it is given, loses some of it on the way in, or refuses."""

import asyncio
import json
import signal
import threading
from pathlib import Path

import httpx
import uvicorn
from in_a_terminal import InATerminal

from conformance.reference.app import create_app
from conformance.reference.process_serve import bound
from conformance.reference.records.store import Store
from conformance.reference.settings import Settings

SAID = "a patient without a local number cannot be filed"
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "business-rule", "diagnostics": SAID}],
}


def _same(body):
    return body


def _nothing():
    pass


class StandIn:
    """A context manager. `change` is made to the body of each write.

    `refused` may be set at any time: a write that holds it is answered 422; and so may `failing_reads`: searches for
    resources are answered 500, those that only count are not; and `on_write`, which is called before each write.
    """

    def __init__(self, folder: Path, change=_same):
        self.change, self.refused, self.failing_reads = change, b"", False
        self.on_write = _nothing
        self._socket = bound(0)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/fhir"
        self._store = Store(folder / "stand-in.sqlite", base_url=self.url)
        self._app = create_app(Settings(base_url=self.url, auth="none"), self._store)
        config = uvicorn.Config(
            self._answer, interface="asgi3", log_level="warning", access_log=False, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.should_exit = True
        self._thread.join(10)
        self._store.close()

    async def _answer(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if self.failing_reads and scope["method"] == "GET" and b"_summary" not in scope["query_string"]:
            await self._say(send, 500, OUTCOME)
            return
        if scope["method"] in {"POST", "PUT"}:
            self.on_write()
            if self.refused and self.refused in body:
                await self._say(send, 422, OUTCOME)
                return
            body = self.change(body)
        scope["headers"] = [
            (name, str(len(body)).encode() if name == b"content-length" else value)
            for name, value in scope["headers"]
        ]
        sent = False

        async def given():
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, given, send)

    @staticmethod
    async def _say(send, status, content):
        headers = [(b"content-type", b"application/fhir+json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})

    def held(self):
        """How many resources it holds of the types that are written first, in between and last."""
        kinds = ("AllergyIntolerance", "Observation", "Patient")
        return [httpx.get(f"{self.url}/{kind}?_summary=count").json()["total"] for kind in kinds]


def killed_at_its_first_write(server, *arguments):
    """Run a command in a process of its own, killed when it first writes to the server; whether that came to pass."""
    command = InATerminal(*arguments)
    server.on_write = command.process.kill
    try:
        return command.ended()[0] == -signal.SIGKILL
    finally:
        server.on_write = _nothing


def interrupted_at_its_first_write(server, *arguments):
    """The same for Ctrl-C, pressed twice; its exit code and what it told."""
    command, writing = InATerminal(*arguments), threading.Event()
    server.on_write = writing.set
    try:
        command.wait_until(writing.is_set)
        return command.interrupt_twice()
    finally:
        server.on_write = _nothing
