"""Checks of the ways in that a description names, and of what strangers meet.

Sources: OpenAPI 3.1.1 sections 4.8.27 and 4.8.30; RFC 9110 section 11 (401 and its challenge), RFC 6749, RFC 8414.
"""

from conformance.analysis.described import description_answer, description_in
from conformance.checks.picking import listed, quoted
from conformance.fhir.addresses import scheme as scheme_of
from conformance.model.target import Environment
from conformance.openapi.description import Json
from conformance.openapi.form import schemes
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check

UNAUTHORISED = 401
FORBIDDEN = 403
HTTP_SCHEMES = frozenset(
    {"bearer", "digest", "dpop", "hoba", "mutual", "scram-sha-256", "scram-sha-1", "vapid", "gnap"}
)
"""Schemes of the IANA registry of HTTP authentication, but for `basic`, which gives the password away each time."""
FLOWS = frozenset({"clientCredentials", "authorizationCode"})


@check("openapi-open-authentication")
def openapi_open_authentication(evidence: Evidence) -> Findings:
    """Each operation that needs credentials, and each that writes, can be used by an open standard.

    That is OAuth 2.0 by client credentials or authorisation code, OpenID Connect, mutual TLS, or a registered HTTP
    scheme. A key of the supplier's own is one more way at best, and never in an address.
    """
    answer = description_answer(evidence)
    description = description_in(answer)
    known = schemes(description)
    if not description.operations:
        raise NoData("the description describes no operation")
    guarded = [each for each in description.operations if each.security]
    bare = [each.name for each in description.operations if not each.safe and not each.security]
    if bare:
        yield answer.finding(f"lets anybody write: {listed(bare)} need no credentials")
    if not guarded and not bare:
        raise NotApplicable("no operation needs credentials, and none writes")
    closed = [each.name for each in guarded if not any(_is_open(way, known) for way in each.security)]
    if closed:
        yield answer.finding(f"names no way in by an open standard for {listed(closed)}")
    used = {name for each in guarded for way in each.security for name in way}
    for name in sorted(used & set(known)):
        for said in _scheme_problems(known[name], evidence.target.environment):
            yield answer.finding(f"has the security scheme {quoted(name)}, {said}")


@check("openapi-strangers-refused")
def openapi_strangers_refused(evidence: Evidence, *, operation: str) -> Findings:
    """Without credentials and with a token that nobody issued, an operation that needs them answers 401 or 403.

    The tester's own request has to succeed: a service that refuses everybody shows nothing.
    """
    own = evidence.labelled("shown")
    strangers = [*evidence.labelled("anonymous"), *evidence.labelled("bad-token")]
    if not strangers:
        raise NoData(f"nobody asked {operation} as a stranger")
    for answer in strangers:
        if answer.ok:
            who = "without credentials" if answer.label == "anonymous" else "to a token that nobody issued"
            yield answer.finding(f"answered {answer.status} {who}")
    if not any(answer.ok for answer in own):
        raise NoData(
            f"the tester's own request to {operation} did not succeed, so that refusing others shows nothing"
        )
    other = [a for a in strangers if not a.ok and a.status not in {UNAUTHORISED, FORBIDDEN}]
    if other:
        raise NotJudgeable(f"{other[0]} answered {other[0].status}, which is no refusal of credentials")


@check("openapi-challenge")
def openapi_challenge(evidence: Evidence) -> Findings:
    """A request without credentials is refused with 401, and the answer says how to be let in (WWW-Authenticate)."""
    refused = [a for a in evidence.labelled("anonymous") if not a.ok]
    if not refused:
        raise NoData("no request was refused for want of credentials")
    for answer in refused:
        if answer.status == FORBIDDEN:
            yield answer.finding("answered 403 without credentials, not 401")
        elif answer.status == UNAUTHORISED and not answer.header("www-authenticate"):
            yield answer.finding("answered 401 without WWW-Authenticate, which has to say how to be let in")
        elif answer.status != UNAUTHORISED:
            raise NotJudgeable(f"{answer} answered {answer.status}")


def _is_open(way: dict[str, Json] | object, known: dict[str, dict[str, Json]]) -> bool:
    """Whether one of the schemes of a way in is an open standard."""
    return isinstance(way, dict) and any(_standard(known.get(name, {})) for name in way)


def _standard(scheme: dict[str, Json]) -> bool:
    kind = scheme.get("type")
    if kind == "oauth2":
        flows = scheme.get("flows")
        return isinstance(flows, dict) and bool(FLOWS & set(flows))
    if kind == "http":
        return str(scheme.get("scheme", "")).lower() in HTTP_SCHEMES
    return kind in {"openIdConnect", "mutualTLS"}


def _scheme_problems(scheme: dict[str, Json], environment: Environment) -> Findings:
    kind = scheme.get("type")
    if kind == "apiKey" and scheme.get("in") == "query":
        yield "a key in the address, where it ends up in logs"
    flows = scheme.get("flows")
    for flow in flows.values() if kind == "oauth2" and isinstance(flows, dict) else ():
        for name in ("tokenUrl", "authorizationUrl"):
            url = flow.get(name) if isinstance(flow, dict) else None
            if isinstance(url, str) and scheme_of(url) == "http" and environment is not Environment.SANDBOX:
                yield f"whose {name} is {url}, without TLS"
