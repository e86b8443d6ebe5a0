"""What passes through the proxy: a request, its answer, and what a lie remembers between them."""

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from benchmarks.assurance.exact import parsed, written

Memory = dict[Any, Any]


@dataclass(frozen=True)
class Asked:
    """A request. `path` is below the FHIR base (`/Patient/1`), or the whole path with `outside` set."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    outside: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The segments of the path."""
        return tuple(part for part in self.path.split("/") if part)

    @property
    def kind(self) -> str:
        """The resource type at the head of the path, or nothing."""
        head = self.parts[0] if self.parts else ""
        return head if head[:1].isupper() else ""

    @property
    def params(self) -> list[tuple[str, str]]:
        """The parameters of the query, in their order."""
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def form(self) -> list[tuple[str, str]]:
        """The parameters of a form in the body."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def sent(self) -> dict[str, Any]:
        """The JSON object in the body, empty where there is none."""
        try:
            document = parsed(self.body) if "json" in self.header("content-type") else {}
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    @property
    def is_read(self) -> bool:
        """Whether this reads one current resource."""
        return (
            self.method == "GET" and len(self.parts) == 2 and bool(self.kind) and self.parts[1][0] not in "$_"
        )

    @property
    def is_vread(self) -> bool:
        """Whether this reads one version of a resource."""
        return self.method == "GET" and len(self.parts) == 4 and self.parts[2] == "_history"

    @property
    def is_history(self) -> bool:
        """Whether this asks for a history of anything."""
        return self.method == "GET" and self.path.endswith("_history")

    @property
    def is_search(self) -> bool:
        """Whether this searches, by GET or POST; following a page link counts."""
        if self.method == "POST":
            return self.path.endswith("/_search")
        compartment = len(self.parts) == 3 and self.parts[2][0].isupper()
        return self.method == "GET" and (
            not self.parts or (bool(self.kind) and len(self.parts) == 1) or compartment
        )

    @property
    def is_kick_off(self) -> bool:
        """Whether this starts an export."""
        return self.path.endswith("$export")

    @property
    def is_job(self) -> bool:
        """Whether this is about an export that was started."""
        return self.path.startswith("/export-jobs/")

    @property
    def is_file(self) -> bool:
        """Whether this downloads an exported file."""
        return self.path.startswith("/export-files/")

    @property
    def is_token(self) -> bool:
        """Whether this asks for a token."""
        return self.outside and self.path == "/token"

    def header(self, name: str) -> str:
        """The value of a header, empty where it is not there."""
        return next((value for key, value in self.headers if key == name.lower()), "")

    def with_header(self, name: str, value: str | None) -> "Asked":
        """The same with this header, or without it."""
        kept = tuple(pair for pair in self.headers if pair[0] != name.lower())
        return replace(self, headers=(*kept, (name.lower(), value)) if value is not None else kept)

    def with_params(self, params: list[tuple[str, str]]) -> "Asked":
        """The same with these parameters in the query."""
        return replace(self, query=urlencode(params))


@dataclass(frozen=True)
class Answer:
    """An answer, its body not compressed."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    pieces: int = 1

    def header(self, name: str) -> str:
        """The value of a header, empty where it is not there."""
        return next((value for key, value in self.headers if key == name.lower()), "")

    def with_header(self, name: str, value: str | None) -> "Answer":
        """The same with this header, or without it."""
        kept = tuple(pair for pair in self.headers if pair[0] != name.lower())
        return replace(self, headers=(*kept, (name.lower(), value)) if value is not None else kept)

    @property
    def document(self) -> Any:
        """The JSON in the body, read afresh each time; None where there is none."""
        if "json" not in self.header("content-type") or "ndjson" in self.header("content-type"):
            return None
        try:
            return parsed(self.body)
        except ValueError:
            return None

    @property
    def type(self) -> str:
        """The type of the resource in the body, or nothing."""
        document = self.document
        return str(document.get("resourceType", "")) if isinstance(document, dict) else ""

    def with_document(self, document: Any, **style: Any) -> "Answer":
        """The same with this JSON in the body."""
        return replace(self, body=written(document, **style))

    def uncompressed(self) -> "Answer":
        """The same as its sender had it before it was compressed."""
        if self.header("content-encoding") != "gzip":
            return self
        return replace(self.with_header("content-encoding", None), body=gzip.decompress(self.body))

    def compressed(self) -> "Answer":
        """The same, compressed."""
        return replace(self.with_header("content-encoding", "gzip"), body=gzip.compress(self.body, mtime=0))


Ask = Callable[[Asked], Awaitable[Answer]]
