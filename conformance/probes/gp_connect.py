"""GP Connect: what a system declares, and what it makes of requests that do not bring what they have to."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from conformance.plugin import Exchange, Wire, probe
from conformance.probes.gp_connect_consumer import (
    FIND_PATIENT,
    METADATA,
    RECORD_PATH,
    STRUCTURED_METADATA,
    STRUCTURED_RECORD,
    Consumer,
    asking,
    part,
    patient_search,
    record_request,
    token,
)

Json = dict[str, Any]
Place = Literal["patient", "record"]
Wrong = Literal["headers", "interaction", "receiver", "token", "expired", "claims", "claimed"]

GOOD, BAD = "good", "bad"
SCOPE = "patient/*.read"
ANOTHER_SYSTEM = "299999999999"
CLAIMS = (
    "iss", "sub", "aud", "exp", "iat", "reason_for_request", "requested_scope", "requesting_device",
    "requesting_organization", "requesting_practitioner",
)  # fmt: skip


@probe("gp-connect-discover")
def discover(wire: Wire, *, consumer: dict[str, str], structured: str) -> None:
    """Ask for both capability statements: of appointments (`metadata`) and of the structured record (`structured`).

    `consumer` says who asks whom: the ASIDs `from` and `to`, and the ODS code of the `organisation` that asks.
    `structured` is the root of the structured record, below the endpoint or absolute.
    """
    desk = asking(wire, consumer)
    desk.send("GET", "/metadata", METADATA, "organization/*.read", label="metadata")
    other = asking(wire, consumer, structured)
    other.send("GET", "/metadata", STRUCTURED_METADATA, "organization/*.read", label="structured")


@probe("gp-connect-door")
def door(
    wire: Wire,
    *,
    consumer: dict[str, str],
    patient: str,
    wrong: Wrong,
    at: Place = "patient",
    structured: str = "",
) -> None:
    """Ask for a patient rightly (`good`), then with each thing wrong of one kind (`bad`, told in `variant`).

    `headers` leaves out one of the four headers of the Spine Secure Proxy; `interaction` and `receiver` name others;
    `token` leaves the token out or spoils it; `expired` lets it run out; `claims` leaves out one; `claimed` gives one
    a value that it cannot have. What is asked for is the `patient` by NHS number, or the `record` (below the root
    `structured`).
    """
    door_ = (
        _record(wire, consumer, structured, patient) if at == "record" else _search(wire, consumer, patient)
    )
    door_.ask(GOOD, "", door_.right())
    for variant, headers in _wrong(door_, wrong):
        door_.ask(BAD, variant, headers)


@dataclass(frozen=True)
class _Door:
    """A request that only those may make who bring what they have to."""

    desk: Consumer
    interaction: str
    method: str
    path: str
    body: Json | None = None

    def right(self, claims: Json | None = None) -> dict[str, str]:
        """The headers of a right request, made anew, or those with other claims."""
        return self.desk.headers(self.interaction, self.desk.claims(SCOPE) if claims is None else claims)

    def ask(self, label: str, variant: str, headers: dict[str, str]) -> Exchange:
        """Send the request with these headers."""
        about = {"variant": variant} if variant else {}
        address = self.desk.address(self.path)
        return self.desk.wire.send(
            self.method,
            address,
            label=label,
            about=about,
            headers=headers,
            json=self.body,
            credentials="none",
        )


def _search(wire: Wire, consumer: dict[str, str], patient: str) -> _Door:
    return _Door(asking(wire, consumer), FIND_PATIENT, "GET", patient_search(patient))


def _record(wire: Wire, consumer: dict[str, str], structured: str, patient: str) -> _Door:
    desk = asking(wire, consumer, structured)
    return _Door(desk, STRUCTURED_RECORD, "POST", RECORD_PATH, record_request(patient))


def _wrong(door_: _Door, wrong: Wrong) -> Iterator[tuple[str, dict[str, str]]]:
    """What is wrong, and the headers of a request that is wrong so."""
    desk, right = door_.desk, door_.right
    if wrong == "headers":
        for name in ("Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID"):
            yield f"a request without {name}", _without(right(), name)
    elif wrong == "interaction":
        yield "a request with the interaction of another", right() | {"Ssp-InteractionID": METADATA}
        unknown = f"{door_.interaction.rpartition(':')[0]}:nothing-1"
        yield "a request with an interaction that there is not", right() | {"Ssp-InteractionID": unknown}
    elif wrong == "receiver":
        yield "a request to another system (Ssp-To)", right() | {"Ssp-To": ANOTHER_SYSTEM}
    elif wrong == "token":
        yield "a request without a token", _without(right(), "Authorization")
        for variant, spoilt in _spoilt():
            yield variant, right() | {"Authorization": f"Bearer {spoilt}"}
    elif wrong == "expired":
        old = desk.claims(SCOPE) | {"iat": int(time.time()) - 4000, "exp": int(time.time()) - 3700}
        yield "an expired token", right(old)
    else:
        for variant, claims in _claims(desk, wrong):
            yield variant, right(claims)


def _spoilt() -> Iterator[tuple[str, str]]:
    yield "a token of one part", "conformance"
    yield "claims that are no JSON", f"{part({'alg': 'none'})}.bm8tanNvbg."
    yield "claims that are a list", f"{part({'alg': 'none'})}.{part([])}."
    yield "a token without claims", token({})


def _claims(desk: Consumer, wrong: Wrong) -> Iterator[tuple[str, Json]]:
    whole = desk.claims(SCOPE)
    if wrong == "claims":
        for name in CLAIMS:
            yield (
                f"a token without the claim {name}",
                {key: value for key, value in whole.items() if key != name},
            )
        yield "a token with an aud that is null", whole | {"aud": None}
        return
    yield "a token with research as the reason_for_request", whole | {"reason_for_request": "research"}
    yield "a token with an iat that is a text", whole | {"iat": "today"}
    patient = {"resourceType": "Patient", "id": "1"}
    for name in ("requesting_device", "requesting_organization", "requesting_practitioner"):
        yield f"a token with a Patient as {name}", whole | {name: patient}


def _without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}
