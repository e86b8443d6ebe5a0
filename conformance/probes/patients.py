"""Test patients: made up, marked as such, and removed when a probe is done with them.

Each carries the tag HTEST (test data), an identifier that no other has, and a family name that says what it is.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from conformance.fhir.bundles import matches
from conformance.fhir.references import id_in, plain_id
from conformance.plugin import Exchange, Untestable, Wire
from conformance.probes.request import with_query

RUN_SYSTEM = "https://conformance-harness.org/run"
TEST_DATA = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
MAIDEN_NAME = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"

SOON = 5.0
"""Seconds within which what was written must be found by a search for the tests that rest on it."""

FIRST_WAIT = 0.05

LAG_FACTOR = 2.0
"""What must not be found is looked for after so many times the seconds that it took to find what must be."""


def test_patient(identifier: str, family: str, birth_date: str) -> dict[str, Any]:
    """A small valid Patient, with one extension of FHIR's own."""
    return {
        "resourceType": "Patient",
        "meta": {"tag": [TEST_DATA]},
        "extension": [{"url": MAIDEN_NAME, "valueString": f"HTEST-{identifier}"}],
        "identifier": [{"system": RUN_SYSTEM, "value": identifier}],
        "name": [{"family": family, "given": ["Conformance"]}],
        "gender": "unknown",
        "birthDate": birth_date,
    }


def post_patient(
    wire: Wire, patient: dict[str, Any], label: str = "create", headers: Mapping[str, str] | None = None
) -> tuple[Exchange, str | None]:
    """Create the patient. Gives the answer and the id that it got, None where that cannot be found out."""
    wire.note(f"sent-{label}", patient)
    answer = wire.send("POST", "/Patient", label=label, json=patient, headers=headers)
    identity = given_id(answer) if answer.ok else None
    if answer.ok and identity is None:
        identity = _looked_up(wire, patient["identifier"][0]["value"])
    if identity is not None:
        wire.created(f"Patient/{identity}")
    return answer, identity


def needed_patient(wire: Wire, patient: dict[str, Any], label: str = "create") -> str:
    """The id of the patient, created as the precondition of something else. Raises Untestable."""
    answer, identity = post_patient(wire, patient, label)
    if identity is None:
        raise Untestable(f"no test patient could be created: {answer} answered {answer.status}")
    return identity


def given_id(answer: Exchange, kind: str = "Patient") -> str | None:
    """The id that the answer to a create gives in its Location or its body; None where it gives none that can be."""
    body = answer.resource(kind) or {}
    return id_in(answer.header("location"), kind) or plain_id(body.get("id"))


def by_identifier(wire: Wire, identifier: str, label: str) -> Exchange:
    """Search for test patients by the identifier that only they have, and not in a cache."""
    url = with_query("/Patient", {"identifier": f"{RUN_SYSTEM}|{identifier}"})
    return wire.send("GET", url, label=label, headers={"Cache-Control": "no-cache"})


def found_ids(answer: Exchange) -> list[str]:
    """The ids of the test patients in the answer to `by_identifier`.

    Only those that have the identifier count: a server that does not heed the search shows real patients, and what is
    found is going to be deleted.
    """
    bundle = (answer.resource("Bundle") if answer.ok else None) or {}
    asked = dict(answer.query).get("identifier")
    return [
        resource["id"]
        for resource in matches(bundle)
        if plain_id(resource.get("id")) and asked in _identifiers(resource)
    ]


def searched_until(
    wire: Wire, identifier: str, label: str, wanted: Callable[[int], bool], seconds: float = SOON
) -> Exchange:
    """Search by the identifier until as many are found as are wanted, or the time is up. Gives the last answer.

    A server may take a while until what was written is found: the last answer counts. The note `waited-LABEL` says
    how many seconds passed until it came.
    """
    return _searched(wire, identifier, label, wanted, seconds)[0]


def found_late(wire: Wire, identifier: str, label: str) -> tuple[Exchange, float]:
    """Search by the identifier until something is found: the last answer, and the seconds that the search lags.

    They are 0 where the first search found it. See `searched_after`.
    """
    return _searched(wire, identifier, label, lambda count: count > 0, SOON)


def searched_after(wire: Wire, identifier: str, label: str, lag: float) -> Exchange:
    """Search by the identifier for what should not be there, once it would be found if it were.

    `lag` is by how many seconds searches lag behind writes.
    """
    if lag:
        wire.pause(lag * LAG_FACTOR)
    return by_identifier(wire, identifier, label)


def _searched(
    wire: Wire, identifier: str, label: str, wanted: Callable[[int], bool], seconds: float
) -> tuple[Exchange, float]:
    began = time.monotonic()
    pause, lag = FIRST_WAIT, 0.0
    while True:
        answer = by_identifier(wire, identifier, label)
        passed = time.monotonic() - began
        bundle = answer.resource("Bundle") if answer.ok else None
        if bundle is None or wanted(len(matches(bundle))) or passed >= seconds:
            break
        wire.pause(min(pause, max(seconds - passed, 0.0)))
        lag = time.monotonic() - began
        pause *= 2
    wire.note(f"waited-{label}", round(passed, 3))
    return answer, lag


def remove_all(wire: Wire, identifier: str) -> None:
    """Delete all test patients that have the identifier."""
    for identity in dict.fromkeys(found_ids(by_identifier(wire, identifier, "look-up"))):
        wire.created(f"Patient/{identity}")
        remove(wire, identity)


def remove(wire: Wire, identity: str, label: str = "clean-up") -> Exchange:
    """Delete the patient. What could not be deleted is left on the list of what was created."""
    answer = wire.send("DELETE", f"/Patient/{identity}", label=label)
    if answer.ok or answer.status in {404, 410}:
        wire.deleted(f"Patient/{identity}")
    return answer


def _identifiers(resource: dict[str, Any]) -> list[str]:
    listed = resource.get("identifier")
    return [
        f"{one.get('system')}|{one.get('value')}"
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
    ]


def _looked_up(wire: Wire, identifier: str) -> str | None:
    return next(iter(found_ids(by_identifier(wire, identifier, "look-up"))), None)
