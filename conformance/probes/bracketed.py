"""An export between two countings, so that a target that changes meanwhile is told from one that loses data."""

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from conformance.analysis.elements import Attachment
from conformance.analysis.export import manifest, manifest_exchange, output_files
from conformance.analysis.facts import facts_of
from conformance.fhir.addresses import led_to
from conformance.fhir.bundles import link, matches
from conformance.fhir.capability import operations, searchable_types, system_operations
from conformance.plugin import Exchange, StepEvidence, Untestable, Wire, probe
from conformance.probes.definitions import fetch_definitions
from conformance.probes.export import Until, export
from conformance.probes.export_job import Edition, Level

PAGE = 200
MOST_PAGES = 100_000
ATTACHMENTS = 50
LARGEST = 2**30
"""An attachment that is stated to be larger is not fetched whole: it would take longer than it can tell."""


class Tee:
    """A wire that also remembers the exchanges, for a probe that has to look at what came back."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.sent: list[Exchange] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wire, name)

    def send(self, *given: Any, **named: Any) -> Exchange:
        """Send and remember."""
        exchange = self._wire.send(*given, **named)
        self.sent.append(exchange)
        return exchange


@probe("export-bracketed")
def export_bracketed(wire: Wire, *, again: int = 0, edition: Edition = "STU3") -> None:
    """Count the resources of each type, export everything without parameters, and count again.

    Where the target declares no export of the system, all patients are exported, or else the first group that a search
    shows. Between the countings, all patients are listed by search, up to fifty attachments that the export names are
    fetched, and so is what the supplier publishes of its own extensions and codes. `again` sets apart a repetition,
    which does none of the three, but asks for a file twice.
    """
    types = declared_types(wire)
    level, group = _level(wire)
    if again:
        wire.note("again", again)
    count(wire, types, "total-before")
    if not again and "Patient" in types:
        list_patients(wire)
    tee = Tee(wire)
    until: Until = "after" if again else "protection"
    export(cast("Wire", tee), level=level, group=group, until=until, edition=edition)
    if not again:
        fetch_attachments(wire, tee.sent)
        fetch_definitions(wire, tee.sent)
    count(wire, types, "total-after")


@probe("patients")
def patients(wire: Wire) -> None:
    """List the ids of all patients by paging through a search."""
    list_patients(wire)


def declared_types(wire: Wire) -> list[str]:
    """The resource types that the target declares as searchable. Raises Untestable where it declares none."""
    answer = wire.send("GET", "/metadata", label="declared-types", shared=True)
    statement = (answer.resource("CapabilityStatement") if answer.ok else None) or {}
    types = searchable_types(statement)
    if not types:
        raise Untestable("the target's capability statement declares no resource type that can be searched")
    return types


def _level(wire: Wire) -> tuple[Level, str]:
    """The widest level at which the target declares exports, and the group's id for that of a group."""
    answer = wire.send("GET", "/metadata", label="declared-types", shared=True)
    statement = (answer.resource("CapabilityStatement") if answer.ok else None) or {}
    if "export" in system_operations(statement):
        return "system", ""
    if "export" in operations(statement, "Patient"):
        return "patient", ""
    if "export" in operations(statement, "Group"):
        shown = wire.send("GET", "/Group?_count=1", label="group")
        for group in matches((shown.resource("Bundle") if shown.ok else None) or {}):
            if isinstance(group.get("id"), str):
                return "group", group["id"]
    return "system", ""


def count(wire: Wire, types: list[str], label: str) -> None:
    """Ask how many resources of each type there are."""
    for kind in types:
        wire.send("GET", f"/{kind}?_summary=count", label=label, about={"type": kind})


def list_patients(wire: Wire) -> None:
    """Page through all patients; the pages are labelled `patient-page`."""
    url: str | None = f"/Patient?_count={PAGE}&_elements=id"
    seen: set[str] = set()
    while url and url not in seen and len(seen) < MOST_PAGES:
        seen.add(url)
        answer = wire.send("GET", url, label="patient-page")
        bundle = answer.resource("Bundle") if answer.ok else None
        onward = link(bundle, "next") if bundle is not None else None
        url = led_to(answer.url, onward) if onward else None
    if url:
        wire.note("patients-incomplete", True)


def fetch_attachments(wire: Wire, sent: list[Exchange]) -> None:
    """Fetch the attachments that the exported files name by URL, at most fifty, spread evenly over all."""
    step = StepEvidence(step="export", exchanges=tuple(sent))
    listing = manifest(step)
    if listing is None or manifest_exchange(step) is None:
        return
    found = sorted(_with_url(output_files(step)), key=lambda one: (one.source, one.url))
    wire.note("attachments-named", len(found))
    every = max(1, -(-len(found) // ATTACHMENTS))
    for attachment in found[::every]:
        about = {
            "reference": attachment.source,
            "size": "" if attachment.size is None else str(attachment.size),
        }
        about |= {"hash": attachment.hash, "contentType": attachment.content_type, "url": attachment.url}
        accept = attachment.content_type.split(";")[0].strip() or "*/*"
        # One that is not known to be of a bearable size has only the room of any other answer.
        known = attachment.size is not None and attachment.size <= LARGEST
        wire.send(
            "GET", _address(wire, attachment.url), label="attachment", about=about, accept=accept, file=known
        )


def _with_url(files: tuple[Exchange, ...]) -> Iterator[Attachment]:
    for file in files:
        for attachment in facts_of(file).attachments:
            if attachment.url and not attachment.url.startswith("#") and _fetchable(attachment.url):
                yield attachment


def _fetchable(url: str) -> bool:
    return urlsplit(url.replace("[", "%5B")).scheme in {"", "http", "https"}


def _address(wire: Wire, url: str) -> str:
    return url if urlsplit(url.replace("[", "%5B")).scheme else f"{wire.base}/{url.lstrip('/')}"
