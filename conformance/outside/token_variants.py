"""Requests for a token that deviate from what SMART Backend Services asks for, each in one point only.

A server that issues a token to one of these lets in whoever stole an old assertion, or made one up.
"""

import datetime as dt

from conformance.outside.assertion import assertion, confused, fresh_key
from conformance.outside.tokens import BackendGrant
from conformance.plugin import TokenVariant

HOUR = 3600
ELSEWHERE = "https://another-server.conformance-harness.org/token"
KEYS_ELSEWHERE = "https://another-server.conformance-harness.org/jwks.json"
STRANGER = "htest-nobody-registered-this"

Form = dict[str, str]


def forms(grant: BackendGrant, variant: TokenVariant, now: dt.datetime) -> tuple[Form, ...]:
    """What differs from a good request in those to send, one after the other; the last shows what it is about."""
    if variant in _FORMS:
        return (_FORMS[variant],)
    key, client, audience = grant.key, grant.auth.client_id, grant.audience
    good = assertion(key, client, audience, now)

    def about(**claims: str | int | None) -> str:
        return assertion(key, client, audience, now, claims=claims)

    def headed(**headers: str) -> str:
        return assertion(key, client, audience, now, headers=headers)

    made = {
        "wrong-audience": lambda: assertion(key, client, ELSEWHERE, now),
        "unknown-key": lambda: assertion(fresh_key(key), client, audience, now),
        "expired": lambda: assertion(key, client, audience, now, lifetime=-HOUR),
        "far-expiry": lambda: assertion(key, client, audience, now, lifetime=HOUR),
        "no-algorithm": lambda: assertion(key, client, audience, now, signed=False),
        "signed-with-public-key": lambda: confused(key, good),
        "stripped-signature": lambda: good.rpartition(".")[0] + ".",
        "unknown-kid": lambda: headed(kid=STRANGER),
        "foreign-jku": lambda: headed(jku=KEYS_ELSEWHERE),
        "wrong-issuer": lambda: about(iss=STRANGER),
        "wrong-subject": lambda: about(sub=STRANGER),
        "no-jti": lambda: about(jti=None),
        "not-yet-valid": lambda: about(nbf=int(now.timestamp()) + HOUR),
    }
    last = {"client_assertion": made[variant]() if variant in made else good}
    return (last, last) if variant == "reused-jti" else (last,)


_FORMS: dict[str, Form] = {
    "no-assertion": {"client_assertion": "", "client_assertion_type": ""},
    "wrong-assertion-type": {"client_assertion_type": "urn:htest:no-such-assertion-type"},
    "wrong-grant-type": {"grant_type": "urn:htest:no-such-grant-type"},
    "no-grant-type": {"grant_type": ""},
    "user-scope": {"scope": "user/*.cruds"},
}
