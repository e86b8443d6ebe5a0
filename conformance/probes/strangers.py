"""Writing as one who has no right to: nothing may come of it, and what does is removed."""

from typing import Literal

from conformance.plugin import Wire, probe
from conformance.probes.patients import (
    found_ids,
    found_late,
    needed_patient,
    remove,
    searched_after,
    test_patient,
)
from conformance.probes.token import narrow_bearer

STRANGERS: tuple[Literal["none", "bad"], ...] = ("none", "bad")
"""Without credentials, and with a token that nobody issued."""


@probe("stranger-writes", writes=True)
def stranger_writes(wire: Wire, *, family: str, birth_date: str) -> None:
    """Have strangers create a patient, and change and delete another that was created rightly.

    Each is tried without credentials (`none`) and with a token that nobody issued (`bad`). Labels: `create`,
    `found-own` (a search that finds it), `before` (a read), `stranger-create-none`, `stranger-update-none`,
    `stranger-delete-none`, `after-none` (a read), `found-none` (a search for what the stranger created), and these with
    `bad`.
    """
    own = f"{wire.tag}-own"
    identity = needed_patient(wire, test_patient(own, family, birth_date))
    _, lag = found_late(wire, own, "found-own")
    path = f"/Patient/{identity}"
    wire.send("GET", path, label="before")
    changed = test_patient(own, family, birth_date) | {"id": identity, "gender": "other"}
    for who in STRANGERS:
        new = test_patient(f"{wire.tag}-{who}", family, birth_date)
        wire.send("POST", "/Patient", label=f"stranger-create-{who}", json=new, credentials=who)
        wire.send("PUT", path, label=f"stranger-update-{who}", json=changed, credentials=who)
        wire.send("DELETE", path, label=f"stranger-delete-{who}", credentials=who)
        wire.send("GET", path, label=f"after-{who}")
        _look_and_remove(wire, f"{wire.tag}-{who}", f"found-{who}", lag)
    remove(wire, identity)


@probe("narrow-write", writes=True)
def narrow_write(wire: Wire, *, family: str, birth_date: str) -> None:
    """Ask for a token for reading patients, read with it, create with it, and look for what was created.

    Labels: `token-narrow`, `create` and `found-own` (a patient rightly created, and a search that finds it), `within`
    (a read), `write`, `found-write`.
    """
    own = f"{wire.tag}-own"
    identity = needed_patient(wire, test_patient(own, family, birth_date))
    _, lag = found_late(wire, own, "found-own")
    bearer = narrow_bearer(wire, "Patient")
    wire.send("GET", "/Patient?_count=1", label="within", headers=bearer)
    new = test_patient(f"{wire.tag}-write", family, birth_date)
    wire.send("POST", "/Patient", label="write", json=new, headers=bearer)
    _look_and_remove(wire, f"{wire.tag}-write", "found-write", lag)
    remove(wire, identity)


def _look_and_remove(wire: Wire, identifier: str, label: str, lag: float) -> None:
    for identity in dict.fromkeys(found_ids(searched_after(wire, identifier, label, lag))):
        wire.created(f"Patient/{identity}")
        remove(wire, identity)
