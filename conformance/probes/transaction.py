"""A transaction in which one entry cannot succeed (https://hl7.org/fhir/R4/http.html#transaction)."""

from typing import Any

from conformance.fhir.bundles import entries
from conformance.fhir.references import id_in
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.patients import (
    found_ids,
    found_late,
    needed_patient,
    remove,
    searched_after,
    test_patient,
)


@probe("transaction", writes=True)
def transaction(wire: Wire, *, family: str, birth_date: str, other_id: str) -> None:
    """Send a transaction that creates a patient and then does what a server must refuse.

    A patient created before it shows that the search by identifier finds what was just created (`control`), and a
    transaction of the same shape without fault shows that transactions are carried out at all (`whole`,
    `after-whole`). What is refused is an update whose body has another id than its URL; a server that accepts that
    gets a second transaction, with an update that asks for a version that there is not. Labels: `transaction`,
    `after-transaction`. Where searches lag behind writes, what is left is looked for after that time.
    """
    patient = test_patient(f"{wire.tag}-0", family, birth_date)
    control = needed_patient(wire, patient)
    _, lag = found_late(wire, f"{wire.tag}-0", "control")
    good = test_patient(f"{wire.tag}-5", family, birth_date)
    answer = _send(wire, good, _update(control, patient | {"id": control}), "whole")
    if answer.ok:
        after, again = found_late(wire, f"{wire.tag}-5", "after-whole")
        lag = max(lag, again)
    else:
        after = searched_after(wire, f"{wire.tag}-5", "after-whole", lag)
    _remove(wire, answer, after)
    failing = (
        _update(control, test_patient(f"{wire.tag}-3", family, birth_date) | {"id": other_id}),
        _update(
            control, test_patient(f"{wire.tag}-4", family, birth_date) | {"id": control}, 'W/"htest-none"'
        ),
    )
    for number, entry in enumerate(failing, 1):
        identifier = f"{wire.tag}-{number}"
        answer = _send(wire, test_patient(identifier, family, birth_date), entry)
        _remove(wire, answer, searched_after(wire, identifier, "after-transaction", lag))
        if not answer.ok:
            break
    remove(wire, control)


def _update(identity: str, patient: dict[str, Any], version: str = "") -> dict[str, Any]:
    asked = {"method": "PUT", "url": f"Patient/{identity}"} | ({"ifMatch": version} if version else {})
    return {"resource": patient, "request": asked}


def _remove(wire: Wire, answer: Exchange, left: Exchange) -> None:
    """Delete the patients that a transaction created."""
    for identity in dict.fromkeys([*_created(answer), *found_ids(left)]):
        wire.created(f"Patient/{identity}")
        remove(wire, identity)


def _send(wire: Wire, good: dict[str, Any], other: dict[str, Any], label: str = "transaction") -> Exchange:
    first = {
        "fullUrl": "urn:uuid:6ec2c0a5-9be1-4b52-9b7b-0c2f1ba4b6b1",
        "resource": good,
        "request": {"method": "POST", "url": "Patient"},
    }
    second = other | {"fullUrl": f"{wire.base}/{other['request']['url']}"}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [first, second]}
    return wire.send("POST", "", label=label, json=bundle)


def _created(answer: Exchange) -> list[str]:
    """The ids of the patients that the response says were created."""
    bundle = (answer.resource("Bundle") if answer.ok else None) or {}
    found = []
    for entry in entries(bundle):
        response = entry.get("response")
        if isinstance(response, dict) and str(response.get("status", "")).startswith("201"):
            identity = id_in(response.get("location"), "Patient")
            found += [identity] if identity is not None else []
    return found
