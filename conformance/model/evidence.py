"""Evidence: what was sent to a target and what came back, as recorded.

An exchange is one request and its answer; a document is something that the supplier declares in a file. Bodies
stand apart, by their SHA-256, so that shared ones are kept once. Everything that a check may look at is here, so
that a verdict can be recomputed by anyone who holds the evidence.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, PrivateAttr

from conformance.errors import NotJudgeable
from conformance.model.base import Json, NotJson, Noun, strict_json
from conformance.model.measurement import Measurement
from conformance.model.target import Observed, TargetCard

T = TypeVar("T")

BodyReader = Callable[[str], Iterator[bytes]]
"""From the SHA-256 of a body to its bytes in chunks. Raises KeyError where the body was not kept."""


REFUSED = "refused by the harness: "
"""So begins the `failure` of an exchange that was not sent, since the target named an address not to be asked."""
UNREADABLE = "the body cannot be read: "
"""So begins the `failure` of one whose body is not encoded as the target says."""


_MOST_PROBLEMS = 5
LARGEST_PLAN = 5_000_000
"""The most bytes that an exit plan may have: one of a hundred thousand words has a tenth of this."""


def _nowhere(sha256: str) -> Iterator[bytes]:
    raise KeyError(sha256)


class Body(Noun):
    """The fingerprint of a body. The bytes are kept beside the evidence, unless the data may not be stored."""

    sha256: str
    size: int = Field(ge=0)
    media_type: str = ""


class Content(Noun):
    """Something with a body whose bytes can be read, once it is connected to where bodies are kept."""

    id: str
    body: Body | None = None
    _reader: BodyReader | None = PrivateAttr(default=None)

    @cached_property
    def _memo(self) -> dict[str, Any]:
        return {}

    def connected(self, reader: BodyReader) -> Self:
        """The same content, able to read its body from there."""
        self._reader = reader
        return self

    def chunks(self) -> Iterator[bytes]:
        """The body's bytes in chunks; nothing where there was no body. Raises NotJudgeable if it was not kept."""
        if self.body is None or self.body.size == 0:
            return
        try:
            yield from (self._reader or _nowhere)(self.body.sha256)
        except KeyError:
            raise NotJudgeable(f"the body of {self} was not kept") from None

    def content(self) -> bytes:
        """The body's bytes."""
        return b"".join(self.chunks())

    def json_or_none(self) -> Json:
        """The body as JSON, None where it is none; read once."""
        return self.memo("json", self._read_json)

    def json_problem(self) -> str:
        """Why the body is no JSON; empty where it is."""
        self.json_or_none()
        return str(self._memo.get("json-problem", ""))

    def memo(self, key: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this content: for facts that many checks need."""
        memo = self._memo
        if key not in memo:
            memo[key] = make()
        return memo[key]  # type: ignore[no-any-return]

    def forget(self) -> None:
        """Let go of what was worked out for this content. Where it is needed after all, it is worked out again."""
        self._memo.clear()

    def _read_json(self) -> Json:
        try:
            return strict_json(self.content())
        except NotJson as error:
            self._memo["json-problem"] = str(error)
            return None


class Exchange(Content):
    """One request and its answer. `failure` says why there is no answer that could be judged.

    `answered_by` names the exchange of another step that had asked the same: its answer is this one's, and nothing
    was sent again. `continued` are the places, in bytes as they were sent, at which a file broke off and was gone on
    with by a request for the rest of it.

    `url` and headers are redacted: secrets and, where the data is not synthetic, ids are replaced by keyed tags.
    `label` and `about` are the probe's words for what it sent. `headers` keep their order; names are lowercase.
    """

    label: str = ""
    about: dict[str, str] = Field(default_factory=dict)
    method: str
    url: str
    request_headers: dict[str, str] = Field(default_factory=dict)
    request_body: Body | None = None
    credentials: str = "own"
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    failure: str = ""
    tls: str = ""
    tls_key: str = ""
    at: str = ""
    elapsed_ms: int = 0
    attempts: int = 1
    answered_by: str = ""
    continued: tuple[int, ...] = ()

    def __str__(self) -> str:
        try:
            parts = urlsplit(self.url)
        except ValueError:  # a learned URL may be none
            return f"{self.method} {self.url}"
        return f"{self.method} {parts.path or '/'}{'?' + parts.query if parts.query else ''}"

    def header(self, name: str) -> str | None:
        """The value of a response header, those of several joined by comma; None where absent."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> str:
        """The media type of the answer, in lower case, without parameters; empty where none is stated."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the request's URL, in order."""
        return parse_qsl(self.url.partition("#")[0].partition("?")[2], keep_blank_values=True)

    @property
    def ok(self) -> bool:
        """Whether the answer's status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of statuses named in the docstring

    @property
    def is_faulty(self) -> bool:
        """Whether there is no answer that could be judged, and that is the target's own doing."""
        return self.failure.startswith((REFUSED, UNREADABLE))

    def request_content(self) -> bytes:
        """The bytes that were sent, nothing where none were. Raises NotJudgeable where they were not kept."""
        if self.request_body is None or self.request_body.size == 0:
            return b""
        try:
            return b"".join((self._reader or _nowhere)(self.request_body.sha256))
        except KeyError:
            raise NotJudgeable(f"what was sent with {self} was not kept") from None

    def resource(self, resource_type: str = "") -> dict[str, Any] | None:
        """The body as a FHIR resource (of that type where one is named); None where it is none."""
        value = self.json_or_none()
        if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
            return None
        return value if resource_type in {"", value["resourceType"]} else None

    def finding(self, text: str) -> "Finding":
        """A sentence that begins with this exchange and goes on as given."""
        return Finding(f"{self} {text}", self.id)


class Finding(str):
    """A sentence that says what is wrong, and the id of the exchange or document that shows it."""

    __slots__ = ("shown_by",)
    shown_by: str

    def __new__(cls, text: str, shown_by: str = "") -> Self:
        """A finding; an exchange's own `finding` fills in `shown_by`."""
        finding = super().__new__(cls, text)
        finding.shown_by = shown_by
        return finding


class Remark(str):
    """A sentence that says what a check saw, where that is nothing wrong and a reader will want to know it."""

    __slots__ = ()


class Measured(Remark):
    """A number that a check took from the evidence; it is shown as a measurement and not as a sentence."""

    __slots__ = ("measurement",)
    measurement: Measurement

    def __new__(cls, measurement: Measurement) -> Self:
        """What a check yields for this measurement."""
        measured = super().__new__(cls, measurement.title)
        measured.measurement = measurement
        return measured


class Document(Content):
    """Something that the supplier declares in a file or at a public address; `problem` says why it is not there."""

    name: str
    location: str = ""
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.location or 'not given'})"

    @property
    def is_yaml(self) -> bool:
        """Whether it is written in YAML, by its name or its media type; otherwise it is JSON."""
        media_type = self.body.media_type if self.body is not None else ""
        return "yaml" in media_type or urlsplit(self.location).path.lower().endswith((".yaml", ".yml"))

    def _read_json(self) -> Json:
        if not self.is_yaml:
            return super()._read_json()
        from conformance.model.marked_yaml import read_yaml  # noqa: PLC0415 - most runs to verify hold no YAML

        try:
            marked = read_yaml(self.content().decode("utf-8"), "", core=True)
        except UnicodeDecodeError as error:
            self._memo["json-problem"] = f"it is not UTF-8 (byte {error.start})"
            return None
        if marked.problems:
            said = [
                f"line {p.line}, column {p.column}: {p.message}" for p in marked.problems[:_MOST_PROBLEMS]
            ]
            self._memo["json-problem"] = "; ".join(said)
            return None
        return marked.value

    def finding(self, text: str) -> Finding:
        """A sentence that begins with this document and goes on as given."""
        return Finding(f"{self} {text}", self.id)


