"""What goes into an export: which versions of which resources, as they were when it was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from conformance.reference.behaviour.export import ExportBehaviour
from conformance.reference.export.parameters import LATEST
from conformance.reference.export.request import ExportRequest
from conformance.reference.records.compartment import members
from conformance.reference.records.store import Store
from conformance.reference.search.matching import match_versions

_LATEST = """
SELECT v.pk, v.id, v.updated, v.deleted FROM versions v
JOIN (SELECT max(pk) AS pk FROM versions WHERE type = ? AND pk <= ? GROUP BY id) latest ON v.pk = latest.pk
ORDER BY v.pk
"""
_Row = tuple[int, str, int, int]


@dataclass(frozen=True)
class Plan:
    """For each type the keys of the versions to write, and the resources to report as deleted.

    `blocks` are the keys by patient, where files are to be organised so: the patient comes first.
    """

    outputs: Mapping[str, Sequence[int]]
    deleted: Sequence[str]
    blocks: Mapping[str, Sequence[int]] = field(default_factory=dict)


def plan(
    store: Store, request: ExportRequest, snapshot: int, behaviour: ExportBehaviour, number: int = 0
) -> Plan:
    """What the export of that snapshot holds."""
    selected, everyone = _patients(store, request, snapshot, behaviour)
    outputs: dict[str, list[int]] = {}
    names: dict[int, str] = {}
    deleted: list[str] = []
    for resource_type in request.types:
        if behaviour.left_out(request.level, resource_type, request.is_bare):
            continue
        rows: list[_Row] = [
            (row[0], row[1], row[2], row[3])
            for row in store.select(_LATEST, (resource_type, snapshot))
            if _in_time(request, row[2])
        ]
        if selected is not None:
            rows = _within(store, resource_type, rows, selected, everyone)
        live = [
            (pk, identifier) for pk, identifier, _, gone in _lagging(rows, request, behaviour) if not gone
        ]
        if resource_type in request.filters:
            matching = [set(match_versions(store, query)) for query in request.filters[resource_type]]
            either = behaviour.parameters.filters_are_alternatives
            kept = set().union(*matching) if either else set.intersection(*matching)
            live = [(pk, identifier) for pk, identifier in live if pk in kept]
        names.update((pk, f"{resource_type}/{identifier}") for pk, identifier in live)
        outputs[resource_type] = [pk for pk, _ in live]
        if request.since is not None:
            gone = {identifier for _, identifier, _, gone in rows if gone}
            deleted.extend(f"{resource_type}/{identifier}" for identifier in sorted(gone))
            if behaviour.deletions.exported_too:
                outputs[resource_type] += _before_deletion(store, resource_type, gone)
    lost = behaviour.lost_from_job(number, list(names.values()))
    if request.since is not None:
        lost = lost | behaviour.lost_since(list(names.values()))
    kept_keys = {name: [pk for pk in keys if names.get(pk) not in lost] for name, keys in outputs.items()}
    if request.association:
        latest = request.association == LATEST and behaviour.parameters.latest_provenance_only
        found = _provenance(store, kept_keys, names, latest_only=latest)
        kept_keys["Provenance"] = found if behaviour.parameters.associated_found else []
    written = _moved({name: keys for name, keys in kept_keys.items() if keys}, behaviour)
    told = deleted if behaviour.deletions.told else []
    return Plan(written, told, _blocks(store, written, behaviour) if request.organised else {})


def _in_time(request: ExportRequest, updated: int) -> bool:
    return (request.since is None or updated > request.since) and (
        request.until is None or updated < request.until
    )


def _lagging(rows: list[_Row], request: ExportRequest, behaviour: ExportBehaviour) -> list[_Row]:
    """All rows, or those that a server shows whose copy for exports lags behind."""
    if not behaviour.newest_left_out or not request.is_bare:
        return rows
    moments = sorted(row[2] for row in rows)
    newest = moments[-max(1, int(len(moments) * behaviour.newest_left_out)) :]
    return [row for row in rows if row[2] not in newest]


def _patients(
    store: Store, request: ExportRequest, snapshot: int, behaviour: ExportBehaviour
) -> tuple[set[str] | None, set[str]]:
    if request.level == "system":
        return None, set()
    # Deleted patients stay in the sets, so that what was deleted with them is reported.
    everyone = {row[1] for row in store.select(_LATEST, ("Patient", snapshot))}
    selected = set(everyone)
    if request.group is not None:
        rows = store.select(
            "SELECT text FROM versions WHERE type = 'Group' AND id = ? AND pk <= ? ORDER BY pk DESC LIMIT 1",
            (request.group, snapshot),
        )
        selected &= members(orjson.loads(rows[0][0]))
        selected |= behaviour.extra_patients(sorted(everyone - selected))
    if request.patients is not None:
        selected &= request.patients
    return selected, everyone


def _within(
    store: Store,
    resource_type: str,
    rows: Sequence[_Row],
    selected: set[str],
    everyone: set[str],
) -> list[_Row]:
    """The rows about selected patients and about no other patient: what concerns others too stays out."""
    touched = _touched(store, resource_type)
    latest_of = {identifier: pk for pk, (identifier, _) in touched.items()}
    kept = []
    for row in rows:
        pk, identifier, _, gone = row
        _, patients = touched.get(latest_of.get(identifier, pk) if gone else pk, ("", set()))
        if patients & everyone and patients & everyone <= selected:
            kept.append(row)
    return kept


def _touched(store: Store, resource_type: str) -> dict[int, tuple[str, set[str]]]:
    """For each version of a type that is about patients its id, and whom it is about, in the order of versions."""
    found: dict[int, tuple[str, set[str]]] = {}
    sql = (
        "SELECT c.pk, c.patient, v.id FROM compartment c JOIN versions v ON v.pk = c.pk "
        "WHERE v.type = ? ORDER BY c.pk"
    )
    for pk, patient, identifier in store.select(sql, (resource_type,)):
        found.setdefault(pk, (identifier, set()))[1].add(patient)
    return found


def _before_deletion(store: Store, resource_type: str, gone: set[str]) -> list[int]:
    """The last versions of deleted resources that held anything."""
    sql = "SELECT id, max(pk) FROM versions WHERE type = ? AND deleted = 0 GROUP BY id"
    return [pk for identifier, pk in store.select(sql, (resource_type,)) if identifier in gone]


def _provenance(
    store: Store, outputs: Mapping[str, Sequence[int]], names: Mapping[int, str], *, latest_only: bool
) -> list[int]:
    """The Provenance of what else is exported: all of it, or for each resource the one recorded last."""
    others = {
        names[pk] for kind, keys in outputs.items() if kind != "Provenance" for pk in keys if pk in names
    }
    about: dict[str, list[tuple[str, int]]] = {}
    for version in store.fetch(outputs.get("Provenance", [])):
        record = orjson.loads(version.text)
        for target in record.get("target", ()):
            name = "/".join(str(target.get("reference", "")).partition("/_history/")[0].split("/")[-2:])
            if name in others:
                about.setdefault(name, []).append((str(record.get("recorded", "")), version.pk))
    kept = {pk for found in about.values() for _, pk in ([max(found)] if latest_only else found)}
    return sorted(kept)


def _blocks(
    store: Store, outputs: Mapping[str, Sequence[int]], behaviour: ExportBehaviour
) -> dict[str, list[int]]:
    """The keys by patient, each patient first; what belongs to several is repeated, what to nobody is left out."""
    blocks: dict[str, list[int]] = {
        version.id: [version.pk] for version in store.fetch(outputs.get("Patient", []))
    }
    for kind, keys in outputs.items():
        if kind == "Patient" or not (behaviour.organised.whole_compartments or kind == "Encounter"):
            continue
        touched = _touched(store, kind)
        for pk in keys:
            for patient in sorted(touched.get(pk, ("", set()))[1] & blocks.keys()):
                blocks[patient].append(pk)
    return blocks


def _moved(outputs: dict[str, list[int]], behaviour: ExportBehaviour) -> dict[str, list[int]]:
    move = behaviour.moved(sorted(outputs))
    if move is None:
        return outputs
    source, target = move
    outputs[target] = [*outputs[target], outputs[source][-1]]
    outputs[source] = outputs[source][:-1]
    return {name: keys for name, keys in outputs.items() if keys}
