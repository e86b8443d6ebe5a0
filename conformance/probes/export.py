"""Probes of the Bulk Data export: one whole job, from the kick-off to the last file.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html
"""

import datetime as dt
from typing import Any, Literal

from conformance.analysis.instants import instant
from conformance.model.evidence import Exchange
from conformance.plugin import Untestable, Wire, probe
from conformance.probes.export_files import fetch, probe_file_protection
from conformance.probes.export_job import (
    Level,
    begin,
    cancel,
    clear_away,
    export_url,
    follow,
    probe_status_protection,
)

FHIR_JSON = "application/fhir+json"
SAMPLED_TYPES = ("Patient", "Encounter", "Condition", "Observation")
SAMPLE = 50

Until = Literal["kick-off", "manifest", "files"]


@probe("export")
def export(  # noqa: PLR0913 - what stands behind the star are a profile's words
    wire: Wire,
    *,
    level: Level = "system",
    group: str = "",
    parameters: dict[str, str | list[str]] | None = None,
    until: Until = "files",
    accept: str = FHIR_JSON,
    prefer: str = "respond-async",
    again: int = 0,
) -> None:
    """Carry one export job through: kick-off, status, manifest, every file; then clear the job away.

    `until` ends it sooner. After the files, the status URL and one file are asked for without credentials and
    with a token that nobody issued, where the target asks for credentials. `again` sets apart a repetition of
    the same export, which would otherwise share its evidence.
    """
    if again:
        wire.note("again", again)
    _, where = begin(wire, export_url(wire, level, group, parameters or {}), accept=accept, prefer=prefer)
    if where:
        if until != "kick-off":
            _carry_through(wire, where, with_files=until == "files")
        clear_away(wire, where)


@probe("export-cancelled")
def export_cancelled(wire: Wire) -> None:
    """Begin an export of everything and cancel it; then ask for its status, and cancel it again."""
    _, where = begin(wire, export_url(wire, "system", "", {}), accept=FHIR_JSON, prefer="respond-async")
    if where:
        cancel(wire, where)


@probe("export-since")
def export_since(wire: Wire) -> None:
    """Export what changed after a moment that lies amid the last updates of a sample of resources."""
    moments: dict[dt.datetime, str] = {}
    for resource_type in SAMPLED_TYPES:
        url = f"/{resource_type}?_count={SAMPLE}"
        answer = wire.send("GET", url, label="sample", about={"type": resource_type})
        moments.update(_last_updates(answer))
    if not moments:
        raise Untestable("no sampled resource has a meta.lastUpdated to export from")
    middle = sorted(moments)[(len(moments) - 1) // 2]
    # Where all changed at one moment, the second before it is the last from which anything is to be seen.
    since = moments[middle] if len(moments) > 1 else (middle - dt.timedelta(seconds=1)).isoformat()
    wire.note("since", since)
    url = export_url(wire, "system", "", {"_since": since})
    _, where = begin(wire, url, accept=FHIR_JSON, prefer="respond-async")
    if where:
        _carry_through(wire, where, with_files=True, protection=False)
        clear_away(wire, where)


def _carry_through(wire: Wire, where: str, *, with_files: bool, protection: bool = True) -> None:
    answer = follow(wire, where)
    if answer is None or not answer.ok:
        return
    manifest = answer.json_or_none()
    if not with_files or not isinstance(manifest, dict):
        return
    fetch(wire, manifest, where)
    if protection and wire.target.auth != "none":
        probe_status_protection(wire, where)
        probe_file_protection(wire, manifest, where)


def _last_updates(answer: Exchange) -> dict[dt.datetime, str]:
    """The moments at which the resources of a search answer were last changed, and the texts for them."""
    bundle: dict[str, Any] = (answer.resource("Bundle") if answer.ok else None) or {}
    entries = bundle.get("entry")
    found: dict[dt.datetime, str] = {}
    for entry in entries if isinstance(entries, list) else []:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        meta = resource.get("meta") if isinstance(resource, dict) else None
        text = meta.get("lastUpdated") if isinstance(meta, dict) else None
        moment = instant(text)
        if moment is not None and isinstance(text, str):
            found[moment] = text
    return found
