"""Ways in, errors, ends and exports of a described service: what passes, what fails, and what shows nothing."""

import datetime as dt
import json

import pytest
from described_evidence import changed, exchange, fits, seen, told
from small_services import HELD, JSON, PROBLEM, described

from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.target import Environment

ALL = "GET /things"
LIST = list(HELD.values())
GOOD = exchange("valid", "/things?limit=2", body=LIST)


OAUTH = {
    "type": "oauth2",
    "flows": {"clientCredentials": {"tokenUrl": "https://a.example/token", "scopes": {}}},
}


def guarded(scheme, security=({"s": []},), reading=()):
    whole = changed("components", "securitySchemes", to={"s": scheme})
    whole["paths"]["/things"]["post"]["security"] = list(security)
    whole["paths"]["/things"]["get"]["security"] = list(reading)
    return whole


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        (OAUTH, []),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://a.example"}, []),
        ({"type": "mutualTLS"}, []),
        ({"type": "http", "scheme": "Bearer"}, []),
        ({"type": "http", "scheme": "basic"}, ["names no way in by an open standard for POST /things"]),
        ({"type": "http"}, ["names no way in"]),
        ({"type": "apiKey", "in": "header", "name": "k"}, ["names no way in"]),
        ({"type": "apiKey", "in": "query", "name": "k"}, ["names no way in", "a key in the address"]),
        ({"type": "oauth2", "flows": {"password": {"tokenUrl": "https://a.example", "scopes": {}}}},
         ["names no way in"]),
        ({"type": "oauth2", "flows": {"authorizationCode": {
            "authorizationUrl": "http://a.example", "tokenUrl": "http://b.example", "scopes": {}}}},
         ["whose tokenUrl is http://b.example, without TLS", "whose authorizationUrl is http://a.example"]),
    ],
)  # fmt: skip
def test_credentials_are_by_an_open_standard(scheme, words):
    evidence = seen(whole=guarded(scheme), environment=Environment.PRODUCTION)
    assert fits(told("openapi-open-authentication", evidence), words)


def test_a_sandbox_may_be_without_tls():
    flows = {"clientCredentials": {"tokenUrl": "http://b.example", "scopes": {}}}
    whole = guarded({"type": "oauth2", "flows": flows})
    assert told("openapi-open-authentication", seen(whole=whole)) == []
    assert told("openapi-open-authentication", seen(whole=whole, environment=Environment.PRODUCTION))


def test_who_may_write_needs_credentials():
    assert "lets anybody write: POST /things" in told("openapi-open-authentication", seen())[0]
    reading = changed("paths", "/things", "post")
    with pytest.raises(NotApplicable):
        told("openapi-open-authentication", seen(whole=reading))
    with pytest.raises(NoData):
        told("openapi-open-authentication", seen(whole=described(paths={})))


@pytest.mark.parametrize(
    ("label", "status", "words"),
    [
        ("anonymous", 401, []),
        ("anonymous", 403, []),
        ("bad-token", 401, []),
        ("anonymous", 200, ["answered 200 without credentials"]),
        ("bad-token", 200, ["answered 200 to a token that nobody issued"]),
    ],
)
def test_strangers_are_refused(label, status, words):
    evidence = seen(exchange("shown"), exchange(label, status=status))
    assert fits(told("openapi-strangers-refused", evidence, operation=ALL), words)


def test_strangers_who_show_nothing():
    for answers in ([exchange("shown")], [exchange("shown", status=401), exchange("anonymous", status=401)]):
        with pytest.raises(NoData):
            told("openapi-strangers-refused", seen(*answers), operation=ALL)
    with pytest.raises(NotJudgeable, match="answered 404"):
        told(
            "openapi-strangers-refused",
            seen(exchange("shown"), exchange("anonymous", status=404)),
            operation=ALL,
        )


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (401, {"www_authenticate": "Bearer"}, []),
        (401, {}, ["answered 401 without WWW-Authenticate"]),
        (403, {}, ["answered 403 without credentials, not 401"]),
    ],
)
def test_a_challenge_says_how_to_be_let_in(status, headers, words):
    assert fits(told("openapi-challenge", seen(exchange("anonymous", status=status, **headers))), words)


def test_other_answers_are_no_challenge():
    with pytest.raises(NoData):
        told("openapi-challenge", seen(exchange("anonymous")))
    with pytest.raises(NotJudgeable):
        told("openapi-challenge", seen(exchange("anonymous", status=404)))


# ------------------------------------------------------------------ errors, ends, exports

PROBLEMS = [
    ({"title": "No"}, PROBLEM, []),
    ({"detail": "No", "status": 400, "type": "about:blank", "instance": "/x"}, PROBLEM, []),
    ({"title": "No"}, JSON, ["with application/json, not application/problem+json"]),
    (["No"], PROBLEM, ["no JSON object"]),
    ({"title": " "}, PROBLEM, ["does not say what it is"]),
    ({"type": "about:blank"}, PROBLEM, ["does not say what it is"]),
    ({"title": "No", "status": 404}, PROBLEM, ["with a problem that says 404"]),
    ({"title": "No", "status": True}, PROBLEM, ["with a problem that says True"]),
    ({"title": "No", "type": 3}, PROBLEM, ["whose type is 3"]),
    ({"title": "No", "type": "no reference"}, PROBLEM, ["whose type is 'no reference'"]),
    ({"title": "No", "instance": 3}, PROBLEM, ["whose instance is 3, no text"]),
    ({"title": 3}, PROBLEM, ["whose title is 3, no text", "does not say what it is"]),
]


