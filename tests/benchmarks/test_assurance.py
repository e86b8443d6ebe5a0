"""The measuring of the harness: lies, the proxy that tells them, what became of them, the page."""

import asyncio
import gzip
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.assurance.__main__ import main
from benchmarks.assurance.catalogue import LIES, PROFILES
from benchmarks.assurance.exact import MARK, parsed, written
from benchmarks.assurance.figures import figures, notes
from benchmarks.assurance.lie import ALLOWED, Lie, lie
from benchmarks.assurance.lies.content import WAYS
from benchmarks.assurance.named import FAULT, _result, try_faults
from benchmarks.assurance.outcomes import Attempt, lost
from benchmarks.assurance.page import page
from benchmarks.assurance.passing import Answer, Asked
from benchmarks.assurance.proxy import LyingProxy
from benchmarks.assurance.trying import fate
from benchmarks.assurance.work import Work
from conformance.reference.faults.table import FAULT_NAMED

FHIR_JSON = "application/fhir+json"


def test_there_are_enough_lies_of_both_kinds_and_each_says_what_it_breaks():
    assert sum(not one.allowed for one in LIES.values()) >= 80
    assert sum(one.allowed for one in LIES.values()) >= 20
    for one in LIES.values():
        assert one.says.endswith("."), one.name
        assert one.clause.startswith("https://"), one.name
        assert one.level in ("SHALL", "SHOULD", ALLOWED), one.name
        assert one.family in PROFILES, one.name


def test_what_is_noted_is_noted_of_lies_that_there_are():
    assert set(notes()) <= set(LIES)
    assert {note["kind"] for note in notes().values()} <= {"bug", "limit"}
    assert all(note["says"] for note in notes().values())


numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)


@given(st.lists(numbers), st.text(st.characters(exclude_characters=MARK, codec="utf-8")))
def test_the_proxy_writes_numbers_and_texts_as_it_read_them(digits, text):
    body = (
        b'{"n":['
        + ",".join(digits).encode()
        + b'],"t":'
        + json.dumps(text, ensure_ascii=True).encode()
        + b"}"
    )
    again = written(parsed(body))
    assert again.split(b'],"t"')[0] == body.split(b'],"t"')[0]
    assert json.loads(again)["t"] == text


PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "meta": {"versionId": "1", "tag": [{"code": "HTEST"}]},
    "text": {"status": "generated", "div": "<div>Zoë</div>"},
    "extension": [{"url": "https://a.example/x", "valueDecimal": "0"}],
    "identifier": [{"value": "1"}, {"value": "2"}],
    "name": [{"family": "Brontë", "given": ["Zoë", "Ann"]}],
    "gender": "female",
    "birthDate": "1970-02-03",
    "deceasedDateTime": "2020-05",
    "photo": [{"data": "aGVsbG8gd29ybGQh"}],
}
OBSERVATION = parsed(
    b'{"resourceType":"Observation","id":"o","status":"final","encounter":{"reference":"Encounter/'
    b'abcdefghi"},"effectiveDateTime":"2026-05-03T13:36:47+01:00","code":{"text":"Body weight of a person, in kg",'
    b'"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"note":[{"text":"one\\n  two"}],'
    b'"valueQuantity":{"value":70.250,"unit":"kg"},"performer":'
    b'[{"reference":"Practitioner/q-000001"},{"reference":"Practitioner/q-000002"},'
    b'{"reference":"Practitioner/q-000003"},{"reference":"Practitioner/q-000004"}]}'
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_way_to_spoil_a_record_spoils_something_and_leaves_what_it_was_given(way):
    before = written([PATIENT, OBSERVATION])
    after = [way(PATIENT), way(OBSERVATION)]
    assert written([PATIENT, OBSERVATION]) == before
    assert written(after) != before
    assert [(one["resourceType"], one["id"]) for one in after] == [("Patient", "p"), ("Observation", "o")]


def behind(one: Lie | None, answer: Answer, **asking):
    """What a client gets for one request through the proxy, and the proxy."""
    sent = []

    async def app(scope, receive, send):
        await receive()
        heads = [(name.encode(), value.encode()) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": heads})
        await send({"type": "http.response.body", "body": answer.body})

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/fhir/Patient/p",
        "query_string": b"",
        "headers": [],
        **asking,
    }
    proxy = LyingProxy(app, "/fhir", one)
    asyncio.run(proxy(scope, receive, send))
    heads = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], heads, b"".join(part["body"] for part in sent[1:]), proxy


HONEST = Answer(200, (("content-type", FHIR_JSON), ("etag", 'W/"1"')), written(PATIENT))


def test_a_lie_changes_what_it_is_about_and_its_length_agrees():
    status, heads, body, proxy = behind(LIES["read-changes-the-id"], HONEST)
    assert (status, json.loads(body)["id"]) == (200, "x")
    assert heads["content-length"] == str(len(body))
    assert proxy.touched == 1


def test_what_a_lie_is_not_about_passes_as_it_is():
    _, _, body, proxy = behind(LIES["search-loses-its-last-match"], HONEST)
    assert body == HONEST.body
    assert proxy.touched == 0


def test_a_request_that_was_changed_counts_as_touched_though_the_answer_is_as_it_was():
    *_, proxy = behind(LIES["if-none-exist-is-ignored"], HONEST, headers=[(b"if-none-exist", b"a=b")])
    assert proxy.touched == 1


