"""Canaries: records of known content that are written through normal use, exported, and taken away again.

They show what counts cannot: a system that hides the same data from its search and its export, or shortens texts.
"""

from typing import Any

from conformance.fhir.capability import interactions
from conformance.plugin import Exchange, Untestable, Wire, probe
from conformance.probes.canary_records import canaries
from conformance.probes.export import export
from conformance.probes.patients import given_id

GONE = frozenset({404, 410})


@probe("canary", writes=True)
def canary(wire: Wire, *, count: int = 25) -> None:
    """Create records of known and varied content, read them back, export everything, and remove the records.

    There are `count` records at least. Among the patients are an inactive, a deceased, a restricted one, two that were
    merged, and others with long texts, texts in several scripts, dates of less precision, and an extension; each has a
    measurement with a UCUM unit. A document has its bytes in it. What the target does not declare that it creates is
    left out.
    """
    answer = wire.send("GET", "/metadata", label="declared-types", shared=True)
    statement = (answer.resource("CapabilityStatement") if answer.ok else None) or {}
    if "create" not in interactions(statement, "Patient"):
        raise Untestable("the target does not declare that patients can be created")
    kept: list[dict[str, Any]] = []
    ids: dict[str, str] = {}
    try:
        for record in canaries(wire.tag, count):
            if "create" not in interactions(statement, record.content["resourceType"]):
                continue
            sent = record.content_with(ids)
            if sent is not None:
                _write(wire, record.name, record.state, sent, kept, ids)
        wire.note("canaries", kept)
        if not kept:
            raise Untestable("no canary could be created")
        export(wire)
    finally:
        for one in reversed(kept):
            _remove(wire, one["reference"])


def _write(
    wire: Wire, name: str, state: str, sent: dict[str, Any], kept: list[dict[str, Any]], ids: dict[str, str]
) -> None:
    """Create one canary and read it back; what was refused is no canary."""
    kind = sent["resourceType"]
    answer = wire.send("POST", f"/{kind}", label="canary-create", about={"state": state}, json=sent)
    identity = _identity(answer, kind)
    if identity is None:
        return
    reference = f"{kind}/{identity}"
    wire.created(reference)
    ids[name] = reference
    about = {"state": state, "reference": reference}
    wire.send("GET", f"/{reference}", label="canary-read", about=about)
    kept.append({"reference": reference, "state": state, "sent": sent})


def _identity(answer: Exchange, kind: str) -> str | None:
    return given_id(answer, kind) if answer.ok else None


def _remove(wire: Wire, reference: str) -> None:
    answer = wire.send("DELETE", f"/{reference}", label="canary-delete")
    if answer.ok or answer.status in GONE:
        wire.deleted(reference)
