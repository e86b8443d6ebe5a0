"""Removing from the target what a run created there: at its end, when it is gone on with, or once it is given up."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.fhir.bundles import matches
from conformance.fhir.capability import interactions, searchable_types
from conformance.fhir.references import plain_id
from conformance.model.target import Target
from conformance.outside import folders
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.folders import RunFolder
from conformance.outside.places import private_area
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.plugin import Wire
from conformance.probes.patients import RUN_SYSTEM, TEST_DATA
from conformance.probes.request import with_query
from conformance.session.area import WorkArea, claimed

MOST = 200
GONE = frozenset({404, 410})
_RESOURCE = re.compile(r"[A-Z][A-Za-z]+/[^/]+")


@dataclass(frozen=True)
class Cleaned:
    """What was removed from the target, and what could not be."""

    removed: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()


def clean_up(client: Client, area: WorkArea) -> tuple[str, ...]:
    """Delete what the journal says was created and not deleted since; what will not go is told."""
    return deleted(client, list(area.left_behind())).stays


def clean_after(path: Path, target: Target, target_folder: Path) -> Cleaned:
    """Remove from the target what a run left there that broke off, or that could not remove it itself.

    Raises UsageError where the run is of another target, or the target file gives no permission to write, and
    Unreadable where the folder is none of a run.
    """
    folder = RunFolder(path, Secrets().gate)
    if not folder.has(folders.SUITE):
        raise UsageError(
            f"the run in {path} broke off before its suite was bound, or is none: nothing was created by it"
        )
    suite = folder.suite()
    if suite.target.endpoint != target.card().endpoint:
        raise UsageError(
            f"the run in {path} was made against {suite.target.endpoint}, not {target.card().endpoint}",
            hint="Give the target file of that run with --target.",
        )
    if not target.card().may_write:
        raise UsageError(
            "to remove what a run created is to write, and the target file gives no permission",
            hint="Set permissions: {write: true} in the target file, as it was for the run.",
        )
    named = folder.record().left_behind if folder.has(folders.RECORD) else ()
    if not named and not private_area(suite.run_id).is_dir():
        return Cleaned()
    with claimed(suite.run_id):
        area = WorkArea(suite.run_id)
        try:
            return _cleaned(area, suite.run_id, target, target_folder, named)
        finally:
            if folder.has(folders.REPORT):  # a run that came to its end needs its area no more
                area.erase()


def _cleaned(
    area: WorkArea, run_id: str, target: Target, target_folder: Path, named: Iterable[str]
) -> Cleaned:
    secrets = Secrets()
    redactor = Redactor(area.key, secrets, target.data_class, target.endpoint)
    with Client(
        target,
        target_folder,
        bodies=MemoryBodies(),
        redactor=redactor,
        secrets=secrets,
        run_tag=run_id,
        journal=area.remember,
    ) as client:
        enter_strays(client, area, run_id)
        return deleted(client, list(dict.fromkeys([*area.left_behind(), *named])))


def deleted(client: Client, references: list[str]) -> Cleaned:
    """Delete these from the target, and those that are named by a destination's URL from there."""
    found = _deleted_there(client, [one for one in references if "://" not in one])
    removed, stays = list(found.removed), list(found.stays)
    for base, other in client.elsewhere.items():
        there = [one.removeprefix(f"{base}/") for one in references if one.startswith(f"{base}/")]
        found = _deleted_there(other, there)
        removed += [f"{base}/{one}" for one in found.removed]
        stays += [f"{base}/{one}" for one in found.stays]
    unknown = [
        one
        for one in references
        if "://" in one and not one.startswith(tuple(f"{b}/" for b in client.elsewhere))
    ]
    return Cleaned(tuple(removed), (*stays, *unknown))


def _deleted_there(client: Client, references: list[str]) -> Cleaned:
    """Delete these: one by one, twice since what others refer to may go once they are gone, then all in one go.

    Resources that refer to each other can be deleted together only, where a server minds references.
    """
    wire = client.wire("clean-up")
    left = references
    for _ in range(2):
        left = [reference for reference in left if not _is_deleted(wire, reference)]
    if left and all(map(_RESOURCE.fullmatch, left)) and wire.send("POST", "", json=_together(left)).ok:
        left = [reference for reference in left if not _is_deleted(wire, reference)]
    return Cleaned(tuple(reference for reference in references if reference not in left), tuple(left))


def _is_deleted(wire: Wire, reference: str) -> bool:
    """Delete it, and say whether it is gone now, whatever the server thinks of being asked again."""
    answer = wire.send("DELETE", f"/{reference}")
    gone = answer.ok or answer.status in GONE or wire.send("GET", f"/{reference}").status in GONE
    if gone:
        wire.deleted(reference)
    return gone


def _together(references: list[str]) -> dict[str, Any]:
    entries = [{"request": {"method": "DELETE", "url": reference}} for reference in references]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def enter_strays(client: Client, area: WorkArea, run_id: str) -> None:
    """Enter test data of this run in the journal that was created just before the run was killed.

    It is sought, among the types that can be created, by the tag that marks test data, and known by the identifier
    that names its run. A target that does not offer that search shows none: then only the journal counts.
    """
    tag = f"{TEST_DATA['system']}|{TEST_DATA['code']}"
    wire = client.wire("clean-up")
    answer = wire.send("GET", "/metadata")
    statement = (answer.resource("CapabilityStatement") if answer.ok else None) or {}
    for kind in searchable_types(statement):
        if "create" not in interactions(statement, kind):
            continue
        found = wire.send("GET", with_query(f"/{kind}", {"_tag": tag, "_count": str(MOST)}))
        bundle = found.resource("Bundle") if found.ok else None
        for resource in matches(bundle or {}):
            mine = any(identifier.startswith(f"{run_id}-") for identifier in _run_identifiers(resource))
            if mine and resource.get("resourceType") == kind and plain_id(resource.get("id")):
                area.remember("created", f"{kind}/{resource['id']}")


def _run_identifiers(resource: dict[str, Any]) -> Iterator[str]:
    listed = resource.get("identifier")
    for identifier in listed if isinstance(listed, list) else ():
        if isinstance(identifier, dict) and identifier.get("system") == RUN_SYSTEM:
            yield str(identifier.get("value", ""))
