"""A terminology server asked over real HTTP: right answers, trouble of every kind, and what is kept."""

import time

import orjson
import pytest

from conformance.errors import UsageError
from conformance.fhir.terminology.answer import Membership
from conformance.fhir.terminology.nouns import Question
from conformance.outside.terminology_line import Politeness
from conformance.outside.terminology_server import TerminologyServer

SCT = "http://snomed.info/sct"
GOOD = Question("urn:vs", SCT, "84114007")
BAD = Question("urn:vs", SCT, "271649006")
HASTY = Politeness(requests_per_second=1000, timeout=1, attempts=2, longest_wait=1, largest_answer=100_000)


def result(value, **more):
    parameter = [{"name": "result", "valueBoolean": value}]
    parameter += [{"name": name, "valueString": told} for name, told in more.items()]
    return {"resourceType": "Parameters", "parameter": parameter}


def asked(parameters):
    return {
        each["name"]: next(value for key, value in each.items() if key != "name")
        for each in parameters["parameter"]
    }


def judge(parameters):
    """What a server that knows one code of one value set says: status and resource."""
    given = asked(parameters)
    if given.get("url") == "urn:unknown":
        issue = {"severity": "error", "code": "not-found", "diagnostics": "no such value set"}
        return 404, {"resourceType": "OperationOutcome", "issue": [issue]}
    return 200, result(given["code"] == "84114007", message="not in\nthe value set")


def obliging(handler, seen):
    body = orjson.loads(seen.body)
    if body["resourceType"] == "Bundle":
        entries = []
        for entry in body["entry"]:
            status, resource = judge(entry["resource"])
            entries.append({"response": {"status": f"{status} OK"}, "resource": resource})
        answer = 200, {"resourceType": "Bundle", "type": "batch-response", "entry": entries}
    else:
        answer = judge(body)
    handler.answer(answer[0], orjson.dumps(answer[1]))


def without_batches(handler, seen):
    if seen.path == "/":
        handler.answer(405, b"{}")
    else:
        obliging(handler, seen)


def saying(status, body, **headers):
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return lambda handler, _seen: handler.answer(status, content, **headers)


@pytest.fixture
def at():
    """Make clients; close them after the test."""
    made = []

    def make(base, **more):
        made.append(TerminologyServer(base, **{"politeness": HASTY, **more}))
        return made[-1]

    yield make
    for each in made:
        each.close()


def told(answers):
    return [each.membership for each in answers]


YES, NO, UNSURE = Membership.MEMBER, Membership.NOT_MEMBER, Membership.CANNOT_TELL


def test_single_questions(serve, at):
    server = serve(obliging)
    client = at(server.base)
    assert told(client.ask([GOOD])) == [YES]
    (refused,) = client.ask([BAD])
    assert refused.is_not_member
    assert refused.reason == "the terminology server 127.0.0.1 says: not in the value set"
    assert [each.path for each in server.seen] == ["/ValueSet/$validate-code"] * 2
    assert asked(orjson.loads(server.seen[0].body)) == {"url": "urn:vs", "code": "84114007", "system": SCT}


def test_versions_code_systems_and_codes_without_system(serve, at):
    server = serve(obliging)
    client = at(server.base)
    client.ask([Question("urn:vs|2", SCT, "1", "v")])
    client.ask([Question("", SCT, "1", "v")])
    client.ask([Question("urn:vs", None, "1")])
    sent = [asked(orjson.loads(each.body)) for each in server.seen]
    assert sent[0] == {
        "url": "urn:vs",
        "valueSetVersion": "2",
        "code": "1",
        "system": SCT,
        "systemVersion": "v",
    }
    assert sent[1] == {"url": SCT, "version": "v", "code": "1"}
    assert sent[2] == {"url": "urn:vs", "code": "1", "inferSystem": True}
    assert server.seen[1].path == "/CodeSystem/$validate-code"


@pytest.mark.parametrize(("handle", "requests"), [(obliging, 3), (without_batches, 1 + 120)])
def test_many_questions_go_in_batches_where_the_server_takes_them(serve, at, handle, requests):
    server = serve(handle)
    client = at(server.base, politeness=Politeness(concurrency=1, requests_per_second=5000, timeout=5))
    questions = [Question("urn:vs", SCT, str(number)) for number in range(119)] + [GOOD]
    assert told(client.ask([*questions, GOOD])) == [NO] * 119 + [YES, YES]
    assert len(server.seen) == requests
    assert told(client.ask(questions)) == [NO] * 119 + [YES]
    assert len(server.seen) == requests


def test_a_value_set_that_the_server_does_not_know_is_shown_to_it(serve, at):
    server = serve(obliging)
    definition = {"resourceType": "ValueSet", "url": "urn:unknown"}
    known = Question("urn:unknown", SCT, "84114007", "", definition)
    unknown = Question("urn:unknown", SCT, "1")
    client = at(server.base)
    first, second = client.ask([known, unknown])
    assert first.is_member
    assert second.reason == "the terminology server 127.0.0.1 does not know the value set urn:unknown"
    assert asked(orjson.loads(server.seen[-1].body))["valueSet"] == definition


