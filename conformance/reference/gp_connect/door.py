"""What every request must bring: the headers of the Spine Secure Proxy, and a token that says who asks and why.

See the pages "Spine Secure Proxy", "Cross-organisation audit and provenance" and "Security" of GP Connect 1.2.x. The
token is not signed (`alg` is `none`): it is there for the audit trail.
"""

import binascii
import json
import time
from base64 import urlsafe_b64decode
from typing import Any

from starlette.requests import Request

from conformance.reference.behaviour.gp_connect import DoorBehaviour
from conformance.reference.gp_connect.outcomes import bad_request

RECEIVER = "200000000116"
"""The address space identifier (ASID) of this system."""

_PARTS = 3
_CLAIMED = {
    "requesting_device": "Device",
    "requesting_organization": "Organization",
    "requesting_practitioner": "Practitioner",
}
_TEXTS = ("iss", "sub", "aud", "requested_scope")
_TIMES = ("exp", "iat")


def admit(request: Request, interaction: str | tuple[str, ...], behaviour: DoorBehaviour) -> str:
    """Refuse (400) a request without what it must bring; the interaction that it names."""
    for name in behaviour.headers_required:
        if not request.headers.get(name, "").strip():
            raise bad_request(f"The header {name} is missing")
    known = (interaction,) if isinstance(interaction, str) else interaction
    named = request.headers.get("Ssp-InteractionID", "")
    if (
        named not in known
        and behaviour.interaction_matched
        and "Ssp-InteractionID" in behaviour.headers_required
    ):
        raise bad_request(f"The interaction {named!r} is not that of this request")
    receiver = request.headers.get("Ssp-To", RECEIVER)
    if receiver != RECEIVER and behaviour.receiver_checked:
        raise bad_request("Ssp-To names another system")
    _check_token(request.headers.get("Authorization", ""), behaviour)
    return named


def _check_token(header: str, behaviour: DoorBehaviour) -> None:
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        if behaviour.token_required:
            raise bad_request("There is no bearer token in the Authorization header")
        return
    if not behaviour.token_read:
        return
    claims = _claims(token.strip())
    for name in behaviour.claims_required:
        if claims.get(name) in (None, "", {}):
            raise bad_request(f"The token has no claim {name}")
    _check_values(claims, behaviour)


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise bad_request("The token has not three parts")
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError) as error:
        raise bad_request("The claims of the token are no JSON") from error
    if not isinstance(claims, dict):
        raise bad_request("The claims of the token are no JSON object")
    return claims


def _check_values(claims: dict[str, Any], behaviour: DoorBehaviour) -> None:
    for name in _TEXTS:
        if name in claims and not isinstance(claims[name], str):
            raise bad_request(f"The claim {name} is no text")
    for name in _TIMES:
        if name in claims and (isinstance(claims[name], bool) or not isinstance(claims[name], int)):
            raise bad_request(f"The claim {name} is no number of seconds")
    if behaviour.expiry_checked and claims.get("exp", time.time() + 1) <= time.time():
        raise bad_request("The token has expired")
    if behaviour.reason_checked and claims.get("reason_for_request", "directcare") != "directcare":
        raise bad_request("The reason for the request is not directcare")
    for name, kind in _CLAIMED.items():
        claimed = claims.get(name)
        if claimed is None or not behaviour.claimed_resources_checked:
            continue
        if not isinstance(claimed, dict) or claimed.get("resourceType") != kind:
            raise bad_request(f"The claim {name} holds no {kind}")
