"""Client assertions that deviate from what SMART Backend Services asks for, each in one point only.

A server that issues a token to one of these lets in whoever stole an old assertion, or made one up.
"""

import datetime as dt

from conformance.outside.assertion import assertion, fresh_key
from conformance.outside.tokens import BackendGrant
from conformance.plugin import TokenVariant

HOUR = 3600
ELSEWHERE = "https://another-server.conformance-harness.org/token"


def assertions(grant: BackendGrant, variant: TokenVariant, now: dt.datetime) -> tuple[str, ...]:
    """The assertions to send, one after the other; the last one shows what the variant is about."""
    key, client = grant.key, grant.auth.client_id
    audience = ELSEWHERE if variant == "wrong-audience" else grant.audience
    if variant == "unknown-key":
        return (assertion(fresh_key(key), client, audience, now),)
    if variant == "expired":
        return (assertion(key, client, audience, now, lifetime=-HOUR),)
    if variant == "far-expiry":
        return (assertion(key, client, audience, now, lifetime=HOUR),)
    if variant == "no-algorithm":
        return (assertion(key, client, audience, now, signed=False),)
    good = assertion(key, client, audience, now)
    return (good, good) if variant == "reused-jti" else (good,)
