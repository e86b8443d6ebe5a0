"""What the notification service needs before it answers: a client's secret, its declaration, a target file."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from starlette.applications import Starlette

from conformance.reference.dossier_attestation import write_private
from conformance.reference.open_api.app import CLIENT_ID, Service, create_app
from conformance.reference.open_api.behaviour import OpenApiBehaviour
from conformance.reference.open_api.description import TITLE, VERSION
from conformance.reference.open_api.offer import SUPPLIER, declaration
from conformance.reference.process_setup import Options

READY = "/v2/health"
"""The path that answers once the service does."""


def prepared(options: Options, behaviour: OpenApiBehaviour, origin: str, work: Path) -> Starlette:
    """The service at this origin; what a tester needs is written into the work folder."""
    secret = secrets.token_urlsafe(24)
    write_private(work / "client-secret.txt", secret.encode())
    (work / "docs").mkdir(exist_ok=True)
    told = behaviour.declaration(declaration(origin))
    (work / "docs" / "interface.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    target = _target(options, origin)
    (work / "target.yaml").write_text(yaml.safe_dump(target, sort_keys=False), encoding="utf-8")
    return create_app(Service(origin, behaviour, secret, options.as_of or datetime.now(UTC).date()))


def _target(options: Options, origin: str) -> dict[str, Any]:
    known = {"tokenUrl": f"{origin}/token", "clientId": CLIENT_ID, "clientSecret": "file:client-secret.txt"}
    return {
        "target": "tern-notify",
        "supplier": SUPPLIER,
        "product": TITLE,
        "version": VERSION,
        "environment": "sandbox",
        "dataClass": "synthetic",
        "endpoint": f"{origin}/v2",
        "description": f"{origin}/openapi.json",
        "embedded": True,
        **({} if options.http else {"tls": {"ca": "ca.pem"}}),
        "auth": {"kind": "client-credentials", **known, "scope": "notify"},
        "permissions": {"write": True},
        "documents": {"interface": "docs/interface.json"},
    }
