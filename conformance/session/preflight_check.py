"""The points of `check-target`: what must be right before a target can be tested."""

import secrets as random_bytes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.errors import ConformanceError
from conformance.fhir.capability import searchable_types
from conformance.model.evidence import Exchange
from conformance.model.target import DataClass, Target
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.session.points import Point, reached
from conformance.session.preflight import UNAUTHORISED, trouble
from conformance.session.preflight_openapi import openapi_points


def look(target: Target, folder: Path) -> list[Point]:
    """The points in order; later ones are left out where an earlier one makes them pointless."""
    secrets = Secrets()
    redactor = Redactor(random_bytes.token_bytes(32), secrets, target.data_class, target.endpoint)
    try:
        with Client(
            target,
            folder,
            bodies=MemoryBodies(),
            redactor=redactor,
            secrets=secrets,
            run_tag="check-target",
            journal=lambda _event, _reference: None,
        ) as client:
            return list(_points(client, target))
    except ConformanceError as error:
        said = f"{error.message}{f' ({error.hint})' if error.hint else ''}"
        return [Point("credentials", good=False, detail=said)]


def _points(client: Client, target: Target) -> Iterator[Point]:
    for point in openapi_points(client, target) if target.description else _fhir_points(client, target):
        yield point
        if point.good is False and point.name != "credentials":
            return
    yield _permissions(target)
    if target.data_class is not DataClass.SYNTHETIC:
        detail = f"{target.data_class}: bodies are judged in memory and dropped; verdicts rest on your word"
        yield Point("data class", good=None, detail=detail)


def _fhir_points(client: Client, target: Target) -> Iterator[Point]:
    wire = client.wire("check-target")
    open_answer = wire.send("GET", "/metadata", credentials="none")
    yield from reached(open_answer, target)
    if open_answer.failure:
        return
    answer = open_answer
    if open_answer.status in UNAUTHORISED:
        answer = wire.send("GET", "/metadata")
    said, hint = trouble(answer, target)
    yield Point(
        "CapabilityStatement", good=not said, detail=f"{said} ({hint})" if said else _described(answer)
    )
    if not said:
        yield from _credentials(wire.send, target, answer)


def _described(answer: Exchange) -> str:
    statement = answer.resource() or {}
    software = statement.get("software")
    named = software if isinstance(software, dict) else {}
    name = " ".join(str(named.get(part, "")) for part in ("name", "version")).strip()
    return f"FHIR {statement.get('fhirVersion')}, {name or 'unnamed software'}"


def _credentials(send: Any, target: Target, metadata: Exchange) -> Iterator[Point]:
    kinds = searchable_types(metadata.resource() or {})
    if not kinds:
        yield Point("credentials", good=None, detail="no resource type is declared as searchable: not tried")
        return
    answer: Exchange = send("GET", f"/{kinds[0]}?_count=1")
    if answer.ok:
        yield Point(
            "credentials", good=True, detail=f"{answer} answered {answer.status} with auth {target.auth.kind}"
        )
    else:
        detail = f"{answer} {answer.failure or f'answered {answer.status}'}; check `auth` (now: {target.auth.kind})"
        yield Point("credentials", good=False, detail=detail)


def _permissions(target: Target) -> Point:
    if target.permissions.write:
        return Point("permissions", good=True, detail=f"writing is permitted on this {target.environment}")
    return Point(
        "permissions", good=None, detail="reading only: requirements that need writing will be untested"
    )
