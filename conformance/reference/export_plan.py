"""What goes into an export: which versions of which resources, as they were when it was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from conformance.reference.behaviour import ExportBehaviour
from conformance.reference.compartment import members
from conformance.reference.export_request import ExportRequest
from conformance.reference.matching import match_versions
from conformance.reference.store import Store

_LATEST = """
SELECT v.pk, v.id, v.updated, v.deleted FROM versions v
JOIN (SELECT max(pk) AS pk FROM versions WHERE type = ? AND pk <= ? GROUP BY id) latest ON v.pk = latest.pk
ORDER BY v.pk
"""


@dataclass(frozen=True)
class Plan:
    """For each type the keys of the versions to write, and the resources to report as deleted."""

    outputs: Mapping[str, Sequence[int]]
    deleted: Sequence[str]


def plan(
    store: Store, request: ExportRequest, snapshot: int, behaviour: ExportBehaviour, number: int = 0
) -> Plan:
    """What the export of that snapshot holds."""
    selected, everyone = _patients(store, request, snapshot, behaviour)
    outputs: dict[str, list[int]] = {}
    names: dict[int, str] = {}
    deleted: list[str] = []
    for resource_type in request.types:
        rows = [row for row in store.select(_LATEST, (resource_type, snapshot)) if _in_time(request, row[2])]
        if selected is not None:
            rows = _within(store, resource_type, rows, selected, everyone)
        live = [(pk, identifier) for pk, identifier, _, gone in rows if not gone]
        if resource_type in request.filters:
            kept = set().union(*(match_versions(store, query) for query in request.filters[resource_type]))
            live = [(pk, identifier) for pk, identifier in live if pk in kept]
        names.update((pk, f"{resource_type}/{identifier}") for pk, identifier in live)
        outputs[resource_type] = [pk for pk, _ in live]
        if request.since is not None:
            deleted.extend(f"{resource_type}/{identifier}" for _, identifier, _, gone in rows if gone)
    lost = behaviour.lost_from_job(number, list(names.values()))
    if request.since is not None:
        lost = lost | behaviour.lost_since(list(names.values()))
    kept_keys = {name: [pk for pk in keys if names[pk] not in lost] for name, keys in outputs.items()}
    return Plan(_moved({name: keys for name, keys in kept_keys.items() if keys}, behaviour), deleted)


def _in_time(request: ExportRequest, updated: int) -> bool:
    return (request.since is None or updated > request.since) and (
        request.until is None or updated < request.until
    )


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
    rows: Sequence[tuple[int, str, int, int]],
    selected: set[str],
    everyone: set[str],
) -> list[tuple[int, str, int, int]]:
    """The rows about selected patients and about no other patient: what concerns others too stays out."""
    touched: dict[int, set[str]] = {}
    sql = (
        "SELECT c.pk, c.patient, v.id FROM compartment c JOIN versions v ON v.pk = c.pk "
        "WHERE v.type = ? ORDER BY c.pk"
    )
    latest_of: dict[str, int] = {}
    for pk, patient, identifier in store.select(sql, (resource_type,)):
        touched.setdefault(pk, set()).add(patient)
        latest_of[identifier] = pk
    kept = []
    for row in rows:
        pk, identifier, _, gone = row
        patients = touched.get(latest_of.get(identifier, pk) if gone else pk, set()) & everyone
        if patients and patients <= selected:
            kept.append(row)
    return kept


def _moved(outputs: dict[str, list[int]], behaviour: ExportBehaviour) -> dict[str, list[int]]:
    move = behaviour.moved(sorted(outputs))
    if move is None:
        return outputs
    source, target = move
    outputs[target] = [*outputs[target], outputs[source][-1]]
    outputs[source] = outputs[source][:-1]
    return {name: keys for name, keys in outputs.items() if keys}