class StepEvidence(Noun):
    """All that one step recorded. `untestable` says what it lacked, `crash` what went wrong on our side."""

    step: str
    exchanges: tuple[Exchange, ...] = ()
    documents: tuple[Document, ...] = ()
    notes: dict[str, Any] = Field(default_factory=dict)
    untestable: str = ""
    crash: str = ""

    def connected(self, reader: BodyReader) -> "StepEvidence":
        """The same evidence, its bodies readable."""
        for content in (*self.exchanges, *self.documents):
            content.connected(reader)
        return self

    def forget(self) -> None:
        """Let go of what was worked out for its contents, their parsed bodies above all."""
        for content in (*self.exchanges, *self.documents):
            content.forget()

    def labelled(self, label: str) -> tuple[Exchange, ...]:
        """The exchanges with this label, in the order in which they were sent."""
        return tuple(exchange for exchange in self.exchanges if exchange.label == label)

    def observed(self) -> Observed:
        """Of discovery: what it saw of who answered; needs no bodies."""
        answer = next(iter(self.labelled("metadata")), None)
        if answer is None:
            return Observed()
        declared = answer.body.sha256 if answer.ok and answer.body is not None else ""
        return Observed(capability_statement=declared, tls_key=answer.tls_key)


@dataclass(frozen=True)
class Evidence:
    """What a check looks at: the evidence of one case's steps, what was discovered, and the date to judge by.

    `values` are the values bound into this case (`{"id": "p1", "id.source": "Patient/p1"}`). `definitions` are those
    of the FHIR packages that the suite pins (`conformance.fhir.definitions.library.Definitions`), None where it pins
    none; `lacking` says which packages the profile names and the tester did not have.
    """

    steps: tuple[StepEvidence, ...]
    discovery: StepEvidence
    target: TargetCard
    as_of: dt.date
    values: dict[str, Any] = field(default_factory=dict)
    definitions: Any = None
    lacking: tuple[str, ...] = ()

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges of the case's steps, in order."""
        return tuple(exchange for step in self.steps for exchange in step.exchanges)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents of the case's steps, in order."""
        return tuple(document for step in self.steps for document in step.documents)

    @property
    def first(self) -> Exchange:
        """The first exchange. Raises NotJudgeable where nothing was sent."""
        if not self.exchanges:
            raise NotJudgeable("nothing was sent")
        return self.exchanges[0]

    @property
    def last(self) -> Exchange:
        """The last exchange. Raises NotJudgeable where nothing was sent."""
        if not self.exchanges:
            raise NotJudgeable("nothing was sent")
        return self.exchanges[-1]

    def labelled(self, label: str) -> tuple[Exchange, ...]:
        """The exchanges that the probes labelled so, in order."""
        return tuple(exchange for exchange in self.exchanges if exchange.label == label)

    def document(self, name: str) -> Document | None:
        """The first document of that name."""
        return next((document for document in self.documents if document.name == name), None)

    @property
    def capability_statement(self) -> dict[str, Any] | None:
        """What the target declares at [base]/metadata, as discovered; None where it gives no such resource."""
        answer = next(iter(self.discovery.labelled("metadata")), None)
        return answer.resource("CapabilityStatement") if answer is not None and answer.ok else None
