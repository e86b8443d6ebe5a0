"""How soon what was written is seen: by a read at once, by a search within a limit."""

from conformance.plugin import Wire, probe
from conformance.probes.patients import needed_patient, remove, searched_until, test_patient


@probe("freshness", writes=True)
def freshness(wire: Wire, *, family: str, birth_date: str, limit: int) -> None:
    """Create a patient, give it another identifier, and delete it; after each, look until a search tells of it.

    A search is repeated until the limit in seconds is over; the notes `waited-…` say how long it took. Labels:
    `create`, `read-created` (at once), `search-created`, `update`, `read-updated` (at once), `search-updated` (by the
    new identifier), `search-outdated` (by the old one), `delete`, `search-deleted`.
    """
    patient = test_patient(f"{wire.tag}-1", family, birth_date)
    identity = needed_patient(wire, patient)
    path = f"/Patient/{identity}"
    wire.send("GET", path, label="read-created")
    searched_until(wire, f"{wire.tag}-1", "search-created", lambda count: count > 0, limit)
    changed = test_patient(f"{wire.tag}-2", family, birth_date) | {"id": identity}
    wire.note("sent-update", changed)
    wire.send("PUT", path, label="update", json=changed)
    wire.send("GET", path, label="read-updated")
    searched_until(wire, f"{wire.tag}-2", "search-updated", lambda count: count > 0, limit)
    searched_until(wire, f"{wire.tag}-1", "search-outdated", lambda count: count == 0, limit)
    remove(wire, identity, "delete")
    searched_until(wire, f"{wire.tag}-2", "search-deleted", lambda count: count == 0, limit)
