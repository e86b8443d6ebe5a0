"""Changing a test patient, deleting it and bringing it back, and reading all that the server tells of it meanwhile."""

from typing import Any

from conformance.fhir.bundles import entries
from conformance.fhir.references import version_in
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.following import follow
from conformance.probes.patients import needed_patient, remove, searched_until, test_patient
from conformance.probes.request import with_query

NEVER = "999999999"
"""A version that no resource of ours comes to."""

PAGES = 20


@probe("versions", writes=True)
def versions(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create a patient, change it twice, read each version and its history, and remove it.

    The history is asked for at the end only, since servers are known to count a history when they are first asked and
    to keep to that number for a while. Labels: `create`, `version` (a read after each change, `number` from 1 on),
    `update`, `vread`, `vread-unknown`, `history`, `history-count`, `history-since`, `type-history`, `system-history`.
    """
    identity, read = _changed(wire, test_patient(wire.tag, family, birth_date), ("other", "male"))
    path = f"/Patient/{identity}"
    for number, answer in enumerate(read, 1):
        version = meta_of(answer).get("versionId")
        if isinstance(version, str):
            wire.send("GET", f"{path}/_history/{version}", label="vread", about={"number": str(number)})
    wire.send("GET", f"{path}/_history/{NEVER}", label="vread-unknown")
    _histories(wire, path, [meta_of(answer).get("lastUpdated") for answer in read])
    remove(wire, identity)


@probe("deleted-versions", writes=True)
def deleted_versions(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create a patient, change it, delete it, and ask for its history and for versions of it.

    Labels: `create`, `version`, `update`, `delete`, `history`, `vread-after-delete` (the first version),
    `vread-deleted` (the version of the deletion, as the history tells it).
    """
    identity, read = _changed(wire, test_patient(wire.tag, family, birth_date), ("other",))
    path = f"/Patient/{identity}"
    remove(wire, identity, "delete")
    history = _history(wire, f"{path}/_history", "history")
    first = meta_of(read[0]).get("versionId")
    if isinstance(first, str):
        wire.send("GET", f"{path}/_history/{first}", label="vread-after-delete")
    gone = next(filter(None, map(_deleted_version, entries(history.resource("Bundle") or {}))), None)
    if gone is not None:
        wire.send("GET", f"{path}/_history/{gone}", label="vread-deleted")


@probe("endings", writes=True)
def endings(wire: Wire, *, family: str, birth_date: str, other_id: str, limit: int) -> None:
    """Create a patient, find it by a search, delete it twice, search again, and bring it back with less content.

    A search is repeated until it shows what it should, or the limit in seconds is over. Labels: `create`,
    `search-before`, `delete`, `read-after-delete`, `delete-again`, `delete-unknown` (of the id that nobody has),
    `search-after`, `recreate`, `read-recreated`.
    """
    patient = test_patient(wire.tag, family, birth_date)
    identity = needed_patient(wire, patient)
    path = f"/Patient/{identity}"
    searched_until(wire, wire.tag, "search-before", lambda count: count > 0, limit)
    remove(wire, identity, "delete")
    wire.send("GET", path, label="read-after-delete")
    wire.send("DELETE", path, label="delete-again")
    wire.send("DELETE", f"/Patient/{other_id}", label="delete-unknown")
    searched_until(wire, wire.tag, "search-after", lambda count: count == 0, limit)
    left_out = {"extension", "gender"}
    again = {name: value for name, value in patient.items() if name not in left_out} | {"id": identity}
    wire.note("sent-recreate", again)
    answer = wire.send("PUT", path, label="recreate", json=again)
    if answer.ok:
        wire.created(f"Patient/{identity}")
        wire.send("GET", path, label="read-recreated")
        remove(wire, identity)


def meta_of(answer: Exchange) -> dict[str, Any]:
    """The `meta` of the resource in an answer; empty where there is none."""
    meta = (answer.resource() or {}).get("meta") if answer.ok else None
    return meta if isinstance(meta, dict) else {}


def _changed(wire: Wire, patient: dict[str, Any], genders: tuple[str, ...]) -> tuple[str, list[Exchange]]:
    """The id of a patient that was created and then changed to each gender, and a read after each of that."""
    identity = needed_patient(wire, patient)
    path = f"/Patient/{identity}"
    read = [wire.send("GET", path, label="version", about={"number": "1"})]
    for number, gender in enumerate(genders, 2):
        changed = patient | {"id": identity, "gender": gender}
        wire.send("PUT", path, label="update", json=changed, about={"number": str(number)})
        read.append(wire.send("GET", path, label="version", about={"number": str(number)}))
    return identity, read


def _histories(wire: Wire, path: str, moments: list[Any]) -> None:
    _history(wire, f"{path}/_history", "history")
    wire.send("GET", f"{path}/_history?_count=1", label="history-count")
    first, second = moments[0], moments[1]
    if isinstance(second, str):
        url = with_query(f"{path}/_history", {"_since": second})
        wire.send("GET", url, label="history-since", about={"since": second})
    if isinstance(first, str):
        for label, place in (("type-history", "/Patient/_history"), ("system-history", "/_history")):
            _history(wire, with_query(place, {"_since": first}), label)


def _history(wire: Wire, url: str, label: str) -> Exchange:
    """Follow a history to its end; gives the first page."""
    first = wire.send("GET", url, label=label)
    follow(wire, lambda: first, label, PAGES)
    return first


def _deleted_version(entry: dict[str, Any]) -> str | None:
    """The version id of an entry that tells of a deletion, as far as it says it."""
    request, response = entry.get("request"), entry.get("response")
    if not isinstance(request, dict) or request.get("method") != "DELETE" or not isinstance(response, dict):
        return None
    etag = response.get("etag")
    if isinstance(etag, str):
        return etag.removeprefix("W/").strip('"') or None
    return version_in(response.get("location"))