@pytest.mark.parametrize(("body", "kind", "words"), PROBLEMS)
@pytest.mark.parametrize("label", ["invalid", "unknown", "anonymous", "bad-token", "nowhere"])
def test_a_refusal_is_a_problem_document(label, body, kind, words):
    assert fits(told("problem-details", seen(exchange(label, status=400, body=body, kind=kind))), words)


def test_what_is_no_refusal_shows_no_problem():
    for answer in (exchange("invalid"), exchange("valid", status=400)):
        with pytest.raises(NoData):
            told("problem-details", seen(answer))


def since(days):
    return f"@{int(dt.datetime(2026, 6, 1, tzinfo=dt.UTC).timestamp()) + days * 86_400}"


ENDS = "Tue, 01 Dec 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"deprecation": since(0), "sunset": ENDS}, []),
        ({}, ["has no Deprecation header"]),
        ({"deprecation": "true", "sunset": ENDS}, ["which is no date"]),
        ({"deprecation": since(0)}, ["has no Sunset header"]),
        ({"deprecation": since(0), "sunset": "soon"}, ["which is no HTTP-date"]),
        ({"deprecation": since(200), "sunset": ENDS}, ["before it is deprecated"]),
        ({"deprecation": since(4), "sunset": ENDS}, ["ends 179 days after it is deprecated"]),
        ({"deprecation": since(3), "sunset": ENDS}, []),
        (
            {"deprecation": since(-300), "sunset": "Wed, 25 Nov 2026 00:00:00 GMT"},
            ["was to end on 2026-11-25"],
        ),
        ({"deprecation": since(-300), "sunset": "Thu, 26 Nov 2026 00:00:00 GMT"}, []),
    ],
)
def test_the_end_of_an_operation_is_told_long_before(headers, words):
    evidence = seen(exchange("valid", body=LIST, **headers))
    assert fits(told("deprecation-told", evidence, operation=ALL, notice_days=180), words)


def test_who_says_that_it_ends_describes_it_so():
    answer = exchange("shown", body=LIST, deprecation=since(0), sunset=ENDS)
    findings = told("deprecation-described", seen(answer), operation=ALL)
    assert fits(findings, ["has a Deprecation header", "has a Sunset header"])
    ended = changed("paths", "/things", "get", "deprecated", to=True)
    assert told("deprecation-described", seen(answer, whole=ended), operation=ALL) == []
    assert told("deprecation-described", seen(GOOD), operation=ALL) == []
    for check in ("deprecation-described", "deprecation-told"):
        with pytest.raises(NoData):
            told(check, seen(exchange("valid", status=401)), operation=ALL)


def lines(*items):
    return b"".join(json.dumps(each).encode() + b"\n" for each in items)


LISTED = exchange(
    "listed", body=[{"id": "a", "size": 1, "name": {"family": "x"}, "note": "", "self": "/things/a"}]
)
WHOLE = {"id": "a", "size": 1, "name": {"family": "x"}}
EXPORTS = [
    (lines(WHOLE), "application/x-ndjson", []),
    (json.dumps({"things": [WHOLE]}).encode(), JSON, []),
    (b"id,size,name\na,1,x\n", "text/csv", []),
    (b"id,size,name.family\na,1,x\n", "text/csv", []),
    (b"id,size,name\na,,x\n", "text/csv", ["exports 1 things with less than the lists show: a (size)"]),
    (lines({**WHOLE, "size": None}), "application/x-ndjson", ["a (size)"]),
    (lines({"id": "a"}, {"id": "a", "size": 1}), "application/x-ndjson", ["a (name)"]),
    (lines({"id": "a", "size": 1}, WHOLE), "application/x-ndjson", []),
    (
        lines({"id": "b", "size": 1}),
        "application/x-ndjson",
        ["leaves out 1 of 1 things that the lists show: /things a"],
    ),
    (b"{", JSON, ["exports what cannot be read"]),
    (lines(WHOLE), "application/zip", ["exports application/zip, which is none of"]),
    (None, JSON, ["answered 200 and no export"]),
]


@pytest.mark.parametrize(("body", "kind", "words"), EXPORTS)
def test_an_export_holds_what_the_lists_show(body, kind, words):
    assert fits(
        told("openapi-export-whole", seen(LISTED, exchange("export", "/all", body=body, kind=kind))), words
    )


def test_exports_that_show_nothing():
    export = exchange("export", "/all", body=lines(WHOLE), kind="application/x-ndjson")
    with pytest.raises(NoData, match="names no export"):
        told("openapi-export-whole", seen(LISTED))
    for unlisted in (exchange("listed", body=[]), exchange("listed", "/other", body=[WHOLE]),
                     exchange("listed", status=401, body=[WHOLE])):  # fmt: skip
        with pytest.raises(NoData, match="show nothing with an id"):
            told("openapi-export-whole", seen(unlisted, export))
    assert "answered 500" in told("openapi-export-whole", seen(LISTED, exchange("export", "/all", 500)))[0]
