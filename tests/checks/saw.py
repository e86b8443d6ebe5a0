"""Evidence made by hand: what a check looks at, without a server."""

import datetime as dt
import json
from typing import Any

from conformance.model.base import sha256
from conformance.model.evidence import Body, Evidence, Exchange, StepEvidence
from conformance.model.target import TargetCard
from conformance.probes.request import with_query

IDENTIFIERS = "https://identifiers.example.org"
BASE = "https://fhir.example.org/r4"
FHIR_JSON = "application/fhir+json"


def exchange(
    path: str = "/Patient/1",
    *,
    status: int = 200,
    body: Any = None,
    label: str = "",
    method: str = "GET",
    about: dict[str, str] | None = None,
    media_type: str = FHIR_JSON,
    **headers: str,
) -> Exchange:
    """One request and its answer; `body` is bytes, or what becomes JSON."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sent = {"content-type": media_type, **{n.replace("_", "-").lower(): v for n, v in headers.items()}}
    digest = sha256(data)
    return Exchange(
        id=f"{label or 'x'}-{digest[:8]}",
        body=Body(sha256=digest, size=len(data), media_type=media_type),
        label=label,
        about=about or {},
        method=method,
        url=f"{BASE}{path}",
        status=status,
        headers=tuple((name, value) for name, value in sent.items() if value),
    ).connected(lambda _: iter([data]))


def step(*exchanges: Exchange, **notes: Any) -> StepEvidence:
    return StepEvidence(
        step="s", exchanges=exchanges, notes={name.replace("_", "-"): value for name, value in notes.items()}
    )


def evidence(*steps: StepEvidence | Exchange, discovery: tuple[Exchange, ...] = ()) -> Evidence:
    """Evidence of these steps; exchanges on their own are a step.

    Where each exchange has its label, one stands beside them that no check asks for, so that labels matter.
    """
    alone = tuple(item for item in steps if isinstance(item, Exchange))
    whole = tuple(item for item in steps if isinstance(item, StepEvidence))
    every = [item for each in whole for item in each.exchanges] + list(alone)
    beside = exchange("/Basic/beside", body={"resourceType": "Basic", "id": "beside"}, label="beside")
    more = (beside,) if every and all(item.label for item in every) else ()
    return Evidence(
        steps=(*whole, *((step(*alone, *more),) if alone or more else ())),
        discovery=StepEvidence(step="discovery", exchanges=discovery),
        target=TargetCard(endpoint=BASE),
        as_of=dt.date(2026, 3, 1),
    )


def bundle(*resources: dict[str, Any], total: int | None = None, **links: str) -> dict[str, Any]:
    """A searchset of these resources."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        **({"total": total} if total is not None else {}),
        "link": [{"relation": name, "url": url} for name, url in links.items()],
        "entry": [{"resource": resource, "search": {"mode": "match"}} for resource in resources],
    }


def patient(number: int | str, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": str(number), **elements}


def identified(name: str) -> dict[str, Any]:
    """A patient with an identifier of that value."""
    return patient(name, identifier=[{"system": IDENTIFIERS, "value": name}])


def looked_for(name: str, *found: dict[str, Any], label: str) -> Exchange:
    """A search for patients with an identifier of that value, and what it found."""
    url = with_query("/Patient", {"identifier": f"{IDENTIFIERS}|{name}"})
    return exchange(url, body=bundle(*found), label=label)


def pages(
    *bundles: Any, label: str = "page", path: str = "/Patient?_count=2", ended: str = "complete"
) -> StepEvidence:
    """A search with these pages."""
    answers = [exchange(path, body=page, label=label) for page in bundles]
    return StepEvidence(step="s", exchanges=tuple(answers), notes={f"ended-{label}": ended})


def statement(**resource: Any) -> dict[str, Any]:
    """A capability statement that declares this of Patient."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": [{"type": "Patient", **resource}]}],
    }


def declared(**resource: Any) -> tuple[Exchange, ...]:
    return (exchange("/metadata", body=statement(**resource), label="metadata"),)
