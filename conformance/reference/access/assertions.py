"""Client assertions: the signed JWT by which a client shows who it is.

See https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html and RFC 7523, section 3.
"""

import base64
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.settings import Client, Settings

ALGORITHMS: Mapping[str, str] = {"RS384": "RSA", "ES384": "EC", "RS512": "RSA"}
LONGEST_LIFE = 300
_CLOCK_SKEW = 5
_CLAIM = {"iss": "issuer", "sub": "subject"}


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


def authenticate(assertion: str, settings: Settings, used_ids: UsedIds, behaviour: Behaviour) -> Client:
    """The registered client that made the assertion; raises OAuthError if that is in any doubt."""
    unchecked = behaviour.access.unchecked
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _refused(f"the assertion is no JWT: {error}") from error
    named = {claims.get("iss"), claims.get("sub")}
    doubted = {claims.get(name) for name in ("iss", "sub") if _CLAIM[name] not in unchecked}
    client = next((known for known in settings.clients if known.client_id in named), None)
    if client is None or doubted - {client.client_id}:
        raise _refused("iss and sub are not the id of a registered client")
    _check_header(header, unchecked)
    if behaviour.security.key_checked:
        _check_signature(assertion, header, client, unchecked)
    _check_claims(claims, settings, behaviour)
    until = max(claims["exp"], time.time() + LONGEST_LIFE) + _CLOCK_SKEW
    identifier = claims.get("jti") or secrets.token_hex()
    if not used_ids.use(client.client_id, identifier, until) and "replay" not in unchecked:
        raise _refused("this jti was used before")
    return client


def _check_header(header: Mapping[str, Any], unchecked: frozenset[str]) -> None:
    if header.get("alg") not in ALGORITHMS and "algorithm" not in unchecked:
        raise _refused(f"alg is {header.get('alg')!r}; accepted are {', '.join(ALGORITHMS)}")
    if "jku" in header and "jku" not in unchecked:
        raise _refused("jku is given, but this client's keys are registered directly")
    if not isinstance(header.get("kid"), str):
        raise _refused("kid is missing")


def _check_signature(
    assertion: str, header: Mapping[str, Any], client: Client, unchecked: frozenset[str]
) -> None:
    kid, algorithm = header["kid"], header["alg"]
    if "algorithm" in unchecked and algorithm not in ALGORITHMS:
        return _take_any_algorithm(assertion, algorithm, client)
    keys = [
        key
        for key in client.jwks.get("keys", ())
        if (key.get("kid") == kid or "key-id" in unchecked) and key.get("kty") == ALGORITHMS[algorithm]
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
    return None


def _take_any_algorithm(assertion: str, algorithm: str, client: Client) -> None:
    """What a server does that lets the assertion say how it is to be verified: `none`, or HS256 by a public key."""
    signed, _, signature = assertion.rpartition(".")
    if algorithm == "none" and not signature:
        return
    for key in client.jwks.get("keys", ()):
        public = jwt.PyJWK(key, algorithm="ES384" if key.get("kty") == "EC" else "RS384").key
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        made = base64.urlsafe_b64encode(hmac.digest(pem, signed.encode(), "sha256")).rstrip(b"=")
        if algorithm == "HS256" and hmac.compare_digest(made, signature.encode()):
            return
    raise _refused("the signature does not hold")


def _check_claims(claims: Mapping[str, Any], settings: Settings, behaviour: Behaviour) -> None:
    now, unchecked = time.time(), behaviour.access.unchecked
    if behaviour.security.audience_checked and settings.token_url not in _texts(claims.get("aud")):
        raise _refused(f"aud is not {settings.token_url}")
    expiry = claims.get("exp")
    if isinstance(expiry, bool) or not isinstance(expiry, (int, float)):
        raise _refused("exp is missing or is no number")
    if expiry <= now and behaviour.security.expiry_checked:
        raise _refused("the assertion has run out (exp)")
    if expiry > now + LONGEST_LIFE + _CLOCK_SKEW and "lifetime" not in unchecked:
        raise _refused("exp is more than five minutes ahead")
    not_before = claims.get("nbf", 0)
    early = not isinstance(not_before, (int, float)) or not_before > now + _CLOCK_SKEW
    if early and "not-before" not in unchecked:
        raise _refused("the assertion is not yet good (nbf)")
    identifier = claims.get("jti")
    if (not isinstance(identifier, str) or not identifier) and "jti" not in unchecked:
        raise _refused("jti is missing")


def _texts(audience: object) -> list[object]:
    return list(audience) if isinstance(audience, list) else [audience]


def _refused(description: str) -> OAuthError:
    return OAuthError("invalid_client", description)
