"""Each check of a described service: an answer that passes it, one that fails it, and what shows nothing."""

import datetime as dt
import hashlib
import json

import pytest
from small_services import HELD, JSON, PROBLEM, described

from conformance.catalog import built_in
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.evidence import Body, Document, Evidence, Exchange, Remark, StepEvidence
from conformance.model.target import Environment, TargetCard

BASE = "http://api.example"
ALL, NEW, ONE = "GET /things", "POST /things", "GET /things/{id}"


def body_of(content, kind=JSON):
    data = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
    return data, Body(sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type=kind)


def exchange(label, path="/things", status=200, body=None, kind=JSON, sent=None, method="", **headers):
    data, held = body_of(body, kind)
    wanted, request = body_of(sent) if sent is not None else (b"", None)
    bodies = {held.sha256: data} | ({request.sha256: wanted} if request else {})
    told = {"content-type": kind if data else "", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return Exchange(
        id=f"s.{label}{path}",
        label=label,
        method=method or ("GET" if sent is None else "POST"),
        url=BASE + path,
        status=status,
        body=held if data else None,
        request_body=request,
        request_headers={"Content-Type": JSON} if request else {},
        headers=tuple((name, value) for name, value in told.items() if value),
        failure=headers.pop("failure", ""),
    ).connected(lambda digest: iter([bodies[digest]]))


def description(whole=None, label="description", **more):
    return exchange(label, "/openapi.json", body=described() if whole is None else whole, **more)


def seen(*answers, whole=None, again=(), interface=None, environment=Environment.SANDBOX, **notes):
    discovery = (description(whole), *again)
    documents = ()
    if interface is not None:
        data, body = body_of(interface)
        made = Document(id="s.interface", name="interface", location="interface.json", body=body)
        documents = (made.connected(lambda _: iter([data])),)
    return Evidence(
        steps=(StepEvidence(step="s", exchanges=answers, documents=documents, notes=notes),),
        discovery=StepEvidence(step="discovery", exchanges=discovery),
        target=TargetCard(endpoint=BASE, environment=environment),
        as_of=dt.date(2026, 11, 26),
    )


def told(name, evidence, **arguments):
    found = built_in().find("check", name)(evidence, **arguments)
    return [each for each in found if not isinstance(each, Remark)]


def fits(findings, words):
    return all(word in finding for word, finding in zip(words, findings, strict=True))


def changed(*path, to=..., whole=None):
    """The small description with something else at a place, or nothing."""
    whole = json.loads(json.dumps(whole or described()))
    inner = whole
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return whole


# ------------------------------------------------------------------ answers to requests made up

LIST = list(HELD.values())
GOOD = exchange("valid", "/things?limit=2", body=LIST)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (GOOD, []),
        (exchange("shown", body=LIST), []),
        (exchange("valid", body=[{"size": 1}]), ["departs from its schema"]),
        (exchange("valid", body=b"[1"), ["is no JSON"]),
        (
            exchange("valid", body=LIST, kind="text/html"),
            ["with text/html, and application/json is described"],
        ),
        (exchange("valid", body=LIST, kind=""), ["with no stated type"]),
        (exchange("valid"), ["answered 200 without a body"]),
        (exchange("valid", status=202, body=LIST), ["answered 202, which GET /things does not describe"]),
        (exchange("valid", status=404, body={}, kind=PROBLEM), ["answered 404, which GET /things does not"]),
    ],
)
def test_an_answer_is_as_it_is_described(answer, words):
    assert fits(told("openapi-answers-described", seen(GOOD, answer), operation=ALL), words)


def test_required_headers_are_there():
    header = {"Total": {"required": True, "schema": {"type": "integer"}}, "Other": {"schema": {}}}
    whole = changed("paths", "/things", "get", "responses", "200", "headers", to=header)
    assert (
        "has no Total header" in told("openapi-answers-described", seen(GOOD, whole=whole), operation=ALL)[0]
    )
    counted = exchange("valid", body=LIST, total="2")
    assert told("openapi-answers-described", seen(counted, whole=whole), operation=ALL) == []


