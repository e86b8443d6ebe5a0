"""Checks that a token opens what its scopes cover, as long as it is good, and nothing else.

Sources: SMART App Launch 2.2, Backend Services; RFC 6749 section 7.
"""

import re

from conformance.checks.access import created_unlawfully, shown
from conformance.checks.picking import listed, one
from conformance.checks.statuses import CLIENT_ERRORS, SERVER_ERRORS
from conformance.checks.token import has_token
from conformance.fhir.elements import values
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

_SCOPE = re.compile(r"system/(\*|[A-Za-z]+)\.(read|write|\*|[cruds]+)(\?.*)?")
_OF_OTHERS = re.compile(r"(?<!\S)(?:user|patient)/\S+")
_LETTERS = {"read": "rs", "write": "cud", "*": "cruds"}


@check("scope-limited")
def scope_limited(evidence: Evidence) -> Findings:
    """The token covers what was asked for, and is limited to that: of systems, of users and of patients."""
    answer, granted = _granted(evidence)
    asked = _asked(evidence)
    if extra := granted - asked:
        yield answer.finding(f"grants {_said(extra)}, which was not asked for")
    if others := _OF_OTHERS.findall(_scope(answer)):
        yield answer.finding(f"grants {listed(others)}, which was not asked for")
    if missing := asked - granted:
        yield answer.finding(f"does not grant {_said(missing)}, which was asked for")


@check("scope-enforced")
def scope_enforced(evidence: Evidence) -> Findings:
    """A token for one type opens that type, and no other: by no search, no id, and not beside what is found."""
    answer, granted = _granted(evidence)
    within, beyond, own = one(evidence, "within"), one(evidence, "beyond"), one(evidence, "own")
    other = beyond.about.get("resource", "")
    if any(kind in {"*", other} for kind, letter in granted if letter in "rs"):
        raise NotJudgeable(f"{answer} grants more than was asked for: no token without {other} was got")
    if not shown(own):
        raise NoData(f"{own} gave no resource to who may see it")
    if not within.ok:
        raise NotJudgeable(f"{within} answered {within.status} to the token that was granted for it")
    for exchange in (beyond, *evidence.labelled("beyond-read")):
        if given := shown(exchange):
            yield exchange.finding(
                f"answered {exchange.status} and gave {given} to a token that does not cover {other}"
            )
    for exchange in evidence.labelled("beyond-include"):
        bundle = (exchange.resource("Bundle") if exchange.ok else None) or {}
        if any(kind == other for kind in values(bundle, "entry.resource.resourceType")):
            yield exchange.finding(f"gave {other} beside what was found to a token that does not cover it")


@check("reading-token-writes-nothing")
def reading_token_writes_nothing(evidence: Evidence) -> Findings:
    """With a token that is for reading patients only, none is created."""
    answer, granted = _granted(evidence)
    within, write = one(evidence, "within"), one(evidence, "write")
    if any(kind in {"*", "Patient"} and letter in "cud" for kind, letter in granted):
        raise NotJudgeable(f"{answer} grants more than was asked for: no token that only reads was got")
    if not within.ok:
        raise NotJudgeable(f"{within} answered {within.status} to the token that was granted for it")
    yield from created_unlawfully(evidence, write, "found-write", "to a token that is for reading only")
    if write.status in SERVER_ERRORS:
        raise NotJudgeable(f"{write} answered {write.status}, which neither accepts nor refuses")


@check("kick-off-beyond-refused")
def kick_off_beyond_refused(evidence: Evidence) -> Findings:
    """An export of a type that the token does not cover is refused at its kick-off."""
    answer, granted = _granted(evidence)
    exchange = one(evidence, "kick-off-beyond")
    other = exchange.about.get("resource", "")
    if any(kind in {"*", other} for kind, _ in granted):
        raise NotJudgeable(f"{answer} grants more than was asked for: no token without {other} was got")
    if exchange.ok:
        yield exchange.finding(f"was accepted ({exchange.status}), though the token does not cover {other}")
    elif exchange.status not in CLIENT_ERRORS:
        raise NotJudgeable(f"{exchange} answered {exchange.status}, which neither accepts nor refuses")


@check("token-runs-out")
def token_runs_out(evidence: Evidence) -> Findings:
    """A token that opened is refused once its time is over, and a leeway for clocks that differ."""
    fresh, late = one(evidence, "fresh"), one(evidence, "late")
    if not fresh.ok:
        raise NotJudgeable(f"{fresh} answered {fresh.status} to a fresh token")
    if late.ok:
        said, waited = (_noted(evidence, name) for name in ("lifetime", "waited"))
        yield late.finding(
            f"answered {late.status} to a token that was said to be good for {said} s, after {waited}"
        )
    elif late.status not in CLIENT_ERRORS:
        raise NotJudgeable(f"{late} answered {late.status}, which neither accepts nor refuses")


def _granted(evidence: Evidence) -> tuple[Exchange, set[tuple[str, str]]]:
    """The answer with the narrower token, and what its scopes allow: types with letters of cruds."""
    asked = evidence.labelled("token-narrow")
    if not asked:
        raise NoData("no token for a narrower scope was asked for")
    answer = asked[-1]
    told = answer.json_or_none() if has_token(answer) else None
    if not isinstance(told, dict):
        raise NotJudgeable(f"{answer} answered {answer.status} to a request for a narrower scope")
    if not isinstance(told.get("scope"), str):
        raise NotJudgeable(f"{answer} gave a token and did not say for which scopes")
    return answer, _allowed(_scope(answer))


def _scope(answer: Exchange) -> str:
    told = answer.json_or_none()
    return str(told.get("scope", "")) if isinstance(told, dict) else ""


def _noted(evidence: Evidence, name: str) -> str:
    return next((f"{step.notes[name]:g}" for step in evidence.steps if name in step.notes), "?")


def _asked(evidence: Evidence) -> set[tuple[str, str]]:
    asked = [step.notes["asked"] for step in evidence.steps if isinstance(step.notes.get("asked"), str)]
    if not asked:
        raise NoData("it was not recorded which scope was asked for")
    return _allowed(asked[-1])


def _allowed(scope: str) -> set[tuple[str, str]]:
    allowed = set()
    for word in scope.split():
        if match := _SCOPE.fullmatch(word):
            allowed |= {(match[1], letter) for letter in _LETTERS.get(match[2], match[2])}
    return allowed


def _said(allowed: set[tuple[str, str]]) -> str:
    return listed(f"system/{kind}.{letter}" for kind, letter in sorted(allowed))
