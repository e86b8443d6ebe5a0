"""Probes of the Bulk Data export: one whole job, from the kick-off to the last file.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from conformance.analysis.export import together
from conformance.analysis.instants import http_date, instant
from conformance.model.evidence import Exchange
from conformance.plugin import Untestable, Wire, probe
from conformance.probes.export_after import Fetched, look_again, look_at_what_is_gone
from conformance.probes.export_files import fetch, fetch_one, in_the_open, listed_files, probe_file_protection
from conformance.probes.export_job import (
    Edition,
    KickOff,
    Level,
    Method,
    begin,
    clear_away,
    follow,
    follow_pages,
    kick_off,
    probe_status_protection,
)
from conformance.probes.token import NarrowBearer

FHIR_JSON = "application/fhir+json"
SAMPLED_TYPES = ("Patient", "Encounter", "Condition", "Observation")
SAMPLE = 50

Until = Literal["kick-off", "manifest", "files", "protection", "after"]


@probe("export")
def export(  # noqa: PLR0913 - what stands behind the star are a profile's words
    wire: Wire,
    *,
    level: Level = "system",
    group: str = "",
    parameters: dict[str, str | list[str]] | None = None,
    until: Until = "protection",
    accept: str = FHIR_JSON,
    prefer: str = "respond-async",
    again: int = 0,
    by: Method = "",
    edition: Edition = "STU3",
    narrow: str = "",
) -> None:
    """Carry one export job through: kick-off, status, manifest, every file; then clear the job away.

    `until` ends it sooner: with the kick-off, the manifest or the files. `protection` goes on to ask for the status
    URL and some files without credentials and with a token that nobody issued, where the target asks for
    credentials; `after` also looks again at manifest, files and attachments, and for what is not there. `again` sets
    apart a repetition of the same export, which would otherwise share its evidence. `by` is the method of the
    kick-off, where it is not to be that of the edition. `narrow` names a type: the job is then one of a token that
    is good for that type only.
    """
    if again:
        wire.note("again", again)
    wire.note("edition", edition)
    request = kick_off(wire.base, level, group, parameters or {}, by=by, edition=edition)
    headers = NarrowBearer(wire, narrow) if narrow else {}
    asked = replace(request, accept=accept, headers={**({"Prefer": prefer} if prefer else {}), **headers})
    carry_out(wire, asked, until=until, headers=headers)


@probe("export-since")
def export_since(
    wire: Wire, *, parameter: Literal["_since", "_until"] = "_since", edition: Edition = "STU3"
) -> None:
    """Export what changed after, or up to, a moment that lies amid the last updates of a sample of resources."""
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
    carry_out(
        wire,
        preferring(kick_off(wire.base, "system", "", {parameter: since}, edition=edition)),
        until="files",
    )


@probe("export-since-now")
def export_since_now(wire: Wire, *, edition: Edition = "STU3") -> None:
    """Export the patients that changed after this moment, by the target's own clock where it tells the time.

    Nothing is to be expected, unless somebody writes at the same time.
    """
    answer = wire.send("GET", "/metadata", label="clock")
    told = answer.header("date")
    now = http_date(told or "") or dt.datetime.now(dt.UTC)
    since = (now + dt.timedelta(seconds=2)).isoformat(timespec="seconds")
    parameters = {"_type": "Patient", "_since": since}
    carry_out(wire, preferring(kick_off(wire.base, "system", "", parameters, edition=edition)), until="files")


def carry_out(
    wire: Wire,
    request: KickOff,
    *,
    until: Until,
    headers: Mapping[str, str] | None = None,
    clear: bool = True,
) -> str:
    """Begin an export, carry it on until this point, and clear it away; gives the URL of its status."""
    _, where = begin(wire, request)
    if where:
        fetched = None if until == "kick-off" else _carry_through(wire, where, until, headers or {})
        if clear:
            clear_away(wire, where, headers)
        if fetched is not None and until == "after":
            look_at_what_is_gone(wire, fetched)
    return where


def _carry_through(wire: Wire, where: str, until: Until, headers: Mapping[str, str]) -> Fetched | None:
    answer = follow(wire, where, headers, running=_FirstFile(wire, where, headers))
    if answer is None or not answer.ok or not isinstance(answer.json_or_none(), dict):
        return None
    manifest = together(
        [page for page in follow_pages(wire, answer, where, headers) if isinstance(page, dict)]
    )
    if until == "manifest":
        return None
    fetched = Fetched(manifest, where)
    fetch(wire, manifest, where, headers, fetched.take)
    if until in {"protection", "after"} and wire.target.auth != "none":
        probe_status_protection(wire, where)
        probe_file_protection(wire, manifest, where)
    if until == "after":
        look_again(wire, fetched)
    return fetched


@dataclass
class _FirstFile:
    """Fetches one file of the first manifest that is shown while the job is running (`file-early`)."""

    wire: Wire
    where: str
    headers: Mapping[str, str]
    is_fetched: bool = False

    def __call__(self, answer: Exchange) -> None:
        """Look at an answer of the status URL."""
        shown = answer.json_or_none() if answer.ok and not self.is_fetched else None
        files = listed_files(shown, self.where) if isinstance(shown, dict) else ()
        file = next((each for each in files if not in_the_open(self.wire, each.url)), None)
        if file is not None and isinstance(shown, dict):
            self.is_fetched = True
            fetch_one(self.wire, shown, file, "file-early", self.headers)


def preferring(request: KickOff) -> KickOff:
    """The request with the header that a client should send."""
    return replace(request, headers={"Prefer": "respond-async"})


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