@pytest.mark.parametrize(("by", "words"), [("2XX", []), ("default", ["answered 200, which"])])
def test_a_success_is_described_by_itself_or_its_class(by, words):
    responses = described()["paths"]["/things"]["get"]["responses"]
    whole = changed("paths", "/things", "get", "responses", to={by: responses["200"]})
    assert fits(told("openapi-answers-described", seen(GOOD, whole=whole), operation=ALL), words)


@pytest.mark.parametrize(
    ("answers", "signal", "why"),
    [
        ([], NoData, "no right request"),
        ([exchange("valid", "/things?limit=0", body=LIST)], NoData, "no right request"),
        ([exchange("invalid", body=LIST)], NoData, "no right request"),
        ([exchange("valid", status=400, body={}, kind=PROBLEM)], NoData, "answered 400"),
    ],
)
def test_without_a_right_request_that_succeeds_nothing_is_seen_of_answers(answers, signal, why):
    with pytest.raises(signal, match=why):
        told("openapi-answers-described", seen(*answers), operation=ALL)


def test_what_another_finds_and_we_do_not_is_not_passed():
    theirs = {GOOD.id: ["JsonSchemaError", "Slow"]}
    with pytest.raises(NotJudgeable, match="Schemathesis finds JsonSchemaError"):
        told("openapi-answers-described", seen(GOOD, schemathesis=theirs), operation=ALL)
    for other in ({GOOD.id: ["Slow"]}, {"another": ["JsonSchemaError"]}):
        assert told("openapi-answers-described", seen(GOOD, schemathesis=other), operation=ALL) == []
    wrong = exchange("valid", "/things", body=[{"size": 1}])
    both = seen(GOOD, wrong, schemathesis={wrong.id: ["JsonSchemaError"]})
    assert len(told("openapi-answers-described", both, operation=ALL)) == 1


def test_a_description_that_changed_meanwhile_or_has_no_such_operation_is_not_judged_by():
    newer = description(changed("info", "version", to="2.0.0"))
    with pytest.raises(NotJudgeable, match="another one when the requests were drawn"):
        told("openapi-answers-described", seen(GOOD, newer), operation=ALL)
    assert told("openapi-answers-described", seen(GOOD, description()), operation=ALL) == []
    with pytest.raises(NoData, match="has no operation"):
        told("openapi-answers-described", seen(GOOD), operation="PUT /things")


def refusal(status, label="invalid", path="/things?limit=0", **more):
    return exchange(label, path, status, {"title": "No"}, PROBLEM, **more)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([refusal(400)], []),
        ([refusal(422), refusal(400)], []),
        ([refusal(200)], ["answered 200 to a wrong request"]),
        ([refusal(302)], ["answered 302 to a wrong request"]),
        ([refusal(400), refusal(201)], ["answered 201 to a wrong request"]),
        ([refusal(400), refusal(200, path="/things?limit=1")], []),
    ],
)
def test_wrong_requests_are_refused(answers, words):
    assert fits(told("openapi-refuses-wrong", seen(GOOD, *answers), operation=ALL), words)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503])
def test_what_may_be_refused_for_something_else_is_not_judged(status):
    with pytest.raises(NotJudgeable, match=f"answered {status}"):
        told("openapi-refuses-wrong", seen(GOOD, refusal(status), refusal(400)), operation=ALL)


