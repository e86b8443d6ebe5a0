"""Evidence made by hand: for tests of checks, which only read what was recorded."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from conformance.model.evidence import Body, Document, Evidence, Exchange, StepEvidence
from conformance.model.target import TargetCard

BASE = "https://ehr.example.org/fhir"
AS_OF = dt.date(2026, 11, 22)


def exchange(
    method: str = "GET",
    url: str = "/",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    body: Any = b"",
    label: str = "",
    about: Mapping[str, str] | None = None,
    **others: Any,
) -> Exchange:
    """One request and its answer; a body that is not bytes is written as JSON; a path is put behind BASE."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    given = tuple((name.lower(), value) for name, value in (headers or {}).items())
    kind = next((value.split(";")[0] for name, value in given if name == "content-type"), "")
    digest = hashlib.sha256(content).hexdigest()
    made = Exchange(
        id=others.pop("id", "step-1.1"),
        method=method,
        url=BASE + url if url.startswith("/") else url,
        status=status,
        headers=given,
        label=label,
        about=dict(about or {}),
        tls=others.pop("tls", "TLSv1.3"),
        body=Body(sha256=digest, size=len(content), media_type=kind) if content else None,
        **others,
    )
    return made.connected(reader_of({digest: content}))


def reader_of(bodies: Mapping[str, bytes], chunk: int = 1000):
    """Reads bodies from memory, in chunks that do not end where lines do."""

    def read(digest: str) -> Iterator[bytes]:
        content = bodies[digest]
        for start in range(0, len(content), chunk):
            yield content[start : start + chunk]

    return read


def step(
    *exchanges: Exchange, name: str = "step-1", documents: Iterable[Document] = (), **notes: Any
) -> StepEvidence:
    return StepEvidence(step=name, exchanges=exchanges, documents=tuple(documents), notes=notes)


def evidence(
    *steps: StepEvidence, discovery: Iterable[Exchange] = (), auth: str = "bearer", **values: Any
) -> Evidence:
    """What a check looks at; `values` are those bound into the case."""
    return Evidence(
        steps=steps,
        discovery=StepEvidence(step="discovery", exchanges=tuple(discovery)),
        target=TargetCard(endpoint=BASE, auth=auth),
        as_of=AS_OF,
        values=values,
    )


def ndjson(*resources: Any) -> bytes:
    return b"".join(orjson.dumps(resource) + b"\n" for resource in resources)
