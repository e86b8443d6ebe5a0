"""Removing from the target what a run created there."""

from collections.abc import Iterator
from typing import Any

from conformance.fhir.bundles import matches
from conformance.outside.client import Client
from conformance.probes.patients import RUN_SYSTEM, TEST_DATA
from conformance.probes.request import with_query
from conformance.session.area import WorkArea

MOST = 200


def clean_up(client: Client, area: WorkArea) -> tuple[str, ...]:
    """Delete what the journal says was created and not deleted since; what will not go is told."""
    stays = []
    wire = client.wire("clean-up")
    for reference in list(area.left_behind()):
        answer = wire.send("DELETE", f"/{reference}")
        if answer.ok or answer.status in {404, 410}:
            wire.deleted(reference)
        else:
            stays.append(reference)
    return tuple(stays)


def enter_strays(client: Client, area: WorkArea, run_id: str) -> None:
    """Enter test patients of this run in the journal that were created just before the run was killed.

    They are sought by the tag that marks test data and known by the identifier that names their run. A target
    that does not offer that search shows none: then only the journal counts.
    """
    tag = f"{TEST_DATA['system']}|{TEST_DATA['code']}"
    answer = client.wire("clean-up").send("GET", with_query("/Patient", {"_tag": tag, "_count": str(MOST)}))
    bundle = answer.resource("Bundle") if answer.ok else None
    for patient in matches(bundle or {}):
        mine = any(identifier.startswith(f"{run_id}-") for identifier in _run_identifiers(patient))
        if mine and isinstance(patient.get("id"), str):
            area.remember("created", f"Patient/{patient['id']}")


def _run_identifiers(patient: dict[str, Any]) -> Iterator[str]:
    listed = patient.get("identifier")
    for identifier in listed if isinstance(listed, list) else ():
        if isinstance(identifier, dict) and identifier.get("system") == RUN_SYSTEM:
            yield str(identifier.get("value", ""))
