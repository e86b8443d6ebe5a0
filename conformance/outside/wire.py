"""The wire of one step: sends what a probe asks for and records it, redacted."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from conformance.errors import Untestable
from conformance.model.base import Json
from conformance.model.evidence import REFUSED, Body, Document, Exchange, StepEvidence
from conformance.model.target import Target, TargetCard
from conformance.outside import calls
from conformance.outside.auth import Access
from conformance.outside.bodies import BodyStore
from conformance.outside.calls import Answer, Call
from conformance.outside.documents import Declared, declared
from conformance.outside.handshakes import Handshakes
from conformance.outside.line import AGENT, Line
from conformance.outside.our_loader import chunks_of, ended, loaded
from conformance.outside.redact import Redactor
from conformance.outside.shared_answers import Sent, SharedAnswers
from conformance.outside.token_variants import forms
from conformance.plugin import Credentials, TlsVersion, TokenVariant

LONGEST_PAUSE = 300.0
MOST_REDIRECTS = 5
NDJSON = "application/fhir+ndjson"
REDIRECTS = frozenset({301, 302, 303, 307, 308})

Journal = Callable[[str, str], None]
"""Told ("created" | "deleted", reference) at once, so that a broken run can still be cleaned up."""


@dataclass(frozen=True)
class Parts:
    """What the wires of one client share."""

    target: Target
    folder: Path
    line: Line
    access: Access
    redactor: Redactor
    bodies: BodyStore
    journal: Journal
    answers: SharedAnswers
    handshakes: Handshakes
    tell: Callable[[str], None] = lambda _: None
    elsewhere: "tuple[Parts, ...]" = ()
    """The same for each destination that the target file names."""


@dataclass
class _Record:
    """What the wires of one step record together, in the order in which it was sent."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    exchanges: list[Exchange | None] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)


