"""Signed runs against a small server in this process, each about the product that a test names."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from small_profiles import write_profile

from conformance.catalog import built_in
from conformance.model.report import Runner, RunnerRole
from conformance.outside.in_process import in_process
from conformance.outside.keys import KeySigner
from conformance.session.conduct import Finished, Order, conduct
from conformance.session.publishing import Signing
from conformance.views.progress import SilentProgress

JSON = {"Content-Type": "application/fhir+json"}
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [{"mode": "server", "resource": [{"type": "Patient", "interaction": [{"code": "read"}]}]}],
}
PROFILE = """\
profile: tiny
version: 1.0.0
title: A tiny profile
parameters:
  wanted: {default: 404}
requirements:
  - id: T-META
    level: SHALL
    text: There is a capability statement.
    source: https://example.org/#meta
    tests:
      - probe: {request: {path: /metadata, label: metadata}}
        expect: [{status: {code: 200}}]
  - id: T-UNKNOWN
    level: SHALL
    text: What is not there is not found.
    source: https://example.org/#unknown
    tests:
      - probe: {request: {path: "/Patient/nobody"}}
        expect: [{status: {code: "${wanted}"}}]
"""


def a_key() -> KeySigner:
    """A key that nobody trusts yet."""
    return KeySigner(Ed25519PrivateKey.generate())


def honest(request: httpx.Request) -> httpx.Response:
    """A server that knows nobody."""
    if request.url.path.endswith("/metadata"):
        return httpx.Response(200, json=STATEMENT, headers=JSON)
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
    return httpx.Response(404, json=outcome, headers=JSON)


def lying(request: httpx.Request) -> httpx.Response:
    """A server that knows everybody."""
    if request.url.path.endswith("/metadata"):
        return honest(request)
    return httpx.Response(200, json={"resourceType": "Patient", "id": "nobody"}, headers=JSON)


def made_run(
    place: Path,
    signer: KeySigner | None,
    *,
    product: str = "Records",
    version: str = "1.0",
    supplier: str = "Acme",
    server: Callable[[httpx.Request], httpx.Response] = honest,
    role: RunnerRole = RunnerRole.LAB,
    profile: str = PROFILE,
    embedded: bool = False,
    **order: Any,
) -> Finished:
    """A finished run in this new folder."""
    target = in_process(
        httpx.MockTransport(server),
        base="/fhir",
        product=product,
        version=version,
        supplier=supplier,
        data_class="synthetic",
    )
    written = write_profile(place.parent.parent / "profiles", profile)
    return conduct(
        Order(
            profile=str(written),
            target=target.target.model_copy(update={"embedded": embedded}),
            folder=place.parent,
            out=place,
            as_of=dt.datetime.now(dt.UTC).date(),
            runner=Runner(role=role, name="A. Tester"),
            signing=Signing(signer, role) if signer else None,
            transport=target.transport,
            **order,
        ),
        built_in(),
        SilentProgress(),
    )
