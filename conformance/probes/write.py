"""Creating, changing and deleting a test patient, and looking what came of it."""

from conformance.plugin import Exchange, Wire, probe
from conformance.probes.patients import needed_patient, post_patient, remove, test_patient


@probe("create", writes=True)
def create(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create a patient (`create`), read it back (`read-back`) and remove it."""
    _, identity = post_patient(wire, test_patient(wire.tag, family, birth_date))
    if identity is not None:
        wire.send("GET", f"/Patient/{identity}", label="read-back")
        remove(wire, identity)


@probe("create-with-id", writes=True)
def create_with_id(wire: Wire, *, identity: str, family: str, birth_date: str) -> None:
    """Create a patient without an id (`create`), then another whose body has one (`create-with-id`)."""
    plain = needed_patient(wire, test_patient(f"{wire.tag}-1", family, birth_date))
    remove(wire, plain)
    patient = test_patient(f"{wire.tag}-2", family, birth_date) | {"id": identity}
    _, given = post_patient(wire, patient, "create-with-id")
    if given is not None:
        remove(wire, given)


@probe("update", writes=True)
def update(wire: Wire, *, family: str, birth_date: str, other_id: str) -> None:
    """Create a patient, change it, change it with an outdated version, and change it with another id in the body.

    Labels: `create`, `read-back`, `update`, `read-after-update`, `stale-update`, `read-after-stale`,
    `current-update` (with the version that is current then), `mismatched-update`, `read-after-mismatched`.
    """
    patient = test_patient(wire.tag, family, birth_date)
    identity = needed_patient(wire, patient)
    before = wire.send("GET", f"/Patient/{identity}", label="read-back")
    changed = patient | {"id": identity, "gender": "other"}
    wire.note("sent-update", changed)
    wire.send("PUT", f"/Patient/{identity}", label="update", json=changed)
    wire.send("GET", f"/Patient/{identity}", label="read-after-update")
    etag = version_tag(before)
    if etag:
        stale = changed | {"gender": "male"}
        wire.send("PUT", f"/Patient/{identity}", label="stale-update", json=stale, headers={"If-Match": etag})
        read = wire.send("GET", f"/Patient/{identity}", label="read-after-stale")
        if current := version_tag(read):
            match = {"If-Match": current}
            wire.send("PUT", f"/Patient/{identity}", label="current-update", json=changed, headers=match)
    mismatched = changed | {"id": other_id, "gender": "female"}
    wire.note("sent-mismatched-update", mismatched)
    answer = wire.send("PUT", f"/Patient/{identity}", label="mismatched-update", json=mismatched)
    if answer.ok:
        wire.created(f"Patient/{other_id}")
        remove(wire, other_id)
    wire.send("GET", f"/Patient/{identity}", label="read-after-mismatched")
    remove(wire, identity)


@probe("delete", writes=True)
def delete(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create a patient, read it (`read-back`), delete it (`delete`), and read it again (`read-after-delete`)."""
    identity = needed_patient(wire, test_patient(wire.tag, family, birth_date))
    wire.send("GET", f"/Patient/{identity}", label="read-back")
    remove(wire, identity, "delete")
    wire.send("GET", f"/Patient/{identity}", label="read-after-delete")


def version_tag(read: Exchange) -> str:
    """The ETag of what was read, or that which its version comes to; empty where the server keeps none."""
    meta = (read.resource() or {}).get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return read.header("etag") or (f'W/"{version}"' if isinstance(version, str) else "")