class StepWire:
    """Implements `conformance.plugin.Wire` for one step. Safe for use by a probe's own threads."""

    def __init__(self, step_id: str, tag: str, parts: Parts, record: "_Record | None" = None) -> None:
        self._step = step_id
        self._tag = tag
        self._parts = parts
        self._redactor = parts.redactor
        self._began = time.monotonic()
        self._record = record or _Record()

    @property
    def base(self) -> str:
        """The FHIR base URL of the target, without a slash at the end."""
        return self._parts.target.endpoint

    @property
    def target(self) -> TargetCard:
        """What is known of the target."""
        return self._parts.target.card()

    @property
    def tag(self) -> str:
        """A value that no other step of any run uses."""
        return self._tag

    def send(  # noqa: PLR0913 - a request has this many independent aspects
        self,
        method: str,
        url: str,
        *,
        label: str = "",
        about: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "application/fhir+json",
        json: Json = None,
        body: bytes | None = None,
        media_type: str = "application/fhir+json",
        credentials: Credentials = "own",
        file: bool = False,
        follow: bool = False,
        waits: bool = False,
        shared: bool = False,
    ) -> Exchange:
        """Send one request and record it with its answer; transport trouble is recorded, not raised.

        Raises Interrupted once the run is stopped, TargetError where the target gives no token.
        """
        content = body if body is not None else b"" if json is None else orjson.dumps(json)
        usual = {
            "Accept": accept,
            "Accept-Encoding": "gzip",
            "User-Agent": self._parts.target.user_agent or AGENT,
        }
        if content:
            usual["Content-Type"] = media_type
        named = _Named(label, dict(about or {}))
        revealed = {name: self._redactor.reveal(value) for name, value in (headers or {}).items()}
        merged = calls.merged(usual, revealed)
        address = self._absolute(self._redactor.reveal(url))
        try:
            call = Call(method, httpx.URL(address), tuple(merged.items()), content, file, waits=waits)
        except httpx.InvalidURL as error:
            return self._refused(method, address, named, f"it is no URL ({error})")
        if problem := calls.problem(method, merged) or calls.straying(address, self.base):
            return self._refused(method, address, named, problem)
        if shared and method == "GET" and not (content or file or follow or waits):
            return self._shared(call, named, credentials)
        return self._followed(call, named, credentials, hops=MOST_REDIRECTS if follow else 0)

    def _shared(self, call: Call, named: "_Named", credentials: Credentials) -> Exchange:
        place = self._reserve()

        def send() -> Sent:
            sent, answer, whose = self._parts.access.send(call, credentials)
            return Sent(sent, answer, whose, self._id(place))

        key = (str(call.url), call.headers, credentials)
        sent, by_another = self._parts.answers.ask(key, self._step, send)
        if by_another:
            named = replace(named, answered_by=sent.exchange)
        return self._recorded(place, sent.call, sent.answer, named, sent.whose)

    def _followed(self, call: Call, named: "_Named", credentials: Credentials, *, hops: int) -> Exchange:
        wanted = hops > 0
        while True:
            place = self._reserve()
            sent, answer, whose = self._parts.access.send(call, credentials)
            location = answer.header("location") if wanted and answer.status in REDIRECTS else ""
            if location and hops == 0:
                answer = replace(answer, failure=f"redirected more than {MOST_REDIRECTS} times")
                location = ""
            exchange = self._recorded(place, sent, answer, named, whose)
            if not location or answer.failure:
                return exchange
            try:
                onward = call.url.join(location)
            except httpx.InvalidURL as error:
                return self._refused("GET", location, named, f"it is no URL ({error})")
            call = calls.redirected(call, onward, answer.status)
            hops -= 1

    def _absolute(self, url: str) -> str:
        """A URL relative to the base, or as it is where it has a scheme of its own."""
        if url in {"", "/"}:
            return self.base
        if urlsplit(url.replace("[", "%5B")).scheme and not url.startswith(("/", "?")):
            return url
        return self.base + (url if url.startswith(("/", "?")) else f"/{url}")

    def _id(self, place: int) -> str:
        return f"{self._step}.{place}"

    def _reserve(self) -> int:
        with self._record.lock:
            self._record.exchanges.append(None)
            return len(self._record.exchanges)

    def _refused(self, method: str, url: str, named: "_Named", problem: str) -> Exchange:
        shown = "".join(character if character.isprintable() else "?" for character in url)
        call = Call("".join(c for c in method if c in calls.TOKEN_CHARACTERS) or "?", httpx.URL(self.base))
        answer = Answer(failure=f"{REFUSED}{problem}")
        return self._recorded(self._reserve(), call, answer, named, "none", url=shown)

    def _recorded(
        self, place: int, call: Call, answer: Answer, named: "_Named", whose: Credentials, *, url: str = ""
    ) -> Exchange:
        redactor = self._redactor
        exchange = Exchange(
            id=self._id(place),
            label=redactor.text(named.label),
            about=redactor.strings(named.about),
            method=call.method,
            url=calls.splittable(redactor.url(url or str(call.url), people=False)),
            request_headers=dict(redactor.headers(call.headers)),
            request_body=self._kept(call),
            credentials=whose,
            status=answer.status,
            headers=redactor.headers(answer.headers),
            body=answer.body,
            failure=redactor.text(answer.failure),
            tls=answer.tls,
            tls_key=answer.tls_key,
            at=answer.at,
            elapsed_ms=answer.elapsed_ms,
            attempts=answer.attempts,
            continued=answer.continued,
            answered_by=named.answered_by,
        ).connected(self._parts.bodies.read)
        with self._record.lock:
            self._record.exchanges[place - 1] = exchange
        return exchange

    def _kept(self, call: Call) -> Body | None:
        if not call.content:
            return None
        kinds = [value for name, value in call.headers if name.lower() == "content-type"]
        media_type = kinds[0].partition(";")[0].strip().lower() if kinds else ""
        writer = self._parts.bodies.writer()
        writer.write(self._redactor.body(call.content, media_type))
        return writer.finish(media_type)

    def pause(self, seconds: float) -> None:
        """Wait, at most 300 s at a time. Raises Interrupted once the run is stopped."""
        self._parts.line.wait(min(seconds, LONGEST_PAUSE))

    def remaining(self) -> float:
        """Seconds left until the buyer's limit for one job."""
        return max(0.0, self._parts.target.limits.job_timeout - (time.monotonic() - self._began))

    def note(self, name: str, value: Json) -> None:
        """Record a fact that is in no exchange."""
        fact = orjson.loads(orjson.dumps(value))
        with self._record.lock:
            self._record.notes[name] = self._redactor.strings(fact)

    def tell(self, text: str) -> None:
        """Say to whoever watches the run how far something is that takes long; nothing of it is recorded."""
        self._parts.tell(self._redactor.text(text))

    def documents(self, name: str) -> tuple[Document, ...]:
        """Record the supplier's documents of that name (`exit-plan`, `interface`, `attestation`, `canaries` …)."""
        parts = self._parts
        found = declared(
            name, parts.target, parts.folder, line=parts.line, bodies=parts.bodies, redactor=parts.redactor
        )
        return tuple(self._document(name, each) for each in found)

    def _document(self, name: str, found: Declared) -> Document:
        with self._record.lock:
            document = Document(
                id=f"{self._step}.d{len(self._record.documents) + 1}",
                name=name,
                location=self._redactor.url(found.location, people=False),
                problem=self._redactor.text(found.problem),
                body=found.body,
            ).connected(self._parts.bodies.read)
            self._record.documents.append(document)
        return document

    def destinations(self) -> "dict[str, StepWire]":
        """A wire to each destination by its name, which records in the same step."""
        return {
            parts.target.target: StepWire(self._step, self._tag, parts, self._record)
            for parts in self._parts.elsewhere
        }

    def load(self, files: Iterable[Exchange]) -> None:
        """Load the resources of recorded files with our loader, and record what it tells."""
        given = (chunk for file in files for chunk in ended(file.chunks()))
        with loaded(given, self._parts.line.wait) as found:
            for name, path in (("our-loader", found.back), ("our-loader-refused", found.refused)):
                writer = self._parts.bodies.writer()
                for chunk in self._redactor.stream(chunks_of(path), NDJSON, file=True):
                    writer.write(chunk)
                self._document(name, Declared("conformance.loader", writer.finish(NDJSON)))

    def handshake(self, version: TlsVersion | None = None) -> dict[str, Json]:
        """Shake hands over TLS, offering this version alone, or all that are safe; nothing is asked."""
        return self._parts.handshakes.offering(version)

    def request_token(self, variant: TokenVariant, *, label: str = "token", scope: str = "") -> Exchange:
        """Ask for an access token with a request that deviates as said.

        Raises Untestable where the target does not take client assertions, TargetError where the token
        endpoint is unknown.
        """
        grant = self._parts.access.grant
        if grant is None:
            raise Untestable("the target file gives no smart-backend-services credentials")
        whose: Credentials = "own" if variant in {"good", "reused-jti"} else "bad"
        tried = forms(grant, variant, self._parts.line.now())
        recorded = []
        for index, form in enumerate(tried):
            named = _Named(label if index == len(tried) - 1 else f"{label}-first", {"variant": variant})
            place = self._reserve()
            call = grant.call(form | ({"scope": scope} if scope else {}))
            recorded.append(self._recorded(place, call, self._parts.line.ask(call), named, whose))
        return recorded[-1]

    def created(self, reference: str) -> None:
        """Remember that this resource (`Patient/1`) was created, so that it is removed at the end."""
        self._parts.journal("created", self._redactor.reveal(reference))

    def deleted(self, reference: str) -> None:
        """Remember that this resource is gone."""
        self._parts.journal("deleted", self._redactor.reveal(reference))

    def evidence(self, untestable: str = "", crash: str = "") -> StepEvidence:
        """What was recorded, without secrets but with the ids of people, which the judge has to see.

        What is published of it goes through `Redactor.published` first.
        """
        with self._record.lock:
            exchanges = tuple(exchange for exchange in self._record.exchanges if exchange is not None)
            return StepEvidence(
                step=self._step,
                exchanges=exchanges,
                documents=tuple(self._record.documents),
                notes=dict(self._record.notes),
                untestable=self._redactor.text(untestable),
                crash=self._redactor.text(crash),
            )


@dataclass(frozen=True)
class _Named:
    """What a record says beside what went over the wire."""

    label: str
    about: dict[str, str]
    answered_by: str = ""
