"""Answers of a described service to requests made up: what passes, what fails, and what shows nothing."""

import pytest
from described_evidence import BASE, changed, description, exchange, fits, seen, told
from small_services import HELD, PROBLEM, described

from conformance.errors import NoData, NotJudgeable

ALL, NEW, ONE = "GET /things", "POST /things", "GET /things/{id}"
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
