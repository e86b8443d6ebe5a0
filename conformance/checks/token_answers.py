"""Checks of what a token endpoint answers (RFC 6749 section 5; SMART App Launch 2.2, Backend Services)."""

from typing import Any

from conformance.checks.exchanged import may_be_stored
from conformance.checks.picking import alternatives, one, quoted
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.checks.token import has_token
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

GOOD = "token-good"
ERRORS = (
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope",
)  # fmt: skip
REFUSED = (400, 401)


@check("token-given")
def token_given(evidence: Evidence) -> Findings:
    """A right request is answered with a JSON object that holds an access token."""
    answer = one(evidence, GOOD)
    if not has_token(answer):
        yield answer.finding(f"answered {answer.status} and no access token to a right request")
    elif answer.media_type != "application/json":
        yield answer.finding(
            f"labels the token as {quoted(answer.media_type or 'nothing')}, not application/json"
        )


@check("token-member")
def token_member(evidence: Evidence, *, member: str, text: str = "", number: bool = False) -> Findings:
    """The answer with the token has this member: this text in whatever case, a number above zero, or any text."""
    answer, told = _given(evidence)
    value = told.get(member)
    if member not in told:
        yield answer.finding(f"gives a token without {member}")
    elif number:
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            yield answer.finding(
                f"gives a token with the {member} {quoted(value)}, which is no number above zero"
            )
    elif not isinstance(value, str) or (text and value.lower() != text.lower()):
        yield answer.finding(f"gives a token with the {member} {quoted(value)}, not {text or 'a text'}")


@check("token-not-stored")
def token_not_stored(evidence: Evidence) -> Findings:
    """The answer with the token says Cache-Control: no-store (RFC 6749 section 5.1)."""
    answer, _ = _given(evidence)
    if may_be_stored(answer):
        yield answer.finding(f"says Cache-Control {quoted(answer.header('cache-control'))}, not no-store")


@check("token-lifetime")
def token_lifetime(evidence: Evidence, *, most: int) -> Findings:
    """The token is good for so many seconds at most."""
    answer, told = _given(evidence)
    value = told.get("expires_in")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NoData(f"{answer} does not say how long the token is good")
    if value > most:
        yield answer.finding(f"gives a token that is good for {value:g} s, more than {most}")


@check("no-refresh-token")
def no_refresh_token(evidence: Evidence) -> Findings:
    """No refresh token comes with the token."""
    answer, told = _given(evidence)
    if "refresh_token" in told:
        yield answer.finding("gives a refresh token too")


@check("no-foreign-scope")
def no_foreign_scope(evidence: Evidence, *, prefix: str, label: str) -> Findings:
    """A request for scopes of a kind that this client cannot have is refused, or granted without them."""
    _given(evidence)
    answer = one(evidence, label)
    told = answer.json_or_none() if has_token(answer) else None
    if isinstance(told, dict):
        scope = told.get("scope")
        if not isinstance(scope, str):
            raise NotJudgeable(f"{answer} gave a token and did not say for which scopes")
        if any(word.startswith(prefix) for word in scope.split()):
            yield answer.finding(f"granted the scope {quoted(scope)} to a client that acts for no user")


@check("token-error")
def token_error(evidence: Evidence, *, labels: list[str], error: str | list[str] = "") -> Findings:
    """Each refusal of the token endpoint is 400 or 401, and JSON with an error code of RFC 6749 (one of these)."""
    wanted = [error] if isinstance(error, str) else error
    for answer, told in _refusals(evidence, labels):
        code = told.get("error") if told is not None else None
        if answer.status not in REFUSED:
            yield answer.finding(f"refuses with {answer.status}, not 400 or 401")
        if told is None:
            yield answer.finding(f"refuses with {answer.status} and no JSON object")
        elif any(wanted) and code not in wanted:
            yield answer.finding(f"refuses with the error {quoted(code)}, not {alternatives(wanted)}")
        elif code not in ERRORS:
            yield answer.finding(f"refuses with the error {quoted(code)}, which RFC 6749 does not know")


@check("token-error-told")
def token_error_told(evidence: Evidence, *, labels: list[str]) -> Findings:
    """Each refusal of the token endpoint says more in error_description, or where to read more in error_uri."""
    for answer, told in _refusals(evidence, labels):
        if told is None or not (told.get("error_description") or told.get("error_uri")):
            yield answer.finding("refuses without error_description or error_uri")


def _given(evidence: Evidence) -> tuple[Exchange, dict[str, Any]]:
    answer = one(evidence, GOOD)
    told = answer.json_or_none() if has_token(answer) else None
    if not isinstance(told, dict):
        raise NotJudgeable(f"{answer} answered {answer.status} and no token to a right request")
    return answer, told


def _refusals(evidence: Evidence, labels: list[str]) -> list[tuple[Exchange, dict[str, Any] | None]]:
    _given(evidence)
    answers = [one(evidence, label) for label in labels]
    refused = [answer for answer in answers if answer.status in CLIENT_ERRORS]
    if not refused:
        raise NotApplicable("none of these requests was refused")
    bodies = [(answer, answer.json_or_none()) for answer in refused]
    return [(answer, body if isinstance(body, dict) else None) for answer, body in bodies]
