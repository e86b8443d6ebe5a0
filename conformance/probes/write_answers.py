"""Creates and updates that say what is to come back, or that are wrong in one way."""

from typing import Any

from conformance.model.base import sha256
from conformance.plugin import Wire, probe
from conformance.probes.patients import TEST_DATA, needed_patient, post_patient, remove, test_patient

PREFERENCES = ("minimal", "representation", "OperationOutcome")
CLIENTS_VERSION, CLIENTS_TIME = "77777", "2001-02-03T04:05:06Z"
_METADATA: dict[str, Any] = {
    "tag": [TEST_DATA],
    "versionId": CLIENTS_VERSION,
    "lastUpdated": CLIENTS_TIME,
}


@probe("create-answers", writes=True)
def create_answers(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create patients with each preference for what comes back, and with a version that the client chose.

    Labels: `prefer-minimal`, `prefer-representation`, `prefer-OperationOutcome`, `create-with-meta`,
    `read-create-with-meta`.
    """
    for number, wanted in enumerate(PREFERENCES):
        patient = test_patient(f"{wire.tag}-{number}", family, birth_date)
        headers = {"Prefer": f"return={wanted}"}
        _, identity = post_patient(wire, patient, f"prefer-{wanted}", headers)
        if identity is not None:
            remove(wire, identity)
    patient = test_patient(f"{wire.tag}-9", family, birth_date)
    patient["meta"] = _METADATA
    _, identity = post_patient(wire, patient, "create-with-meta")
    if identity is not None:
        wire.send("GET", f"/Patient/{identity}", label="read-create-with-meta")
        remove(wire, identity)


@probe("update-answers", writes=True)
def update_answers(wire: Wire, *, family: str, birth_date: str) -> None:
    """Update a patient with less content, with a version of ours, without an id, and where there is none yet.

    Labels: `create`, `read-back`, `update`, `read-after-update`, `update-with-meta`, `read-update-with-meta`,
    `update-without-id`, `read-update-without-id`, `update-create`, `read-update-create`.
    """
    patient = test_patient(f"{wire.tag}-0", family, birth_date)
    identity = needed_patient(wire, patient)
    wire.send("GET", f"/Patient/{identity}", label="read-back")
    left_out = {"extension", "gender"}
    less = {name: value for name, value in patient.items() if name not in left_out} | {"id": identity}
    wire.note("sent-update", less)
    wire.send("PUT", f"/Patient/{identity}", label="update", json=less)
    wire.send("GET", f"/Patient/{identity}", label="read-after-update")
    # With other content than before: an update that changes nothing may be no update, whatever it states.
    stated = less | {"meta": _METADATA, "gender": "other"}
    wire.note("sent-update-with-meta", stated)
    wire.send("PUT", f"/Patient/{identity}", label="update-with-meta", json=stated)
    wire.send("GET", f"/Patient/{identity}", label="read-update-with-meta")
    nameless = {name: value for name, value in less.items() if name != "id"} | {"gender": "male"}
    wire.note("sent-update-without-id", nameless)
    wire.send("PUT", f"/Patient/{identity}", label="update-without-id", json=nameless)
    wire.send("GET", f"/Patient/{identity}", label="read-update-without-id")
    remove(wire, identity)
    chosen = own_id(wire)
    answer = wire.send(
        "PUT", f"/Patient/{chosen}", label="update-create", json=_chosen(wire, chosen, patient)
    )
    if answer.ok:
        wire.created(f"Patient/{chosen}")
    read = wire.send("GET", f"/Patient/{chosen}", label="read-update-create")
    if read.ok and not answer.ok:
        wire.created(f"Patient/{chosen}")
    if answer.ok or read.ok:
        remove(wire, chosen)


def own_id(wire: Wire) -> str:
    """An id that no other step of any run uses."""
    return f"htest-{sha256(wire.tag.encode())[:24]}"


def _chosen(wire: Wire, chosen: str, patient: dict[str, Any]) -> dict[str, Any]:
    own = {"system": patient["identifier"][0]["system"], "value": f"{wire.tag}-1"}
    return patient | {"id": chosen, "identifier": [own]}
