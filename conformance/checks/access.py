"""Checks that a target lets in nobody but whom it should (RFC 6749 section 7, RFC 6750 section 3)."""

import re
from typing import Literal

from conformance.checks.exchanged import CREATED, GONE, NOT_FOUND, finds_what_it_asks, resource_of
from conformance.checks.picking import one, permitted, picked, quoted
from conformance.checks.statuses import SERVER_ERRORS
from conformance.fhir.bundles import matches
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

UNAUTHORISED = 401
BEARER_KINDS = ("bearer", "client-credentials", "smart-backend-services")
ERROR = re.compile(r'\berror="([^"]*)"')
IN_WORDS = {"none": "without credentials", "bad": "with a token that nobody issued"}


@check("asks-for-credentials")
def asks_for_credentials(evidence: Evidence, *, kind: str | list[str] = "") -> Findings:
    """The target file says that the target asks for credentials (of one of these kinds)."""
    wanted = [kind] if isinstance(kind, str) else kind
    used = evidence.target.auth
    if used == "none":
        yield "the target asks for no credentials"
    elif any(wanted) and used not in wanted:
        yield f"the target is used with credentials of the kind {used}, not {' or '.join(wanted)}"


@check("may-write")
def may_write(evidence: Evidence) -> Findings:
    """The tester may write to the target, by leave of the target file. A gate for tests that add to others."""
    if not evidence.target.may_write:
        yield "the target file gives no permission to write"


@check("turned-away")
def turned_away(evidence: Evidence, *, label: str = "stranger") -> Findings:
    """Who has no valid credentials is given no resource: neither as the answer nor in a Bundle."""
    for exchange in picked(evidence, label):
        if exchange.status in SERVER_ERRORS:
            raise NotJudgeable(f"{exchange} answered {exchange.status}, which neither lets in nor turns away")
        if given := shown(exchange):
            whose = IN_WORDS.get(exchange.credentials, "without credentials of one's own")
            yield exchange.finding(f"answered {exchange.status} {whose} and gave {given}")


@check("stranger-changes-nothing")
def stranger_changes_nothing(evidence: Evidence, *, who: Literal["none", "bad"]) -> Findings:
    """Who has no valid credentials creates nothing, and changes and deletes nothing of what there is."""
    before, after = resource_of(one(evidence, "before")), permitted(one(evidence, f"after-{who}"))
    tried = [one(evidence, f"stranger-{what}-{who}") for what in ("create", "update", "delete")]
    create, *changes = tried
    yield from created_unlawfully(
        evidence, create, f"found-{who}", f"{IN_WORDS[who]}: a stranger creates patients"
    )
    now = after.resource("Patient") if after.ok else None
    if after.status in {NOT_FOUND, GONE}:
        yield after.finding(
            f"shows that the patient is gone, though only a stranger deleted it ({changes[-1]})"
        )
    elif now is None:
        raise NotJudgeable(f"{after} answered {after.status}: what became of the patient is not seen")
    elif now.get("gender") != before.get("gender"):
        yield after.finding(
            f"shows a patient that was changed, though only a stranger changed it ({changes[0]})"
        )
    for exchange in tried:
        if exchange.status in SERVER_ERRORS:
            raise NotJudgeable(f"{exchange} answered {exchange.status}, which neither lets in nor turns away")


@check("token-not-in-url")
def token_not_in_url(evidence: Evidence) -> Findings:
    """A token that opens in the Authorization header opens nothing as a parameter of the URL."""
    right, wrong = one(evidence, "in-header"), one(evidence, "in-url")
    if not right.ok:
        raise NotJudgeable(f"{right} answered {right.status} to the token where it should be")
    if not shown(right):
        raise NoData(f"{right} gave no resource")
    if given := shown(wrong):
        yield wrong.finding(f"answered {wrong.status} to a token in the URL and gave {given}")


