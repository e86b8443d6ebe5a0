"""The proxy: stands before an ASGI application and lets one lie act on each request."""

import asyncio
from typing import Any

from benchmarks.assurance.lie import Lie
from benchmarks.assurance.passing import Answer, Asked, Memory

_LEFT_OUT = {"content-length", "transfer-encoding", "range", "if-range"}
"""Length is told anew. Parts of files are optional, and would be parts of what the lie has not changed."""


class LyingProxy:
    """An ASGI application that hands on to another and changes what passes. Without a lie it changes nothing."""

    def __init__(self, app: Any, base_path: str, lie: Lie | None = None) -> None:
        self._app = app
        self._base = base_path
        self._lie = lie
        self._memory: Memory = {}
        self.touched = 0
        self.crashes: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, through the lie."""
        if scope["type"] != "http" or self._lie is None:
            await self._app(scope, receive, send)
            return
        asked = self._asked(scope, await _body_of(receive))
        plain: list[Answer] = []
        as_asked: list[Answer] = []
        wrote = False

        async def ask(again: Asked) -> Answer:
            nonlocal wrote
            answer = await self._honest(scope, again)
            plain.append(answer)
            if again == asked:
                as_asked.append(answer.uncompressed())
            else:
                wrote = wrote or again.method != "GET"
            return answer.uncompressed()

        try:
            answer = await self._lie.act(asked, ask, self._memory)
        except Exception as crash:  # noqa: BLE001 - told as the lie's own mistake, never as the harness's success
            self.crashes.append(f"{asked.method} {asked.path}: {crash!r}")
            answer = await ask(asked)
        squeezed = plain and plain[0].header("content-encoding") == "gzip"
        self.touched += wrote or answer not in as_asked
        if squeezed and not answer.header("content-encoding"):
            answer = answer.compressed()
        await _sent(answer, send, head_only=scope["method"] == "HEAD")

    def _asked(self, scope: Any, body: bytes) -> Asked:
        path = scope["path"]
        inside = path == self._base or path.startswith(self._base + "/")
        return Asked(
            method=scope["method"],
            path=path.removeprefix(self._base) if inside else path,
            query=scope["query_string"].decode("latin-1"),
            headers=tuple(
                (key.decode("latin-1").lower(), value.decode("latin-1")) for key, value in scope["headers"]
            ),
            body=body,
            outside=not inside,
        )

    async def _honest(self, scope: Any, asked: Asked) -> Answer:
        path = asked.path if asked.outside else self._base + asked.path
        headers = [
            (key.encode("latin-1"), value.encode("latin-1"))
            for key, value in asked.headers
            if key not in _LEFT_OUT
        ]
        headers.append((b"content-length", str(len(asked.body)).encode()))
        inner = {
            **scope,
            "method": asked.method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": asked.query.encode("latin-1"),
            "headers": headers,
            "state": dict(scope.get("state", {})),
        }
        told: dict[str, Any] = {"body": b""}

        bodies = [{"type": "http.request", "body": asked.body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            # A client that stays: whoever waits for it to leave waits as long as the answer takes.
            return bodies.pop() if bodies else await asyncio.Event().wait()  # type: ignore[return-value]

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                told.update(message)
            else:
                told["body"] += message.get("body", b"")

        await self._app(inner, receive, send)
        heads = tuple(
            (key.decode("latin-1").lower(), value.decode("latin-1"))
            for key, value in told["headers"]
            if key.lower() not in (b"content-length", b"transfer-encoding")
        )
        return Answer(told["status"], heads, told["body"])


async def _body_of(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _sent(answer: Answer, send: Any, *, head_only: bool) -> None:
    headers = [(key.encode("latin-1"), value.encode("latin-1", "replace")) for key, value in answer.headers]
    bodiless = head_only or answer.status in (204, 304)
    if answer.pieces == 1 and not bodiless:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if bodiless else answer.body
    size = max(1, -(-len(body) // answer.pieces))
    for start in range(0, max(len(body), 1), size):
        await send(
            {
                "type": "http.response.body",
                "body": body[start : start + size],
                "more_body": start + size < len(body),
            }
        )
