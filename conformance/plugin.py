"""The door for authors of checks, probes, generators and enumerators, built in or their own.

```python
@check("acme-request-id")
def echoes_request_id(evidence: Evidence, *, header: str = "X-Request-Id") -> Findings:
    \"\"\"Every response repeats the request id that it was sent.\"\"\"
    for exchange in evidence.exchanges:
        sent = exchange.request_headers.get(header)
        if exchange.header(header) != sent:
            yield exchange.finding(f"was sent {sent} and answered {exchange.header(header)}")
```

What stands before `*` is the harness's, what stands behind it is the profile author's and is validated from its
annotations when a profile is loaded. The docstring is the part's published description; a part without one is
refused. A package offers its module under the entry-point group `conformance.plugins`.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model

from conformance.errors import NoData, NotApplicable, NotJudgeable, Untestable
from conformance.model.base import Json
from conformance.model.evidence import Document, Evidence, Exchange, Finding, Measured, Remark, StepEvidence
from conformance.model.measurement import MeasuredPart, Measurement
from conformance.model.target import TargetCard

__all__ = [
    "Credentials",
    "Document",
    "Evidence",
    "Exchange",
    "Finding",
    "Findings",
    "Json",
    "Measured",
    "MeasuredPart",
    "Measurement",
    "NoData",
    "NotApplicable",
    "NotJudgeable",
    "Part",
    "Remark",
    "Row",
    "StepEvidence",
    "TlsVersion",
    "TokenVariant",
    "Untestable",
    "Wire",
    "check",
    "enumerator",
    "generator",
    "probe",
]

Findings = Iterator[str]
"""One sentence for each thing that is wrong; silence is a pass. A Remark among them says what is not wrong, a Measured
how much of something there is."""

Kind = Literal["check", "probe", "generator", "enumerator"]
Credentials = Literal["own", "none", "bad"]
"""Whose credentials go with a request: the tester's, none at all, or a token that nobody issued."""

TokenVariant = Literal[
    "good", "expired", "wrong-audience", "unknown-key", "reused-jti", "no-algorithm", "far-expiry",
    "signed-with-public-key", "stripped-signature", "unknown-kid", "foreign-jku", "wrong-issuer", "wrong-subject",
    "no-jti", "not-yet-valid", "no-assertion", "wrong-assertion-type", "wrong-grant-type", "no-grant-type",
    "user-scope",
]  # fmt: skip
"""How a request for a token deviates from what SMART Backend Services asks for, most in the client assertion."""

TlsVersion = Literal["1.0", "1.1", "1.2", "1.3"]

F = TypeVar("F", bound=Callable[..., Any])
MARK = "__conformance_part__"


class Wire(Protocol):
    """What a probe talks through: it sends, records, redacts, limits and retries."""

    @property
    def base(self) -> str:
        """The FHIR base URL of the target, without a slash at the end."""

    @property
    def target(self) -> TargetCard:
        """What is known of the target."""

    @property
    def tag(self) -> str:
        """A value that no other step of any run uses: put it into the identifier of what you create."""

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
        """Send one request and record it with its answer.

        `url` is relative to the base (`/Patient/1`) or absolute. A transport failure is recorded in the
        exchange's `failure`, not raised. `file` lifts the limit of size to that for export files; `follow`
        follows redirects, each an exchange of its own; `waits` takes 429 and 503 as answers, since the probe does
        the waiting, instead of trying again and then calling it a failure. `shared` says of a GET that changes
        nothing that the answer may be one that another step got less than a minute ago; a second time in the same
        step it is always asked anew. `json` or `body` is the content.
        """

    def pause(self, seconds: float) -> None:
        """Wait, at most 300 s at a time."""

    def remaining(self) -> float:
        """Seconds left until the buyer's limit for one job."""

    def note(self, name: str, value: Json) -> None:
        """Record a fact that is in no exchange."""

    def tell(self, text: str) -> None:
        """Say to whoever watches the run how far something is that takes long; nothing of it is recorded."""

    def documents(self, name: str) -> tuple[Document, ...]:
        """Record the supplier's documents of that name (`exit-plan`, `interface`, `attestation`, `canaries` …)."""

    def request_token(self, variant: TokenVariant, *, label: str = "token", scope: str = "") -> Exchange:
        """Ask for an access token with a request that deviates as said. Raises Untestable.

        `scope` is asked for in place of the target file's. The token is recorded as a tag; a later request can
        use it by that tag, in an Authorization header or in a URL.
        """

    def handshake(self, version: TlsVersion | None = None) -> dict[str, Json]:
        """Shake hands over TLS, offering this version alone, or all that are safe; nothing is asked. See `note`.

        `outcome` is `agreed`, `refused`, `unreachable`, `impossible` or `plain` (no TLS), `why` says more;
        where all are offered, `certificate` tells `notBefore`, `notAfter` and `names`.
        """

    def destinations(self) -> "Mapping[str, Wire]":
        """A wire to each server, by its name, into which the target file lets an export be loaded.

        What is sent on it is recorded in this step. `created` and `deleted` are of that server there.
        """

    def load(self, files: Iterable[Exchange]) -> None:
        """Load the resources of recorded files with our loader, in processes of its own, and record what it tells.

        The document `our-loader` is what its store gave back, as NDJSON; `our-loader-refused` has a line of JSON for
        each thing that it could not hold (`resource`, `place`, `why`). Raises HarnessError where it broke down.
        """

    def created(self, reference: str) -> None:
        """Remember that this resource (`Patient/1`) was created, so that it is removed at the end."""

    def deleted(self, reference: str) -> None:
        """Remember that this resource is gone."""