def test_compressed_answers_are_changed_and_compressed_again():
    packed = replace(
        HONEST, headers=(*HONEST.headers, ("content-encoding", "gzip")), body=gzip.compress(HONEST.body)
    )
    _, heads, body, _ = behind(LIES["read-changes-the-id"], packed)
    assert heads["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(body))["id"] == "x"


@lie("any", "SHALL", "https://a.example")
def stumbles(asked: Asked, answer: Answer) -> Answer:
    """A lie with a mistake of its own."""
    raise KeyError(asked.path)


def test_a_lie_that_crashes_is_told_and_the_honest_answer_given():
    _, _, body, proxy = behind(stumbles, HONEST)
    assert body == HONEST.body
    assert proxy.crashes == ["GET /Patient/p: KeyError('/Patient/p')"]
    assert fate(stumbles, [tried(crashes=proxy.crashes)]) == "error"


def tried(*, binding=(), other=(), doubted=(), refused="", touched=1, crashes=()):
    return {
        "profile": "p",
        "result": "FAILED",
        "failed": {"binding": list(binding), "other": list(other)},
        "doubted": {"binding": list(doubted), "other": []},
        "refused": refused,
        "touched": touched,
        "crashes": list(crashes),
    }


SHALL, SHOULD, PERMITTED = (replace(stumbles, level=level) for level in ("SHALL", "SHOULD", ALLOWED))


@pytest.mark.parametrize(
    ("one", "tries", "became"),
    [
        (SHALL, [tried(binding=["a"])], "killed"),
        (SHALL, [tried(), tried(binding=["a"])], "killed"),
        (SHALL, [tried(other=["a"])], "warned"),
        (SHOULD, [tried(other=["a"])], "killed"),
        (SHALL, [tried(doubted=["a"])], "noticed"),
        (SHALL, [tried(refused="no capability statement")], "noticed"),
        (SHALL, [tried()], "survived"),
        (SHALL, [tried(touched=0)], "idle"),
        (PERMITTED, [tried(binding=["a"])], "killed"),
        (PERMITTED, [tried(other=["a"])], "warned"),
        (PERMITTED, [tried()], "survived"),
    ],
)
def test_the_fate_of_a_lie(one, tries, became):
    assert fate(one, tries) == became


def test_only_what_an_honest_supplier_passes_can_be_lost():
    honest = {"a": (True, "pass"), "b": (True, "untested"), "c": (False, "pass"), "d": (True, "differs")}
    told = Attempt("FAILED", dict.fromkeys("abd", (True, "fail")) | {"c": (False, "fail")})
    assert lost(honest, told.outcomes, "fail") == {"binding": ["a"], "other": ["c"]}


def test_a_lie_is_tried_once_and_a_page_is_written_of_it(tmp_path, capsys):
    work = tmp_path / "work.jsonl"
    arguments = ["lies", "--only", "json-is-called-html", "--work", str(work)]
    assert main(arguments) == 0
    assert "json-is-called-html: killed" in capsys.readouterr().out
    before = work.read_bytes()
    assert main(arguments) == 0
    assert work.read_bytes() == before
    assert main(["write", "--work", str(work), "--docs", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "assurance.json").read_text(encoding="utf-8"))
    assert told["byLevel"] == {"SHALL": {"killed": 1}}
    assert told["lies"][0]["caughtBy"]
    assert "| forms | 1 | 1 | 100% |" in (tmp_path / "assurance.md").read_text(encoding="utf-8")


def test_a_result_that_was_cut_off_is_measured_again(tmp_path):
    work = Work(tmp_path / "work.jsonl")
    work.add("lie", "a", {"fate": "killed"})
    with (tmp_path / "work.jsonl").open("a") as file:
        file.write('{"kind": "lie", "na')
    assert list(work.of("lie")) == ["a"]


def test_the_page_names_each_lie_that_came_through_and_each_false_alarm(tmp_path):
    work = Work(tmp_path / "work.jsonl")
    came, held = "search-hides-some-resources", "short-pages"
    work.add("lie", came, {"fate": "survived", "attempts": [tried()]})
    work.add("lie", held, {"fate": "killed", "attempts": [tried(binding=["X-1"])]})
    failed = {"binding": ["X-2"], "other": []}
    alarm = {
        "seed": 3,
        "patients": 20,
        "result": "FAILED",
        "failed": failed,
        "why": {"X-2": "no"},
        "undecided": [],
    }
    work.add("alarm", "one", {**alarm, "counts": {}, "refused": ""})
    written_page = page(figures(work))
    assert f"- `{came}`" in written_page
    assert f"- `{held}` (failed by X-1)" in written_page
    assert "- `X-2` failed without a reason: seed 3 with 20" in written_page


def test_a_name_that_is_none_is_refused(tmp_path, capsys):
    assert main(["lies", "--only", "no-such-lie", "--work", str(tmp_path / "w")]) == 2
    assert "no-such-lie" in capsys.readouterr().err


def test_a_named_fault_is_tried_on_the_supplier_that_has_it_and_what_fails_the_honest_one_catches_nothing(
    tmp_path,
):
    work = Work(tmp_path / "work.jsonl")
    try_faults([FAULT_NAMED["gp-says-r4"]], work, tell=lambda _: None)
    (kept,) = work.of(FAULT).values()
    assert (kept["fate"], kept["caughtBy"]) == ("killed", ["GPC-CAP-01"])

    harmless = replace(FAULT_NAMED["gp-says-r4"], name="diary-of-another", requirement="GPC-DOOR-01")
    failing = Attempt("FAILED", {"GPC-DOOR-01": (True, "fail")})
    assert _result(harmless, failing, {"GPC-DOOR-01"})["fate"] == "survived"
