"""Lies at the door: tokens that are good for too much or for too long, assertions that are not looked at."""

import base64
import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from benchmarks.assurance.lie import lie
from benchmarks.assurance.lies.tools import SMART, remembered
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "tokens"
BACKEND = f"{SMART}/backend-services.html"
TOKEN = BACKEND + "#obtain-access-token"
BEARER = "https://www.rfc-editor.org/rfc/rfc6750#section-3"


def _remember(asked: Asked, answer: Answer, memory: Memory) -> None:
    """Keep the newest good token, and the one with the widest scope."""
    if asked.is_token and answer.status == 200 and answer.document:
        token, scope = answer.document["access_token"], answer.document.get("scope", "")
        memory["newest"] = answer
        if "*.cruds" in scope:
            memory["widest"] = token


def _with_token(asked: Asked, memory: Memory) -> Asked:
    wide = memory.get("widest")
    return asked.with_header("authorization", f"Bearer {wide}") if wide else asked


def _claims(asked: Asked) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of the assertion in a request for a token, unverified; empty where there is none."""
    parts = dict(asked.form).get("client_assertion", "").split(".")
    try:
        head, body = (json.loads(base64.urlsafe_b64decode(p + "=" * (-len(p) % 4))) for p in parts[:2])
    except ValueError:
        return {}, {}
    return head, body


async def _entering(asked: Asked, ask: Ask, memory: Memory, *, stranger: bool, narrow: bool) -> Answer:
    """Let in those whom the honest supplier turns away: strangers, or tokens of too narrow a scope."""
    answer = await ask(asked)
    _remember(asked, answer, memory)
    if asked.outside or answer.status not in (401, 403):
        return answer
    let_in = stranger if answer.status == 401 else narrow
    return await ask(_with_token(asked, memory)) if let_in else answer


def _token_says(asked: Asked, answer: Answer, **members: Any) -> Answer:
    if not (asked.is_token and answer.status == 200):
        return answer
    told = {**answer.document, **members}
    return answer.with_document({name: value for name, value in told.items() if value is not None})


@lie(FAMILY, "SHALL", BACKEND, token_seconds=3600)
def old_tokens_are_good(asked: Asked, answer: Answer) -> Answer:
    """Tokens are accepted after their time is over: they are good for an hour, and 12 seconds are said."""
    return _token_says(asked, answer, expires_in=12)


@lie(FAMILY, "SHALL", BEARER)
async def any_token_is_good(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Any bearer token is accepted, also one that nobody issued."""
    has_one = bool(asked.header("authorization"))
    return await _entering(asked, ask, memory, stranger=has_one, narrow=False)


