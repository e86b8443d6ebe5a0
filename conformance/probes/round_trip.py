"""Probes of the way out: an export is loaded into a store and read back; the product reads what it exported."""

from collections.abc import Iterator
from typing import Any, cast

from conformance.analysis.export import manifest, output_files
from conformance.analysis.lines import lines
from conformance.analysis.round_trip import read, written
from conformance.analysis.samples import SAMPLE
from conformance.analysis.spread import Spread
from conformance.fhir.capability import interactions
from conformance.plugin import Exchange, StepEvidence, Untestable, Wire, probe
from conformance.probes.bracketed import Tee, declared_types
from conformance.probes.export import export
from conformance.probes.loading import Loading, load_into, read_back, refuse_unless_free, remove_from
from conformance.probes.patients import RUN_SYSTEM, TEST_DATA, given_id
from conformance.probes.write_round_trip import delete

READ = 3
"""So many resources of each type are read beside their export, spread evenly over all."""
IMPORTED = 2
SERVERS_OWN = frozenset({"id", "meta"})


@probe("export-loaded")
def export_loaded(wire: Wire) -> None:
    """Export everything, load it with our loader in a process of its own, and read it back from there.

    The search by which discovery sampled each type is sent once more (`shown-again`), and a few exported resources of
    each type are read (`exported-read`), all to be held beside their export.
    """
    files = exported_files(wire)
    for kind in declared_types(wire):
        wire.send("GET", f"/{kind}?_count={SAMPLE}", label="shown-again", about={"type": kind})
    for resource in _few(files, READ):
        name = f"{resource['resourceType']}/{resource['id']}"
        wire.send("GET", f"/{name}", label="exported-read", about={"reference": name})
    wire.load(files)


@probe("export-loaded-elsewhere")
def export_loaded_elsewhere(wire: Wire) -> None:
    """Export everything, load it into each destination of the target file, read it back from there, and remove it.

    Labels tell the destination in `about`. Nothing is written to a destination that holds anything with an id of the
    export, and everything that is written carries a tag that marks test data.
    """
    destinations = wire.destinations()
    if not destinations:
        raise Untestable(
            "the target file names no server under destinations into which the export could be loaded"
        )
    files = exported_files(wire)

    def export_lines() -> Iterator[bytes]:
        return (line for file in files for line in lines(file.chunks()))

    held: dict[str, str] = {}
    for name, there in destinations.items():
        loading = Loading()
        try:
            refuse_unless_free(there, export_lines(), name)
            load_into(there, export_lines(), name, loading)
            for _ in read_back(there, loading.sent, name):
                pass
        except Untestable as reason:
            held[name] = str(reason)
        finally:
            remove_from(there, loading.sent, name)
    wire.note("destinations", list(destinations))
    wire.note("destinations-held", held)


@probe("import-own-export", writes=True)
def import_own_export(wire: Wire) -> None:
    """Create anew (`import`) a few resources of each type from the target's own export, and read them back.

    They get a tag that marks test data, and an identifier of their own where the type has some; the references of
    the exported resource stay, since what they lead to is still there. All are removed again. Types that the target
    does not declare create for are left out; what it declares (`declared-types`) is for the check to judge.
    """
    statement_answer = wire.send("GET", "/metadata", label="declared-types", shared=True)
    statement = (statement_answer.resource("CapabilityStatement") if statement_answer.ok else None) or {}
    files = exported_files(wire)
    for number, resource in enumerate(_few(files, IMPORTED)):
        kind = resource["resourceType"]
        if "create" not in interactions(statement, kind):
            continue
        sent = _as_new(resource, f"{wire.tag}-{number}")
        about = {"reference": f"{kind}/{resource['id']}"}
        answer = wire.send("POST", f"/{kind}", label="import", about=about, body=written(sent))
        identity = _identity(answer, kind)
        if identity is None:
            continue
        wire.created(f"{kind}/{identity}")
        wire.send("GET", f"/{kind}/{identity}", label="imported-read", about=about)
        delete(wire, kind, identity)


def exported_files(wire: Wire) -> tuple[Exchange, ...]:
    """Export everything; the files that were fetched. Raises Untestable where there was none."""
    tee = Tee(wire)
    export(cast("Wire", tee), until="files")
    step = StepEvidence(step="export", exchanges=tuple(tee.sent))
    files = output_files(step)
    if manifest(step) is None or not files:
        raise Untestable("no export came to a manifest with files that could be fetched")
    return files


def _few(files: tuple[Exchange, ...], most: int) -> Iterator[dict[str, Any]]:
    """Of each type, so many resources with an id, spread evenly over all that were exported."""
    found: dict[str, Spread[dict[str, Any]]] = {}
    for file in files:
        for resource in filter(None, map(read, lines(file.chunks()))):
            kind = resource.get("resourceType")
            if isinstance(kind, str) and isinstance(resource.get("id"), str) and resource["id"]:
                found.setdefault(kind, Spread(most)).take(resource)
    for kind in sorted(found):
        yield from found[kind].few()


def _as_new(resource: dict[str, Any], own: str) -> dict[str, Any]:
    """The resource as a new one: without the server's own members, marked as test data."""
    sent = {name: value for name, value in resource.items() if name not in SERVERS_OWN}
    meta = resource.get("meta")
    kept = (
        {name: meta[name] for name in ("profile", "security", "tag") if name in meta}
        if isinstance(meta, dict)
        else {}
    )
    tags = kept.get("tag")
    sent["meta"] = {**kept, "tag": [*(tags if isinstance(tags, list) else []), TEST_DATA]}
    if isinstance(sent.get("identifier"), list):
        sent["identifier"] = [*sent["identifier"], {"system": RUN_SYSTEM, "value": own}]
    return sent


def _identity(answer: Exchange, kind: str) -> str | None:
    return given_id(answer, kind) if answer.ok else None
