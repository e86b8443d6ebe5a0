"""Writing as one who has no right to: nothing may come of it, and what does is removed."""

from typing import Literal

from conformance.plugin import Wire, probe
from conformance.probes.patients import needed_patient, remove, remove_all, test_patient
from conformance.probes.token import narrow_bearer

STRANGERS: tuple[Literal["none", "bad"], ...] = ("none", "bad")
"""Without credentials, and with a token that nobody issued."""


@probe("stranger-writes", writes=True)
def stranger_writes(wire: Wire, *, family: str, birth_date: str) -> None:
    """Have strangers create a patient, and change and delete another that was created rightly.

    Each is tried without credentials (`none`) and with a token that nobody issued (`bad`). Labels: `create`, `before`
    (a read), `stranger-create-none`, `stranger-update-none`, `stranger-delete-none`, `after-none` (a read), and these
    with `bad`.
    """
    patient = test_patient(f"{wire.tag}-own", family, birth_date)
    identity = needed_patient(wire, patient)
    path = f"/Patient/{identity}"
    wire.send("GET", path, label="before")
    changed = patient | {"id": identity, "gender": "other"}
    for who in STRANGERS:
        identifier = f"{wire.tag}-{who}"
        new = test_patient(identifier, family, birth_date)
        answer = wire.send("POST", "/Patient", label=f"stranger-create-{who}", json=new, credentials=who)
        if answer.ok:
            remove_all(wire, identifier)
        wire.send("PUT", path, label=f"stranger-update-{who}", json=changed, credentials=who)
        wire.send("DELETE", path, label=f"stranger-delete-{who}", credentials=who)
        wire.send("GET", path, label=f"after-{who}")
    remove(wire, identity)


@probe("narrow-write", writes=True)
def narrow_write(wire: Wire, *, family: str, birth_date: str) -> None:
    """Ask for a token for reading patients (`token-narrow`), read with it (`within`), and create with it (`write`)."""
    bearer = narrow_bearer(wire, "Patient")
    wire.send("GET", "/Patient?_count=1", label="within", headers=bearer)
    patient = test_patient(wire.tag, family, birth_date)
    if wire.send("POST", "/Patient", label="write", json=patient, headers=bearer).ok:
        remove_all(wire, wire.tag)