def with_issue(code, words="words"):
    issue = {"severity": "error", "code": code, "details": {"text": words}}
    found = result(False)
    found["parameter"].append(
        {"name": "issues", "resource": {"resourceType": "OperationOutcome", "issue": [issue]}}
    )
    return found


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, with_issue("code-invalid"), NO),
        (200, with_issue("not-found"), UNSURE),
        (200, with_issue("code-invalid", "A definition for CodeSystem urn:x could not be found"), UNSURE),
        (200, result(False, message="Unknown code system: urn:x"), UNSURE),
        (200, result(False, **{"x-caused-by-unknown-system": "urn:x"}), UNSURE),
        (200, result("true"), UNSURE),
        (200, {"resourceType": "Parameters", "parameter": "none"}, UNSURE),
        (200, {"resourceType": "Patient"}, UNSURE),
        (200, [1, 2], UNSURE),
        (200, b"<html>", UNSURE),
        (200, b"", UNSURE),
        (200, b"[" * 50_000, UNSURE),
        (200, b'"' + b"x" * 200_000 + b'"', UNSURE),
        (302, b"{}", UNSURE),
        (401, b"{}", UNSURE),
        (500, result(True), UNSURE),
        (500, b"oops", UNSURE),
    ],
)
def test_only_a_clear_result_is_a_verdict(serve, at, status, body, expected):
    client = at(serve(saying(status, body)).base)
    (answer,) = client.ask([BAD])
    assert answer.membership is expected
    assert answer.reason


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Bundle", "type": "batch-response", "entry": []},
        {"resourceType": "Bundle", "type": "batch-response", "entry": ["x", {"response": {"status": "200"}}]},
        {"resourceType": "Bundle", "type": "searchset"},
    ],
)
def test_a_batch_answered_amiss_is_asked_singly(serve, at, body):
    def handle(handler, seen):
        if seen.path == "/":
            handler.answer(200, orjson.dumps(body))
        else:
            obliging(handler, seen)

    assert told(at(serve(handle).base).ask([GOOD, BAD])) == [YES, NO]


def test_a_busy_server_is_asked_again_when_it_says(serve, at):
    def handle(handler, seen):
        if len(handler.seen) == 1:
            handler.answer(429, b"{}", Retry_After="1")
        else:
            obliging(handler, seen)

    began = time.monotonic()
    assert told(at(serve(handle).base).ask([GOOD])) == [YES]
    assert time.monotonic() - began >= 1


def test_a_server_that_stays_busy_is_left(serve, at):
    server = serve(saying(503, b"{}", Retry_After="3600"))
    (answer,) = at(server.base).ask([GOOD])
    assert answer.reason == "the terminology server 127.0.0.1 is too busy (HTTP 503)"
    assert len(server.seen) == 1


def test_a_slow_server(serve, at):
    def handle(handler, _seen):
        time.sleep(1.5)
        handler.answer(200, orjson.dumps(result(True)))

    (answer,) = at(serve(handle).base).ask([GOOD])
    assert answer.reason == "the terminology server 127.0.0.1 took more than 1 s"


def test_a_server_that_is_not_there_is_soon_left_alone(at):
    client = at("http://127.0.0.1:9")
    answers = [client.ask([Question("urn:vs", SCT, str(number))])[0] for number in range(7)]
    assert {each.membership for each in answers} == {UNSURE}
    assert "cannot be reached" in answers[0].reason
    assert "left alone" in answers[-1].reason


def test_answers_outlive_the_run(serve, at, tmp_path):
    file = tmp_path / "kept" / "answers.jsonl"
    server = serve(obliging)
    unknown = Question("urn:unknown", SCT, "1")
    first = at(server.base, cache=file)
    assert told(first.ask([GOOD, BAD, unknown])) == [YES, NO, UNSURE]
    first.close()
    file.write_bytes(b"garbage\n[1,2]\n" + file.read_bytes() + b'["torn')
    before = len(server.seen)
    second = at(server.base, cache=file)
    assert told(second.ask([GOOD, BAD])) == [YES, NO]
    assert len(server.seen) == before
    assert told(second.ask([unknown])) == [UNSURE]
    assert len(server.seen) == before + 1
    assert told(at(server.base + "/other", cache=file).ask([GOOD])) == [YES]
    assert server.seen[-1].path.startswith("/other/")


@pytest.mark.parametrize(
    "base", ["tx.example.org", "file:///etc", "http://", "http://me:secret@host/r4", "http://host/r4?x=1"]
)
def test_an_address_that_is_none(base):
    with pytest.raises(UsageError, match="terminology server"):
        TerminologyServer(base)


def test_a_cache_that_cannot_be_opened(tmp_path):
    with pytest.raises(UsageError, match="cannot be used"):
        TerminologyServer("http://127.0.0.1:9", cache=tmp_path)
