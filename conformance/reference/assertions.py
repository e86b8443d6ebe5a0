"""Client assertions: the signed JWT by which a client shows who it is.

See https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html and RFC 7523, section 3.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

import jwt

from conformance.reference.behaviour import SecurityBehaviour
from conformance.reference.settings import Client, Settings

ALGORITHMS: Mapping[str, str] = {"RS384": "RSA", "ES384": "EC", "RS512": "RSA"}
LONGEST_LIFE = 300
_CLOCK_SKEW = 5


class OAuthError(Exception):
    """A token request that is refused, with the error code of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class UsedIds:
    """The `jti` of every assertion that could still be sent again."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def use(self, client_id: str, identifier: str, until: float) -> bool:
        """Whether this is the first use; remembers it until then."""
        now = time.time()
        with self._lock:
            self._until = {known: end for known, end in self._until.items() if end > now}
            if (client_id, identifier) in self._until:
                return False
            self._until[client_id, identifier] = until
            return True


def authenticate(
    assertion: str, settings: Settings, used_ids: UsedIds, behaviour: SecurityBehaviour
) -> Client:
    """The registered client that made the assertion; raises OAuthError if that is in any doubt."""
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _refused(f"the assertion is no JWT: {error}") from error
    client = next((known for known in settings.clients if known.client_id == claims.get("iss")), None)
    if client is None or claims.get("sub") != client.client_id:
        raise _refused("iss and sub are not the id of a registered client")
    _check_header(header)
    if behaviour.key_checked:
        _check_signature(assertion, header, client)
    _check_claims(claims, settings, behaviour)
    until = max(claims["exp"], time.time() + LONGEST_LIFE) + _CLOCK_SKEW
    if not used_ids.use(client.client_id, claims["jti"], until):
        raise _refused("this jti was used before")
    return client


def _check_header(header: Mapping[str, Any]) -> None:
    if header.get("alg") not in ALGORITHMS:
        raise _refused(f"alg is {header.get('alg')!r}; accepted are {', '.join(ALGORITHMS)}")
    if "jku" in header:
        raise _refused("jku is given, but this client's keys are registered directly")
    if not isinstance(header.get("kid"), str):
        raise _refused("kid is missing")


def _check_signature(assertion: str, header: Mapping[str, Any], client: Client) -> None:
    kid, algorithm = header["kid"], header["alg"]
    keys = [
        key
        for key in client.jwks.get("keys", ())
        if key.get("kid") == kid and key.get("kty") == ALGORITHMS[algorithm]
    ]
    if len(keys) != 1:
        raise _refused(f"{len(keys)} registered keys have kid {kid!r} and fit {algorithm}; one must")
    try:
        public = jwt.PyJWK(keys[0], algorithm=algorithm).key
        jwt.decode(
            assertion,
            public,
            algorithms=[algorithm],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.InvalidTokenError, jwt.PyJWKError, jwt.InvalidKeyError) as error:
        raise _refused(f"the signature does not hold: {error}") from error


def _check_claims(claims: Mapping[str, Any], settings: Settings, behaviour: SecurityBehaviour) -> None:
    now = time.time()
    if behaviour.audience_checked and settings.token_url not in _texts(claims.get("aud")):
        raise _refused(f"aud is not {settings.token_url}")
    expiry = claims.get("exp")
    if isinstance(expiry, bool) or not isinstance(expiry, (int, float)):
        raise _refused("exp is missing or is no number")
    if expiry <= now and behaviour.expiry_checked:
        raise _refused("the assertion has run out (exp)")
    if expiry > now + LONGEST_LIFE + _CLOCK_SKEW:
        raise _refused("exp is more than five minutes ahead")
    not_before = claims.get("nbf", 0)
    if not isinstance(not_before, (int, float)) or not_before > now + _CLOCK_SKEW:
        raise _refused("the assertion is not yet good (nbf)")
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not identifier:
        raise _refused("jti is missing")


def _texts(audience: object) -> list[object]:
    return list(audience) if isinstance(audience, list) else [audience]


def _refused(description: str) -> OAuthError:
    return OAuthError("invalid_client", description)
