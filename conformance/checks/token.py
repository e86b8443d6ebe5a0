"""Checks of the token endpoint: a right client assertion gets a token, and a wrong one does not.

Sources: https://hl7.org/fhir/smart-app-launch/backend-services.html, RFC 7523 sections 3 and 5.
"""

from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

CLIENT_ERRORS = range(400, 500)
_WRONG = {
    "expired": "has expired",
    "wrong-audience": "is for another audience",
    "unknown-key": "is signed with a key that is not registered",
    "no-algorithm": "has no signature (algorithm none)",
    "far-expiry": "expires too far in the future",
    "reused-jti": "has been used before",
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
    if not _has_token(good[-1]):
        yield good[-1].finding(f"answered {good[-1].status} and no access token to a right client assertion")
        return
    tried = [exchange for exchange in evidence.exchanges if exchange.label.removeprefix(_PREFIX) in _WRONG]
    if not tried:
        raise NoData("no wrong client assertion was tried")
    strange: list[Exchange] = []
    for exchange in tried:
        wrong = _WRONG[exchange.label.removeprefix(_PREFIX)]
        if exchange.ok or _has_token(exchange):
            yield exchange.finding(
                f"answered {exchange.status} to a client assertion that {wrong}; not refused"
            )
        elif exchange.status not in CLIENT_ERRORS:
            strange.append(exchange)
    if strange:
        raise NotJudgeable(f"{strange[0]} answered {strange[0].status}, which neither accepts nor refuses")


@check("smart-configuration")
def smart_configuration(evidence: Evidence) -> Findings:
    """The target tells anybody at its well-known address where tokens are given and that keys are accepted."""
    answer = next(iter(evidence.discovery.labelled("smart")), None)
    if answer is None or answer.failure:
        raise NoData("the well-known address was not asked, or did not answer")
    value = answer.json_or_none() if answer.ok else None
    if not isinstance(value, dict):
        yield answer.finding(f"answered {answer.status} and no SMART configuration")
        return
    if not isinstance(value.get("token_endpoint"), str):
        yield answer.finding("names no token_endpoint")
    methods = value.get("token_endpoint_auth_methods_supported")
    if not isinstance(methods, list) or "private_key_jwt" not in methods:
        yield answer.finding("does not say that clients may prove themselves by a key (private_key_jwt)")


def _has_token(exchange: Exchange) -> bool:
    value = exchange.json_or_none() if exchange.ok else None
    return (
        isinstance(value, dict) and isinstance(value.get("access_token"), str) and bool(value["access_token"])
    )
