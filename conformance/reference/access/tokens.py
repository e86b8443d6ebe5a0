"""Who may do what: bearer tokens, and what their scopes allow.

See RFC 6750 and https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html.
"""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from conformance.reference.access.scopes import Scope, parse
from conformance.reference.behaviour.formats import AccessBehaviour
from conformance.reference.forms.outcomes import RequestError

_REMEMBERED = 600
_VERBS = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}


@dataclass(frozen=True)
class Grant:
    """What a request may do."""

    scopes: tuple[Scope, ...]

    def allows(self, letter: str, resource_type: str) -> bool:
        """Whether an interaction (one of the letters cruds) with a type is within the scopes."""
        return any(scope.covers(letter, resource_type) for scope in self.scopes)

    def require(self, letter: str, resource_type: str) -> None:
        """Refuse (403) what is not within the scopes."""
        if not self.allows(letter, resource_type):
            what = f"The token's scopes do not allow to {_VERBS[letter]} {resource_type}"
            raise RequestError(
                403,
                "forbidden",
                what,
                {"WWW-Authenticate": 'Bearer realm="fhir", error="insufficient_scope"'},
            )


EVERYTHING = Grant((Scope("*", frozenset("cruds")),))


def grant_of(scope: str) -> Grant:
    """What a scope text allows."""
    return Grant(tuple(known for word in scope.split() if (known := parse(word))))


class TokenRegister:
    """The tokens that were issued and have not run out, beside those that the settings name."""

    def __init__(self, static: Mapping[str, str], lifetime: float) -> None:
        self.lifetime = lifetime
        self._static = {token: grant_of(scope) for token, scope in static.items()}
        self._issued: dict[str, tuple[Grant, float]] = {}
        self._lock = threading.Lock()

    def issue(self, scope: str) -> str:
        """A new random token with those scopes, good for `lifetime` seconds."""
        token = secrets.token_urlsafe(32)
        now = time.monotonic()
        with self._lock:
            self._issued = {
                known: kept for known, kept in self._issued.items() if kept[1] > now - _REMEMBERED
            }
            self._issued[token] = (grant_of(scope), now + self.lifetime)
        return token

    def find(self, token: str, *, expired: bool = False) -> Grant | None:
        """What a token allows, or None if it was not issued here or has run out, unless those count too."""
        if token in self._static:
            return self._static[token]
        kept = self._issued.get(token)
        return kept[0] if kept and (expired or kept[1] > time.monotonic()) else None


def bearer_token(request: Request) -> str | None:
    """The token that a request carries in its Authorization header, if any."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def authorise(request: Request, register: TokenRegister, access: AccessBehaviour, *, required: bool) -> Grant:
    """What the request may do; refuses (401) one without a valid token, unless none is required."""
    if not required or (access.open_type and request.path_params.get("type") == access.open_type):
        return EVERYTHING
    if access.lets_in(request.method, request.url.path):
        return EVERYTHING
    token = bearer_token(request)
    if token is None and access.token_in_query:
        token = request.query_params.get("access_token")
    if token is None:
        raise _stranger(access, "A bearer token is needed", 'Bearer realm="fhir"')
    grant = register.find(token, expired=not access.tokens_expire)
    if grant is None and access.any_token_searches and "id" not in request.path_params:
        grant = EVERYTHING
    if grant is None:
        told = "The bearer token is not valid or has run out"
        raise _stranger(access, told, 'Bearer realm="fhir", error="invalid_token"')
    return EVERYTHING if access.scope_ignored(request.method, request.url.path) else grant


def _stranger(access: AccessBehaviour, told: str, challenge: str) -> RequestError:
    stated = {"WWW-Authenticate": access.challenge(challenge)} if access.challenge_stated else {}
    return RequestError(401, "login", told, stated)
