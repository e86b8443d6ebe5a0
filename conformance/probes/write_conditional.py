"""Creates, updates and deletes of what a search finds: none, one, or several test patients."""

from typing import Any

from conformance.plugin import Exchange, Wire, probe
from conformance.probes.patients import (
    RUN_SYSTEM,
    found_late,
    given_id,
    needed_patient,
    post_patient,
    remove,
    remove_all,
    searched_after,
    searched_until,
    test_patient,
)
from conformance.probes.request import with_query
from conformance.probes.write_answers import own_id


@probe("conditional-create", writes=True)
def conditional_create(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create patients unless a search by their identifier finds one: where there is none, one, and two.

    Labels: `if-none`, `after-none`, `if-one`, `after-one`, `control-two` (the search that finds two), `if-two`,
    `after-two`.
    """
    patient = test_patient(wire.tag, family, birth_date)
    unless = {"If-None-Exist": f"identifier={RUN_SYSTEM}|{wire.tag}"}
    try:
        post_patient(wire, patient, "if-none", unless)
        _, lag = found_late(wire, wire.tag, "after-none")
        post_patient(wire, patient, "if-one", unless)
        searched_after(wire, wire.tag, "after-one", lag)
        post_patient(wire, patient, "second")
        searched_until(wire, wire.tag, "control-two", lambda count: count > 1)
        post_patient(wire, patient, "if-two", unless)
        searched_after(wire, wire.tag, "after-two", lag)
    finally:
        remove_all(wire, wire.tag)


@probe("conditional-update", writes=True)
def conditional_update(wire: Wire, *, family: str, birth_date: str) -> None:
    """Update what a search by identifier finds: where there is none, one, and two (by another identifier).

    Where there is one, an update with an id of ours goes after the one that names none. Labels: `if-none`,
    `after-none`, `if-one` (with another gender), `read-one`, `after-one`, `if-other` (with the id), `read-other`,
    `control-two`, `if-two`, `after-two`.
    """
    patient, pair = (test_patient(tag, family, birth_date) for tag in (wire.tag, f"{wire.tag}-2"))
    try:
        answer = _put(wire, patient, "if-none")
        _, lag = found_late(wire, wire.tag, "after-none")
        _put(wire, patient | {"gender": "other"}, "if-one")
        identity = given_id(answer) if answer.ok else None
        if identity is not None:
            wire.send("GET", f"/Patient/{identity}", label="read-one")
        searched_after(wire, wire.tag, "after-one", lag)
        if identity is not None:
            _put(wire, patient | {"gender": "male", "id": own_id(wire)}, "if-other")
            wire.send("GET", f"/Patient/{identity}", label="read-other")
        for label in ("first", "second"):
            post_patient(wire, pair, label)
        searched_until(wire, f"{wire.tag}-2", "control-two", lambda count: count > 1)
        _put(wire, pair | {"gender": "male"}, "if-two")
        searched_after(wire, f"{wire.tag}-2", "after-two", lag)
    finally:
        remove_all(wire, wire.tag)
        remove_all(wire, f"{wire.tag}-2")


@probe("conditional-delete", writes=True)
def conditional_delete(wire: Wire, *, family: str, birth_date: str) -> None:
    """Delete what a search by identifier finds: where there is none, one, and two.

    Labels: `if-none`, `control-one`, `if-one`, `after-one`, `control-two`, `if-two`, `after-two`.
    """
    patient = test_patient(wire.tag, family, birth_date)
    made: list[str] = []
    try:
        _delete(wire, "if-none")
        made = [needed_patient(wire, patient)]
        searched_until(wire, wire.tag, "control-one", lambda count: count > 0)
        _delete(wire, "if-one")
        searched_until(wire, wire.tag, "after-one", lambda count: count == 0)
        made += [needed_patient(wire, patient, label) for label in ("first", "second")]
        searched_until(wire, wire.tag, "control-two", lambda count: count > 1)
        _delete(wire, "if-two")
        searched_until(wire, wire.tag, "after-two", lambda count: count in {0, 2})
    finally:
        for identity in made:
            remove(wire, identity)


def _put(wire: Wire, patient: dict[str, Any], label: str) -> Exchange:
    url = with_query("/Patient", {"identifier": f"{RUN_SYSTEM}|{patient['identifier'][0]['value']}"})
    answer = wire.send("PUT", url, label=label, json=patient)
    identity = given_id(answer) if answer.ok else None
    if identity is not None:
        wire.created(f"Patient/{identity}")
    return answer


def _delete(wire: Wire, label: str) -> Exchange:
    url = with_query("/Patient", {"identifier": f"{RUN_SYSTEM}|{wire.tag}"})
    return wire.send("DELETE", url, label=label)
