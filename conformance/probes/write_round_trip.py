"""Writing a resource of any type that was drawn, reading it back, and taking it through its whole life."""

from conformance.plugin import Exchange, Wire, probe
from conformance.probes.patients import given_id, needed_patient, remove, test_patient
from conformance.probes.write import version_tag

SUBJECT, THIS_RUN = "Patient/htest-subject", "htest-this-run"
"""What the generator of resources writes for the test patient, and for a value that only this step uses."""

PATCH = b'[{"op":"add","path":"/language","value":"en-GB"}]'


@probe("round-trip", writes=True)
def round_trip(wire: Wire, *, type: str, resource: str) -> None:  # noqa: A002 - FHIR's word
    """Create a resource given as the text of its JSON (`create`), read it back (`read-back`), and remove it.

    `Patient/htest-subject` in it is replaced by a test patient (`create-subject`), `htest-this-run` by the step's own
    tag. The note `sent` holds the text as it was sent.
    """
    text, subject = _placed(wire, resource)
    _, identity = _post(wire, type, text)
    if identity is not None:
        wire.send("GET", f"/{type}/{identity}", label="read-back")
        delete(wire, type, identity)
    if subject:
        remove(wire, subject)


@probe("update-round-trip", writes=True)
def update_round_trip(wire: Wire, *, type: str, first: str, resource: str) -> None:  # noqa: A002 - FHIR's word
    """Create one resource (`create`), replace its content by that of another (`update`), and read it (`read-back`).

    See `round-trip` for how both are given; `sent` holds the other.
    """
    before, patient = _placed(wire, first)
    text, subject = _placed(wire, resource)
    _, identity = _post(wire, type, before)
    if identity is not None:
        path = f"/{type}/{identity}"
        wire.send("PUT", path, label="update", body=_with_id(text, identity))
        wire.send("GET", path, label="read-back")
        delete(wire, type, identity)
    for made in filter(None, (patient, subject)):
        remove(wire, made)


@probe("lifetime", writes=True)
def lifetime(wire: Wire, *, type: str, resource: str) -> None:  # noqa: A002 - FHIR's word
    """Take a resource through each interaction with its type: see `round-trip` for how it is given.

    Labels are the interactions: `create`, `read`, `vread`, `update`, `patch`, `history-instance`, `delete`.
    """
    text, subject = _placed(wire, resource)
    _, identity = _post(wire, type, text)
    if identity is not None:
        path = f"/{type}/{identity}"
        read = wire.send("GET", path, label="read")
        version = version_tag(read).removeprefix("W/").strip('"')
        if version:
            wire.send("GET", f"{path}/_history/{version}", label="vread")
        wire.send("PUT", path, label="update", body=_with_id(text, identity))
        wire.send("PATCH", path, label="patch", body=PATCH, media_type="application/json-patch+json")
        wire.send("GET", f"{path}/_history", label="history-instance")
        delete(wire, type, identity, "delete")
    if subject:
        remove(wire, subject)


def delete(wire: Wire, resource_type: str, identity: str, label: str = "clean-up") -> Exchange:
    """Delete a resource. What could not be deleted is left on the list of what was created."""
    answer = wire.send("DELETE", f"/{resource_type}/{identity}", label=label)
    if answer.ok or answer.status in {404, 410}:
        wire.deleted(f"{resource_type}/{identity}")
    return answer


def _placed(wire: Wire, resource: str) -> tuple[str, str]:
    """The text with what it leaves open filled in, and the id of the test patient, where it needs one."""
    text, subject = resource.replace(THIS_RUN, wire.tag), ""
    if SUBJECT in text:
        patient = test_patient(f"{wire.tag}-subject", "HTEST-Subject", "1970-01-31")
        subject = needed_patient(wire, patient, "create-subject")
        text = text.replace(SUBJECT, f"Patient/{subject}")
    wire.note("sent", text)
    return text, subject


def _with_id(text: str, identity: str) -> bytes:
    """The text of a resource without an id, with this one."""
    return f'{{"id":"{identity}",{text[1:]}'.encode()


def _post(wire: Wire, resource_type: str, text: str) -> tuple[Exchange, str | None]:
    answer = wire.send("POST", f"/{resource_type}", label="create", body=text.encode())
    if not answer.ok:
        return answer, None
    given = given_id(answer, resource_type)
    if given is None:
        return answer, None
    wire.created(f"{resource_type}/{given}")
    return answer, given
