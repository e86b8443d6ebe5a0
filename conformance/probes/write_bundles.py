"""Batches and transactions of several entries: their order, their references, and each of their methods."""

from collections.abc import Iterable
from typing import Any

from conformance.fhir.bundles import entries
from conformance.fhir.references import named
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.patients import (
    RUN_SYSTEM,
    found_late,
    needed_patient,
    remove,
    remove_all,
    searched_after,
    test_patient,
)

Entry = dict[str, Any]
UUID = "urn:uuid:0b1b9a6e-4c39-4f0e-8d0a-6f3f2f6e5a0{}"


@probe("batch", writes=True)
def batch(wire: Wire, *, family: str, birth_date: str, other_id: str) -> None:
    """Send a batch of which some entries must fail: create, read of what is not there, update, delete, read, search.

    The update, the delete and the read are of patients created before it. Labels: `batch` (the note `asked` says for
    each entry what was asked for, `wanted` whether it must succeed, and `new` what it creates), and `created`,
    `updated`, `deleted`: reads of what it says that it created, and of what it was to change.
    """
    changing, going = (
        needed_patient(wire, test_patient(f"{wire.tag}-{name}", family, birth_date)) for name in "ab"
    )
    new = test_patient(f"{wire.tag}-c", family, birth_date)
    changed = test_patient(f"{wire.tag}-a", family, birth_date) | {"id": changing, "gender": "other"}
    asked = [
        entry("POST", "Patient", new),
        entry("GET", f"Patient/{other_id}"),
        entry("PUT", f"Patient/{changing}", changed),
        entry("DELETE", f"Patient/{going}"),
        entry("GET", f"Patient/{changing}"),
        entry("GET", f"Patient?_id={changing}"),
    ]
    wire.note("asked", [f"{one['request']['method']} {one['request']['url']}" for one in asked])
    wire.note("wanted", [True, False, True, True, True, True])
    wire.note("new", new)
    answer = send(wire, "batch", asked, "batch")
    for reference in created_in(answer):
        wire.send("GET", f"/{reference}", label="created")
    wire.send("GET", f"/Patient/{changing}", label="updated")
    wire.send("GET", f"/Patient/{going}", label="deleted")
    _clean(wire, answer)
    remove_all(wire, f"{wire.tag}-c")
    for identity in (changing, going):
        remove(wire, identity)