def test_not_found_refuses_what_is_wrong_in_the_path():
    whole = changed("paths", "/things/{id}", "parameters", to=[
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 1}}])  # fmt: skip
    good = exchange("valid", "/things/a", body=HELD["a"])
    evidence = seen(good, refusal(404, path="/things/abc"), whole=whole)
    assert told("openapi-refuses-wrong", evidence, operation=ONE) == []


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([GOOD], "no request could be made up"),
        ([GOOD, refusal(400, path="/things?limit=1")], "no request could be made up"),
        ([refusal(400)], "succeeded either"),
        ([exchange("valid", status=400), refusal(400)], "succeeded either"),
        ([exchange("valid", "/things?limit=0", body=LIST), refusal(400)], "succeeded either"),
    ],
)
def test_refusals_beside_no_success_show_nothing(answers, why):
    with pytest.raises(NoData, match=why):
        told("openapi-refuses-wrong", seen(*answers), operation=ALL)


def test_wrong_bodies_are_told_from_what_was_sent():
    good = exchange("valid", status=201, body={"id": "n"}, sent={"id": "n"})
    wrong = exchange("invalid", status=201, body={"id": "n"}, sent={"id": 1})
    assert (
        "answered 201 to a wrong request"
        in told("openapi-refuses-wrong", seen(good, wrong), operation=NEW)[0]
    )


@pytest.mark.parametrize(
    ("status", "label", "number"),
    [
        (500, "valid", 1),
        (503, "invalid", 1),
        (500, "unknown", 1),
        (501, "valid", 0),
        (400, "valid", 0),
        (500, "x", 0),
    ],
)
def test_nothing_is_answered_by_a_server_error(status, label, number):
    evidence = seen(GOOD, exchange(label, status=status))
    assert len(told("openapi-no-server-error", evidence, operation=ALL)) == number


def test_what_is_all_refused_or_was_never_sent_shows_no_server_error():
    for answers in ([], [exchange("valid", status=401), exchange("invalid", status=403)]):
        with pytest.raises(NoData):
            told("openapi-no-server-error", seen(*answers), operation=ALL)


@pytest.mark.parametrize(("status", "number"), [(404, 0), (410, 0), (200, 1), (302, 1)])
def test_what_nobody_has_is_not_found(status, number):
    evidence = seen(exchange("unknown", "/things/zzz", status))
    assert len(told("openapi-unknown-not-found", evidence, operation=ONE)) == number


@pytest.mark.parametrize("status", [400, 401, 500])
def test_another_refusal_may_be_about_something_else(status):
    with pytest.raises(NotJudgeable):
        told("openapi-unknown-not-found", seen(exchange("unknown", "/things/z", status)), operation=ONE)
    with pytest.raises(NoData):
        told("openapi-unknown-not-found", seen(exchange("valid", status=status)), operation=ONE)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (exchange("valid", body=[{"id": "a", "href": "/things/a"}, {"at": f"{BASE}/things?limit=1"}]), []),
        (exchange("valid", body=[{"href": "/secrets/a"}]), ["leads to /secrets/a"]),
        (exchange("valid", body=[{"href": f"{BASE}/secrets"}, "/secrets"]), ["leads to /secrets"]),
        (exchange("valid", body=[{"href": "https://elsewhere.example/secrets"}, "/not an address"]), []),
        (exchange("valid", body=LIST, location="/secrets"), ["leads to /secrets"]),
        (exchange("valid", body=LIST, link="</things/a>; rel=a, </secrets>; rel=b"), ["leads to /secrets"]),
        (exchange("options", allow="GET, POST, head, OPTIONS"), []),
        (exchange("options", allow="GET, DELETE, PATCH"), ["allows DELETE, PATCH at /things"]),
        (exchange("valid", status=404, body=[{"href": "/secrets"}]), []),
        (exchange("other", body=[{"href": "/secrets"}]), []),
    ],
)
def test_nothing_is_hidden(answer, words):
    assert fits(told("openapi-nothing-hidden", seen(GOOD, answer), operation=ALL), words)


def test_without_an_answer_nothing_leads_anywhere():
    with pytest.raises(NoData, match="could lead anywhere"):
        told("openapi-nothing-hidden", seen(exchange("valid", status=401)), operation=ALL)


# ------------------------------------------------------------------ ways in and strangers

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
