"""Resources of any type that a probe writes: created, changed and removed, each under a label."""

from collections.abc import Callable, Mapping
from typing import Any

from conformance.plugin import Exchange, Untestable, Wire
from conformance.probes.patients import given_id
from conformance.probes.write import version_tag
from conformance.probes.write_round_trip import delete

Resource = dict[str, Any]
FIRST_WAIT = 0.05


def posted(
    wire: Wire, resource: Resource, label: str, about: Mapping[str, str] | None = None
) -> tuple[Exchange, str]:
    """Create a resource, noted as `sent-LABEL`. Gives the answer and the new id, empty where there is none."""
    kind = resource["resourceType"]
    wire.note(f"sent-{label}", resource)
    answer = wire.send("POST", f"/{kind}", label=label, about=about, json=resource)
    if not answer.ok:
        return answer, ""
    identity = given_id(answer, kind) or ""
    if identity:
        wire.created(f"{kind}/{identity}")
    return answer, identity


def needed(wire: Wire, resource: Resource, label: str) -> str:
    """The id of a resource, created as the precondition of something else. Raises Untestable."""
    answer, identity = posted(wire, resource, label)
    if not identity:
        kind = resource["resourceType"]
        raise Untestable(f"no {kind} could be created for the test: {answer} answered {answer.status}")
    return identity


def put(
    wire: Wire, resource: Resource, identity: str, label: str, version: Exchange | None = None
) -> Exchange:
    """Change a resource, noted as `sent-LABEL`; with `version`, only if it still is what that read gave."""
    body = resource | {"id": identity}
    wire.note(f"sent-{label}", body)
    tag = version_tag(version) if version is not None else ""
    headers = {"If-Match": tag} if tag else None
    return wire.send(
        "PUT", f"/{resource['resourceType']}/{identity}", label=label, json=body, headers=headers
    )


def removed(wire: Wire, *references: str) -> None:
    """Delete what the probe made (`Type/id`), in this order; what has no id is passed over."""
    for kind, _, identity in (reference.partition("/") for reference in references):
        if identity:
            delete(wire, kind, identity)


def seen_within(
    wire: Wire, look: Callable[[], Exchange], wanted: Callable[[Exchange], bool], label: str, seconds: float
) -> Exchange:
    """Look until what is wanted is seen or the time is over; the note `waited-LABEL` says after how many seconds."""
    waited, pause = 0.0, FIRST_WAIT
    while True:
        answer = look()
        if wanted(answer) or waited >= seconds:
            break
        step = min(pause, seconds - waited)
        wire.pause(step)
        waited += step
        pause *= 2
    wire.note(f"waited-{label}", round(waited, 3))
    return answer
