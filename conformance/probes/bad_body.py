"""Writes that must not succeed, and what is left of them (https://hl7.org/fhir/R4/http.html#create)."""

from typing import Literal

from conformance.fhir.references import named, plain_id
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.bad_bodies import BodyName, body
from conformance.probes.patients import (
    by_identifier,
    found_ids,
    found_late,
    remove,
    searched_after,
    test_patient,
)

FAMILY, BORN = "HTEST-Wrong", "1970-01-31"


@probe("write-body", writes=True)
def write_body(wire: Wire, *, name: BodyName) -> None:
    """Post a body to /Patient that is right (`control`) or wrong in one point (`bad`), and search for what is left.

    The search has the label `after-control` or `after-bad`. What was created is removed.
    """
    label = "control" if name == "right" else "bad"
    answer = _posted(wire, name, wire.tag, label)
    _remove(wire, answer, by_identifier(wire, wire.tag, f"after-{label}"))


@probe("write-refused-bodies", writes=True)
def write_refused_bodies(wire: Wire, *, names: list[BodyName]) -> None:
    """Post a right body to /Patient (`control`), then wrong ones (`bad`), and search for what is left of each.

    The searches have the labels `after-control` and `after-bad`. Where searches lag behind writes, as the first shows,
    what is left is looked for after that time. What was created is removed.
    """
    control = _posted(wire, "right", f"{wire.tag}-0", "control")
    after, lag = found_late(wire, f"{wire.tag}-0", "after-control") if control.ok else (None, 0.0)
    answers = [(_posted(wire, name, f"{wire.tag}-{n}", "bad"), n) for n, name in enumerate(names, 1)]
    for answer, number in answers:
        _remove(wire, answer, searched_after(wire, f"{wire.tag}-{number}", "after-bad", lag))
        lag = 0.0  # it is over for all of them
    if after is not None:
        _remove(wire, control, after)


@probe("write-to-illegal-id", writes=True)
def write_to_illegal_id(wire: Wire, *, kind: Literal["too-long", "illegal-character"]) -> None:
    """Put a patient to an id that can be none (`bad`), and search for what is left (`after-bad`)."""
    identity = "x" * 65 if kind == "too-long" else "htest_underscore"
    patient = test_patient(wire.tag, FAMILY, BORN) | {"id": identity}
    about = {"kind": "an id of 65 characters" if kind == "too-long" else "an id with an underscore"}
    answer = wire.send("PUT", f"/Patient/{identity}", label="bad", about=about, json=patient)
    _remove(wire, answer, by_identifier(wire, wire.tag, "after-bad"))


@probe("wrong-method")
def wrong_method(wire: Wire, *, method: Literal["PUT", "PATCH", "HTEST"] = "PUT") -> None:
    """Send a method to /metadata that is for nothing there, with no body; nothing can come of it (`wrong-method`)."""
    wire.send(method, "/metadata", label="wrong-method")


def _posted(wire: Wire, name: BodyName, identifier: str, label: str) -> Exchange:
    sent = body(name, test_patient(identifier, FAMILY, BORN))
    return wire.send(
        "POST",
        "/Patient",
        label=label,
        about={"kind": sent.kind, "variant": name},
        body=sent.content,
        media_type=sent.media_type,
        headers={} if sent.content else {"Content-Type": sent.media_type},
    )


def _remove(wire: Wire, answer: Exchange, left: Exchange) -> None:
    """Delete what was created, under whatever type the server has put it."""
    told = named(answer.header("location")) if answer.ok else None
    made = [told] if told else []
    made += [f"Patient/{identity}" for identity in found_ids(left)]
    resource = answer.resource() if answer.ok else None
    if not made and resource is not None and plain_id(resource.get("id")):
        made.append(f"{resource['resourceType']}/{resource['id']}")
    for reference in dict.fromkeys(made):
        wire.created(reference)
        if reference.startswith("Patient/"):
            remove(wire, reference.removeprefix("Patient/"))
        elif (gone := wire.send("DELETE", f"/{reference}", label="clean-up")).ok or gone.status in {404, 410}:
            wire.deleted(reference)