@lie(FAMILY, "SHALL", BEARER)
async def no_token_is_needed(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Who sends no token is let in."""
    return await _entering(asked, ask, memory, stranger=not asked.header("authorization"), narrow=False)


@lie(FAMILY, "SHALL", BEARER)
async def no_token_is_needed_for_reads(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Who knows the id of a resource reads it without a token; all else is guarded."""
    free = asked.is_read and not asked.header("authorization")
    return await _entering(asked, ask, memory, stranger=free, narrow=False)


@lie(FAMILY, "SHALL", "https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-request")
async def no_token_is_needed_for_files(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Exported files are given to anybody who knows their address, though the manifest says that a token is needed."""
    return await _entering(asked, ask, memory, stranger=asked.is_file, narrow=asked.is_file)


@lie(FAMILY, "SHALL", f"{SMART}/scopes-and-launch-context.html")
async def scopes_have_no_effect(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """A token for one thing is good for all things."""
    return await _entering(asked, ask, memory, stranger=False, narrow=True)


@lie(FAMILY, "SHALL", TOKEN)
async def replayed_assertions_are_good(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """An assertion that was used before gives a token again."""
    answer = await ask(asked)
    jti = _claims(asked)[1].get("jti")
    used = remembered(memory, "used")
    if asked.is_token and answer.status >= 400 and jti in used:
        return used[jti]
    if asked.is_token and answer.status == 200:
        used[jti] = answer
    return answer


async def _accepting(asked: Asked, ask: Ask, memory: Memory, *, wrong: bool) -> Answer:
    """Give the newest good token in answer to an assertion that is wrong in this way."""
    answer = await ask(asked)
    _remember(asked, answer, memory)
    return memory.get("newest", answer) if asked.is_token and answer.status >= 400 and wrong else answer


@lie(FAMILY, "SHALL", TOKEN)
async def expired_assertions_are_good(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """An assertion whose time is over gives a token."""
    expiry = _claims(asked)[1].get("exp", time.time())
    return await _accepting(asked, ask, memory, wrong=isinstance(expiry, int) and expiry < time.time())


@lie(FAMILY, "SHALL", TOKEN)
async def long_assertions_are_good(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """An assertion that is good for more than five minutes gives a token."""
    expiry = _claims(asked)[1].get("exp", 0)
    return await _accepting(asked, ask, memory, wrong=isinstance(expiry, int) and expiry > time.time() + 310)


@lie(FAMILY, "SHALL", TOKEN)
async def assertions_for_others_are_good(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """An assertion that was made for another server gives a token."""
    audience = _claims(asked)[1].get("aud", "")
    ours = str(audience).endswith(f"{asked.header('host')}/token")
    return await _accepting(asked, ask, memory, wrong=bool(audience) and not ours)


@lie(FAMILY, "SHALL", TOKEN)
async def unsigned_assertions_are_good(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """An assertion with the algorithm none, or without a signature, gives a token."""
    text = dict(asked.form).get("client_assertion", "")
    bare = _claims(asked)[0].get("alg") == "none" or text.endswith(".")
    return await _accepting(asked, ask, memory, wrong=bool(text) and bare)


@lie(FAMILY, "SHALL", TOKEN)
async def signatures_are_not_checked(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """An assertion in good form gives a token, whoever signed it."""
    head, claims = _claims(asked)
    fresh = isinstance(claims.get("exp"), int) and time.time() < claims["exp"] < time.time() + 310
    good = (
        head.get("alg") in ("ES384", "RS384")
        and claims.get("iss") == claims.get("sub")
        and bool(claims.get("jti"))
    )
    used = remembered(memory, "jtis")
    first = claims.get("jti") not in used
    used[claims.get("jti")] = True
    wrong = good and fresh and first and str(claims.get("aud", "")).endswith("/token")
    grant = dict(asked.form).get("grant_type") == "client_credentials" and "assertion" in asked.body.decode(
        "latin-1"
    )
    return await _accepting(asked, ask, memory, wrong=wrong and grant)


@lie(FAMILY, "SHALL", TOKEN)
async def unknown_clients_get_tokens(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """A client that nobody registered gets a token."""
    client = _claims(asked)[1].get("iss", "")
    return await _accepting(asked, ask, memory, wrong=bool(client) and client != "conformance-harness")


@lie(FAMILY, "SHALL", TOKEN)
async def any_grant_is_good(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """grant_type and client_assertion_type are not looked at."""
    if not asked.is_token:
        return await ask(asked)
    fixed = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    return await ask(replace(asked, body=urlencode({**dict(asked.form), **fixed}).encode()))


@lie(FAMILY, "SHALL", TOKEN)
def more_scope_than_asked(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """Whatever scope is asked for, the token is for all, and the answer says only what was asked for."""
    _remember(asked, answer, memory)
    wide = memory.get("widest")
    if not (asked.is_token and answer.status == 200 and wide):
        return answer
    return answer.with_document({**answer.document, "access_token": wide})


@lie(FAMILY, "SHALL", TOKEN)
async def unknown_scopes_are_passed_over(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """A scope that does not exist is not refused: a token for all comes."""
    answer = await ask(asked)
    _remember(asked, answer, memory)
    refused = asked.is_token and answer.status == 400 and b"invalid_scope" in answer.body
    return memory.get("newest", answer) if refused else answer


@lie(FAMILY, "SHALL", BACKEND + "#response")
def no_lifetime_is_said(asked: Asked, answer: Answer) -> Answer:
    """The answer with the token has no expires_in."""
    return _token_says(asked, answer, expires_in=None)


@lie(FAMILY, "SHOULD", BACKEND + "#response")
def tokens_are_good_for_a_day(asked: Asked, answer: Answer) -> Answer:
    """The answer with the token says that it is good for a day, far more than the five minutes that should be."""
    return _token_says(asked, answer, expires_in=86400)


@lie(FAMILY, "SHALL", BACKEND + "#response")
def tokens_are_of_no_known_kind(asked: Asked, answer: Answer) -> Answer:
    """token_type is mac."""
    return _token_says(asked, answer, token_type="mac")


@lie(FAMILY, "SHALL", BACKEND + "#response")
def no_scope_is_said(asked: Asked, answer: Answer) -> Answer:
    """The answer with the token has no scope."""
    return _token_says(asked, answer, scope=None)


@lie(FAMILY, "SHALL", "https://www.rfc-editor.org/rfc/rfc6749#section-5.1")
def tokens_may_be_cached(asked: Asked, answer: Answer) -> Answer:
    """The answer with the token may be cached by anybody: no Cache-Control: no-store."""
    if not asked.is_token:
        return answer
    return answer.with_header("cache-control", "public, max-age=3600").with_header("pragma", None)


@lie(FAMILY, "SHALL", "https://www.rfc-editor.org/rfc/rfc6749#section-5.2")
def refusals_of_tokens_say_no_error(asked: Asked, answer: Answer) -> Answer:
    """Refused requests for tokens answer 400 without the member error."""
    return answer.with_document({"message": "no"}) if asked.is_token and answer.status >= 400 else answer


@lie(FAMILY, "SHALL", "https://www.rfc-editor.org/rfc/rfc6749#section-5.2")
def refusals_of_tokens_are_200(asked: Asked, answer: Answer) -> Answer:
    """Refused requests for tokens answer 200 with the error in the body."""
    return replace(answer, status=200) if asked.is_token and answer.status >= 400 else answer


@lie(FAMILY, "SHALL", BEARER)
def strangers_get_no_challenge(asked: Asked, answer: Answer) -> Answer:
    """401 comes without WWW-Authenticate."""
    return answer.with_header("www-authenticate", None) if answer.status == 401 else answer


@lie(FAMILY, "SHALL", BEARER)
def strangers_find_nothing(asked: Asked, answer: Answer) -> Answer:
    """Who is not logged in and searches gets 200 and an empty Bundle."""
    if not (answer.status == 401 and asked.is_search):
        return answer
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    return Answer(200, (("content-type", "application/fhir+json"),)).with_document(empty)