@dataclass(frozen=True)
class Row:
    """One thing for which a test becomes a case of its own; an enumerator's rows add fields, the test's placeholders.

    `key` ends the case's id (`Patient.birthdate`): unique among the rows, made of names that FHIR or the target's
    declaration uses and never of values from its data, since ids of cases are published. `lacking` says why the thing
    cannot be tried: then there is no case, and it is named beside the result of the requirement.
    """

    key: str
    lacking: str = ""


@dataclass(frozen=True)
class Part:
    """A check, probe, generator or enumerator with the name by which profiles call it."""

    kind: Kind
    name: str
    function: Callable[..., Any]
    writes: bool = False
    definitions: bool = False
    alike: bool = False
    origin: str = "conformance"

    @property
    def description(self) -> str:
        """The published description."""
        return inspect.getdoc(self.function) or ""

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """A model of what a profile may pass: the keyword-only parameters."""
        fields: dict[str, Any] = {}
        for parameter in inspect.signature(self.function, eval_str=True).parameters.values():
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                default = ... if parameter.default is inspect.Parameter.empty else parameter.default
                fields[parameter.name] = (parameter.annotation, Field(default=default))
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    @cached_property
    def gives(self) -> tuple[str, ...]:
        """The placeholders that an enumerator's rows fill; none for parts of other kinds."""
        if self.kind != "enumerator":
            return ()
        (row,) = get_args(inspect.signature(self.function, eval_str=True).return_annotation)
        return tuple(field.name for field in fields(row) if field.name != "lacking")

    def __call__(self, *given: Any, **arguments: Any) -> Any:
        """Call the part's function with what the harness gives and what the profile says."""
        if not arguments:
            return self.function(*given)
        model = self.arguments.model_validate(arguments)
        values = {name: getattr(model, name) for name in self.arguments.model_fields}
        return self.function(*given, **values)


def check(name: str, *, definitions: bool = False) -> Callable[[F], F]:
    """Mark a generator function `(evidence, *, …) -> Findings` as the check of this name.

    `definitions` says that it judges by the FHIR packages that the suite pins: without them nobody can judge anew.
    """
    return _marker("check", name, definitions=definitions)


def probe(name: str, *, writes: bool = False) -> Callable[[F], F]:
    """Mark a function `(wire, *, …) -> None` as the probe of this name; `writes` if it changes the target."""
    return _marker("probe", name, writes=writes)


def generator(name: str) -> Callable[[F], F]:
    """Mark a function `(*, …) -> hypothesis SearchStrategy` as the generator of this name."""
    return _marker("generator", name)


def enumerator(name: str, *, alike: bool = False) -> Callable[[F], F]:
    """Mark a function `(evidence, choice, *, …) -> Iterator[a dataclass of Row]` as the enumerator of this name.

    It is pure over the discovery evidence. `choice` is a number that the suite recorded, to choose by among what
    the target holds. Raise NotApplicable where the target declares nothing of the kind, NoData where it shows none.
    `alike` gives all tests of a suite that call it the same choice, so that they ask for the same and share evidence.
    """
    return _marker("enumerator", name, alike=alike)


def _marker(
    kind: Kind, name: str, *, writes: bool = False, definitions: bool = False, alike: bool = False
) -> Callable[[F], F]:
    def mark(function: F) -> F:
        if not inspect.getdoc(function):
            raise TypeError(f"the {kind} {name!r} has no docstring: it is the part's published description")
        setattr(function, MARK, Part(kind, name, function, writes, definitions, alike))
        return function

    return mark