def created_unlawfully(evidence: Evidence, create: Exchange, looked: str, why: str) -> Findings:
    """That a create that was to be refused was carried out: by its answer, or since a search finds what it made.

    A page for logging in may answer 200 as well. Raises NotJudgeable where it may be such a page, and no search tells.
    """
    found = one(evidence, looked)
    if create.ok and (create.status == CREATED or shown(create)):
        yield create.finding(f"answered {create.status} {why}")
    elif finds_what_it_asks(found):
        yield found.finding(
            f"finds a patient that {create} created, though it answered {create.status} {why}"
        )
    elif create.ok and not finds_what_it_asks(one(evidence, "found-own")):
        raise NotJudgeable(
            f"{create} answered {create.status}: whether it created something, no search tells"
        )


def shown(exchange: Exchange) -> str:
    """What data an answer gives away; empty where it gives none."""
    resource = exchange.resource() if exchange.ok else None
    if resource is None or resource["resourceType"] in {"OperationOutcome", "CapabilityStatement"}:
        return ""
    if resource["resourceType"] != "Bundle":
        return f"a {resource['resourceType']}"
    found = len(matches(resource))
    return f"{found} {'match' if found == 1 else 'matches'}" if found else ""


def _challenged(evidence: Evidence, label: str) -> list[Exchange]:
    found = [exchange for exchange in picked(evidence, label) if exchange.status == UNAUTHORISED]
    if not found:
        raise NotApplicable("nothing was answered with 401")
    return found


@check("challenge-stated")
def challenge_stated(evidence: Evidence, *, label: str = "stranger") -> Findings:
    """An answer 401 says in WWW-Authenticate how to be let in (RFC 9110 section 15.5.2)."""
    for exchange in _challenged(evidence, label):
        if exchange.header("www-authenticate") is None:
            yield exchange.finding("answered 401 without WWW-Authenticate")


@check("challenge-error")
def challenge_error(evidence: Evidence, *, error: str = "", label: str = "stranger") -> Findings:
    """The challenge of an answer 401 names this error, or none where none is named (RFC 6750 section 3.1)."""
    stated = [(e, e.header("www-authenticate")) for e in _challenged(evidence, label)]
    bearers = [(e, value) for e, value in stated if value is not None and "bearer" in value.lower()]
    if not bearers:
        raise NotApplicable("no 401 had a challenge for bearer tokens")
    for exchange, value in bearers:
        match = ERROR.search(value)
        found = match[1] if match else ""
        if found != error:
            wanted = f"the error {error}" if error else "no error"
            yield exchange.finding(
                f"challenges with {quoted(found) if found else 'no error'}, not with {wanted}"
            )


@check("same-refusal")
def same_refusal(evidence: Evidence, *, known: str, unknown: str) -> Findings:
    """Strangers cannot tell from the refusal whether a resource exists."""
    there, nowhere = one(evidence, known), one(evidence, unknown)
    if there.ok or there.status in SERVER_ERRORS:
        raise NotApplicable(f"{there} answered {there.status}: strangers are not turned away there")
    if there.status != nowhere.status:
        yield nowhere.finding(
            f"answered {nowhere.status} for an id that there is not, and {there.status} for one that there is"
        )


@check("no-banner")
def no_banner(evidence: Evidence, *, label: str = "stranger") -> Findings:
    """No header tells a stranger which version of which software answers."""
    for exchange in picked(evidence, label):
        for name in ("server", "x-powered-by", "x-aspnet-version"):
            value = exchange.header(name) or ""
            if re.search(r"\d+\.\d+", value):
                yield exchange.finding(f"has the {name} header {quoted(value)}, with a version")


@check("hsts")
def hsts(evidence: Evidence, *, label: str = "") -> Findings:
    """Answers over https have a Strict-Transport-Security header with an age (RFC 6797 section 6.1)."""
    answers = [e for e in picked(evidence, label) if e.status and e.url.lower().startswith("https:")]
    if not answers:
        raise NotApplicable("nothing was asked over https")
    for exchange in answers:
        value = exchange.header("strict-transport-security")
        if value is None or not re.search(r"max-age\s*=\s*\"?[1-9]", value, re.IGNORECASE):
            said = f"has the Strict-Transport-Security {quoted(value)}" if value else "has none"
            yield exchange.finding(f"{said}: browsers may go on over http")