@probe("transaction-links", writes=True)
def transaction_links(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create two patients in a transaction that refer to each other by urn:uuid, the first to one created before it.

    Labels: `links`, `linked` (a read of each that was created, by its number in the bundle). The note `outside` holds
    the reference to the one created before.
    """
    outside = needed_patient(wire, test_patient(f"{wire.tag}-0", family, birth_date))
    wire.note("outside", f"Patient/{outside}")
    new = [test_patient(f"{wire.tag}-{number}", family, birth_date) for number in (1, 2)]
    new[0]["link"] = [_link(UUID.format(2)), _link(f"Patient/{outside}")]
    new[1]["link"] = [_link(UUID.format(1))]
    asked = [entry("POST", "Patient", patient, UUID.format(number)) for number, patient in enumerate(new, 1)]
    answer = send(wire, "transaction", asked, "links")
    for number, reference in enumerate(created_in(answer)):
        wire.send("GET", f"/{reference}", label="linked", about={"step": str(number)})
    for patient, reference in zip(
        new, created_in(answer), strict=False
    ):  # else neither could be deleted first
        alone = {name: value for name, value in patient.items() if name != "link"}
        wire.send("PUT", f"/{reference}", label="clean-up", json=alone | {"id": reference.partition("/")[2]})
    _clean(wire, answer)
    remove(wire, outside)


@probe("transaction-methods", writes=True)
def transaction_methods(wire: Wire, *, family: str, birth_date: str) -> None:
    """Send a transaction with a read, an update, a create and a delete, in an order that is not that of carrying out.

    The read is of the patient that the update changes. Labels: `methods` (with the notes `asked` and `new`, the patient
    that it creates), `created`, `updated`, `deleted`.
    """
    changing, going = (
        needed_patient(wire, test_patient(f"{wire.tag}-{name}", family, birth_date)) for name in "ab"
    )
    new = test_patient(f"{wire.tag}-c", family, birth_date)
    changed = test_patient(f"{wire.tag}-a", family, birth_date) | {"id": changing, "gender": "other"}
    asked = [
        entry("GET", f"Patient/{changing}"),
        entry("PUT", f"Patient/{changing}", changed, f"{wire.base}/Patient/{changing}"),
        entry("POST", "Patient", new, UUID.format(3)),
        entry("DELETE", f"Patient/{going}"),
    ]
    wire.note("asked", [f"{one['request']['method']} {one['request']['url']}" for one in asked])
    wire.note("new", new)
    answer = send(wire, "transaction", asked, "methods")
    for reference in created_in(answer):
        wire.send("GET", f"/{reference}", label="created")
    wire.send("GET", f"/Patient/{changing}", label="updated")
    wire.send("GET", f"/Patient/{going}", label="deleted")
    _clean(wire, answer)
    remove_all(wire, f"{wire.tag}-c")
    for identity in (changing, going):
        remove(wire, identity)


@probe("transaction-duplicates", writes=True)
def transaction_duplicates(wire: Wire, *, family: str, birth_date: str) -> None:
    """Send a transaction that updates one patient once (`single`), then one that updates it twice (`twice`).

    `read-before` and `read-after` are reads around the second.
    """
    identity = needed_patient(wire, test_patient(wire.tag, family, birth_date))
    path = f"Patient/{identity}"

    def update(gender: str) -> Entry:
        changed = test_patient(wire.tag, family, birth_date) | {"id": identity, "gender": gender}
        return entry("PUT", path, changed, f"{wire.base}/{path}")

    send(wire, "transaction", [update("other")], "single")
    wire.send("GET", f"/{path}", label="read-before")
    send(wire, "transaction", [update("male"), update("female")], "twice")
    wire.send("GET", f"/{path}", label="read-after")
    remove(wire, identity)


@probe("conditional-references", writes=True)
def conditional_references(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create in transactions patients that refer to another by a search: one that finds one, and one that finds none.

    Labels: `control` (the search that finds one), `resolved`, `read-resolved`, `unresolved`, `after-unresolved`. The
    note `outside` holds the reference that the search stands for.
    """
    outside = needed_patient(wire, test_patient(f"{wire.tag}-0", family, birth_date))
    wire.note("outside", f"Patient/{outside}")
    _, lag = found_late(wire, f"{wire.tag}-0", "control")
    answers = []
    for number, (label, target) in enumerate((("resolved", "0"), ("unresolved", "none")), 1):
        patient = test_patient(f"{wire.tag}-{number}", family, birth_date)
        patient["link"] = [_link(f"Patient?identifier={RUN_SYSTEM}|{wire.tag}-{target}")]
        answers.append(
            send(wire, "transaction", [entry("POST", "Patient", patient, UUID.format(number))], label)
        )
    for reference in created_in(answers[0]):
        wire.send("GET", f"/{reference}", label="read-resolved")
    searched_after(wire, f"{wire.tag}-2", "after-unresolved", lag)
    for answer in answers:
        _clean(wire, answer)
    remove(wire, outside)


def entry(method: str, url: str, resource: dict[str, Any] | None = None, full_url: str = "") -> Entry:
    """An entry of a batch or transaction."""
    made: Entry = {"fullUrl": full_url} if full_url else {}
    if resource is not None:
        made["resource"] = resource
    return made | {"request": {"method": method, "url": url}}


def send(wire: Wire, kind: str, asked: Iterable[Entry], label: str) -> Exchange:
    """Send the entries as a Bundle of that type."""
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(asked)}
    return wire.send("POST", "", label=label, json=bundle)


def created_in(answer: Exchange) -> list[str]:
    """`Type/id` of each resource that the response to a bundle says was created, in order."""
    bundle = (answer.resource("Bundle") if answer.ok else None) or {}
    responses = [one.get("response") for one in entries(bundle)]
    locations = [
        response.get("location")
        for response in responses
        if isinstance(response, dict) and str(response.get("status", "")).startswith("201")
    ]
    return [reference for location in locations if (reference := named(location)) is not None]


def _link(reference: str) -> dict[str, Any]:
    return {"other": {"reference": reference}, "type": "seealso"}


def _clean(wire: Wire, answer: Exchange) -> None:
    """Delete the patients that a bundle created; the last first, since the others may refer to it."""
    for reference in reversed(created_in(answer)):
        wire.created(reference)
        remove(wire, reference.partition("/")[2])
