"""Checks of the token endpoint: a right client assertion gets a token, and a wrong one does not.

Sources: https://hl7.org/fhir/smart-app-launch/backend-services.html, RFC 7523 sections 3 and 5.
"""

from conformance.checks.statuses import CLIENT_ERRORS
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

_WRONG = {
    "expired": "has expired",
    "wrong-audience": "is for another audience",
    "unknown-key": "is signed with a key that is not registered",
    "no-algorithm": "has no signature (algorithm none)",
    "far-expiry": "expires too far in the future",
    "reused-jti": "has been used before",
    "signed-with-public-key": "is signed by HS256 with the public key as its secret",
    "stripped-signature": "has lost its signature",
    "unknown-kid": "names a key id that nobody registered",
    "foreign-jku": "points to keys at an address that nobody registered (jku)",
    "wrong-issuer": "names another client as its issuer",
    "wrong-subject": "names another client as its subject",
    "no-jti": "has no jti",
    "not-yet-valid": "is not valid before an hour from now (nbf)",
}
_PREFIX = "token-"


@check("token-endpoint")
def token_endpoint(evidence: Evidence) -> Findings:
    """A right client assertion gets an access token; each wrong one is refused with a 4xx and gets none.

    Where the right one gets none, refusing the others shows nothing.
    """
    good = evidence.labelled("token-good")
    if not good:
        raise NoData("no right client assertion was tried")
    if not has_token(good[-1]):
        yield good[-1].finding(f"answered {good[-1].status} and no access token to a right client assertion")
        return
    tried = [exchange for exchange in evidence.exchanges if exchange.label.removeprefix(_PREFIX) in _WRONG]
    if not tried:
        raise NoData("no wrong client assertion was tried")
    strange: list[Exchange] = []
    for exchange in tried:
        wrong = _WRONG[exchange.label.removeprefix(_PREFIX)]
        if exchange.ok or has_token(exchange):
            yield exchange.finding(
                f"answered {exchange.status} to a client assertion that {wrong}; not refused"
            )
        elif exchange.status not in CLIENT_ERRORS:
            strange.append(exchange)
    if strange:
        raise NotJudgeable(f"{strange[0]} answered {strange[0].status}, which neither accepts nor refuses")


@check("assertion-refused")
def assertion_refused(evidence: Evidence, *, variants: list[str]) -> Findings:
    """Each of these wrong client assertions is refused with a 4xx and gets no token, where a right one gets one."""
    good = _good(evidence)
    strange: list[Exchange] = []
    for variant in variants:
        tried = evidence.labelled(f"{_PREFIX}{variant}")
        if not tried:
            raise NoData(f"no client assertion of the kind {variant} was tried")
        exchange = tried[-1]
        if exchange.ok or has_token(exchange):
            yield exchange.finding(
                f"answered {exchange.status} to a client assertion that {_WRONG.get(variant, 'is wrong')}"
            )
        elif exchange.status not in CLIENT_ERRORS:
            strange.append(exchange)
    if strange:
        raise NotJudgeable(f"{strange[0]} answered {strange[0].status}, while {good} gets a token")


def _good(evidence: Evidence) -> Exchange:
    """The answer to a right client assertion. Raises NotJudgeable where it holds no token."""
    good = evidence.labelled(f"{_PREFIX}good")
    if not good or not has_token(good[-1]):
        raise NotJudgeable("a right client assertion got no token: refusing wrong ones shows nothing")
    return good[-1]


def has_token(exchange: Exchange) -> bool:
    """Whether an answer holds an access token."""
    value = exchange.json_or_none() if exchange.ok else None
    return (
        isinstance(value, dict) and isinstance(value.get("access_token"), str) and bool(value["access_token"])
    )
