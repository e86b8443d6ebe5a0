"""The records of a run that verdicts rest on, made fit to be laid before a reader."""

from dataclasses import dataclass
from typing import TypeVar

from conformance.errors import NotJudgeable, Unreadable
from conformance.model.base import compact, sha256
from conformance.model.curl import curl
from conformance.model.evidence import Body, Content, Document, Exchange
from conformance.model.explanation import SeenBody, SeenDocument, SeenExchange
from conformance.model.verdict import Verdict
from conformance.outside.stored_run import StoredRun

MOST_TEXT = 4000
MOST_READ = 16 * MOST_TEXT
C = TypeVar("C", bound=Content)


@dataclass(frozen=True)
class Records:
    """Exchanges and documents by their ids, their bodies at hand."""

    exchanges: dict[str, Exchange]
    documents: dict[str, Document]

    @classmethod
    def of(cls, folder: StoredRun, wanted: dict[str, str]) -> "Records":
        """The records of these ids. Raises Unreadable where one is not the one of this digest."""
        steps = list(folder.finished_steps()) if wanted else []
        exchanges = {e.id: e for step in steps for e in step.exchanges if e.id in wanted}
        documents = {d.id: d for step in steps for d in step.documents if d.id in wanted}
        for id_, record in (*exchanges.items(), *documents.items()):
            if digest(record) != wanted[id_]:
                raise Unreadable(
                    f"{folder.path} changed while it was being verified", hint="Verify it again."
                )
        return cls(exchanges, documents)

    def telling_first(self, verdict: Verdict) -> list[str]:
        """The ids of what a verdict rests on: first those of the records that its findings begin with."""
        known = {**self.exchanges, **self.documents}

        def silent(id_: str) -> bool:
            return not any(finding.startswith(f"{known.get(id_)} ") for finding in verdict.findings)

        return sorted((reference.id for reference in verdict.evidence), key=silent)


def digest(record: Content) -> str:
    """The SHA-256 by which a verdict names a record."""
    return sha256(compact(record.plain()))


def seen_exchange(exchange: Exchange) -> SeenExchange:
    """An exchange with how its bodies begin, and the line that repeats it."""
    return SeenExchange(
        id=exchange.id,
        sha256=digest(exchange),
        at=exchange.at,
        elapsed_ms=exchange.elapsed_ms,
        method=exchange.method,
        url=exchange.url,
        request_headers=exchange.request_headers,
        request_body=_named_only(exchange.request_body),
        status=exchange.status,
        headers=exchange.headers,
        body=_seen(exchange),
        failure=exchange.failure,
        curl=curl(exchange),
    )


def seen_document(document: Document) -> SeenDocument:
    """A document with how it begins."""
    return SeenDocument(
        id=document.id,
        sha256=digest(document),
        name=document.name,
        location=document.location,
        problem=document.problem,
        body=_seen(document),
    )


def _named_only(body: Body | None) -> SeenBody | None:
    if body is None:
        return None
    return SeenBody(sha256=body.sha256, size=body.size, media_type=body.media_type, kept=False)


def _seen(content: Content) -> SeenBody | None:
    body = content.body
    if body is None:
        return None
    seen = SeenBody(sha256=body.sha256, size=body.size, media_type=body.media_type, kept=True)
    try:
        start = _start(content)
    except NotJudgeable:
        return seen.model_copy(update={"kept": False})
    try:
        text = start.decode("utf-8", errors="strict" if len(start) == body.size else "ignore")
    except UnicodeDecodeError:
        return seen
    if "\0" in text:
        return seen
    shown = text[:MOST_TEXT]
    return seen.model_copy(update={"text": shown, "cut": max(body.size - len(shown.encode()), 0)})


def _start(content: Content) -> bytes:
    """The first bytes of a body; all of it is read, so that its digest is checked. Raises NotJudgeable."""
    start = b""
    for chunk in content.chunks():
        start += chunk[: MOST_READ - len(start)]
    return start
