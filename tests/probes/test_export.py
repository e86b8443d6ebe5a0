"""The export probes against real servers: the reference supplier, and one that says what a test tells it to."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conformance.analysis.export import completion, exported, files, manifest, polls
from conformance.catalog import built_in
from conformance.errors import Untestable
from conformance.model.target import Limits, Target
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.outside.target_file import read_target
from conformance.probes import export_job
from conformance.probes.export_job import advised_wait, kick_off
from conformance.reference.process import Options, start

KEY = b"the key of a test, thirty-two by"
PATIENT = b'{"resourceType":"Patient","id":"p1"}\n'


def carried_out(target, folder, name, **arguments):
    bodies, secrets = MemoryBodies(), Secrets()
    redactor = Redactor(KEY, secrets, target.data_class, target.endpoint)
    with Client(target, folder, bodies=bodies, redactor=redactor, secrets=secrets, run_tag="test") as client:
        wire = client.wire("step")
        built_in().find("probe", name)(wire, **arguments)
        return wire.evidence()


@pytest.fixture(scope="module")
def supplier():
    with start(Options(patients=8)) as running:
        yield running


@pytest.fixture
def ask(supplier):
    target = read_target(supplier.target_file)
    return lambda name, **arguments: carried_out(target, supplier.target_file.parent, name, **arguments)


@pytest.fixture
def scripted():
    """Starts a server whose answers, by path without its query, are (status, headers, body); a list is used up."""
    servers = []

    def serve(answers):
        seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.partition("?")[0]
                seen.append((self.command, path, self.headers.get("Authorization")))
                answer = answers.get(path, (404, {}, b""))
                if isinstance(answer, list):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
                status, headers, body = answer
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for header, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(header, value)
                self.end_headers()
                self.wfile.write(content)

            do_DELETE = do_GET  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_args):
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}", seen

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def exports(scripted, tmp_path, answers, limit=60.0, **arguments):
    base, seen = scripted({"/$export": (202, {"Content-Location": "/job"}, b""), **answers})
    target = Target(endpoint=base, data_class="synthetic", limits=Limits(job_timeout=limit, retries=0))
    return carried_out(target, tmp_path, "export", **arguments), seen


def test_a_whole_export_is_carried_through_and_cleared_away(ask):
    step = ask("export")
    assert [each.status for each in step.labelled("kick-off")] == [202]
    assert polls(step)
    assert completion(step).status == 200
    listing = manifest(step)
    assert sorted(files(step)) == list(range(len(listing["output"])))
    assert exported(step).resources == sum(item["count"] for item in listing["output"])
    for label, number in (("status", 1), ("file", min(6, len(listing["output"])))):
        for credentials in ("anonymous", "bad-token"):
            refusals = [each.status for each in step.labelled(f"{label}-{credentials}")]
            assert refusals == [401] * number
    assert [each.status for each in step.labelled("cleanup")] == [202]


def test_an_export_can_end_with_its_kick_off(ask):
    step = ask("export", parameters={"_outputFormat": "application/fhir+ndjson"}, until="kick-off")
    assert [each.label for each in step.exchanges] == ["kick-off", "cleanup"]
    assert step.exchanges[0].query == [("_outputFormat", "application/fhir+ndjson")]


def test_a_cancelled_export_is_asked_for_and_cancelled_again(ask):
    step = ask("export-cancelled")
    assert [(each.label, each.status) for each in step.exchanges] == [
        ("kick-off", 202),
        ("cancel", 202),
        ("status-after-cancel", 404),
        ("cancel-again", 404),
    ]


def cancelled_at(scripted, tmp_path, *statuses):
    """What was asked of a server whose job is deleted by the first answer and then answers so."""
    gone = (404, {"Content-Type": "application/fhir+json"}, {"resourceType": "OperationOutcome"})
    busy = [(status, {"Retry-After": "0"}, b"") for status in statuses]
    base, _ = scripted(
        {"/$export": (202, {"Content-Location": "/job"}, b""), "/job": [(202, {}, b""), *busy, gone]}
    )
    target = Target(endpoint=base, data_class="synthetic", limits=Limits(job_timeout=60, retries=0))
    return carried_out(target, tmp_path, "export-cancelled").labelled("status-after-cancel")


def test_a_cancelled_job_that_is_busy_is_asked_for_again(scripted, tmp_path):
    answers = cancelled_at(scripted, tmp_path, 503, 429)
    assert [each.status for each in answers] == [503, 429, 404]


def test_a_cancelled_job_that_stays_busy_is_given_up(scripted, tmp_path):
    answers = cancelled_at(scripted, tmp_path, *[503] * 30)
    assert [each.status for each in answers] == [503] * export_job.MOST_BUSY_ANSWERS


def test_an_export_since_begins_amid_the_updates(ask):
    full, later = exported(ask("export")), exported(ask("export-since"))
    assert 0 < later.resources < full.resources


def test_without_any_update_time_there_is_nothing_to_begin_from(scripted, tmp_path):
    base, _ = scripted({})
    target = Target(endpoint=base, data_class="synthetic")
    with pytest.raises(Untestable, match="lastUpdated"):
        carried_out(target, tmp_path, "export-since")


def test_a_running_job_that_answers_200_is_still_waited_for(scripted, tmp_path):
    waiting = [(200, {}, {}), (429, {"Retry-After": "0"}, b""), (202, {}, b""), (200, {}, {"output": []})]
    step, _ = exports(scripted, tmp_path, {"/job": waiting})
    assert [each.status for each in polls(step)] == [200, 429, 202]
    assert manifest(step) == {"output": []}


def test_relative_urls_are_resolved_and_no_token_is_sent_where_none_is_required(scripted, tmp_path):
    listing = {"requiresAccessToken": False, "output": [{"type": "Patient", "url": "files/1"}]}
    answers = {"/job": (200, {}, listing), "/files/1": (200, {}, PATIENT)}
    step, seen = exports(scripted, tmp_path, answers)
    assert exported(step).counts == {"Patient": 1}
    assert [each.credentials for each in step.labelled("file")] == ["none"]
    assert ("GET", "/files/1", None) in seen


@pytest.mark.parametrize(
    "listing",
    [
        [],
        {"output": None},
        {"output": {"url": "x"}},
        {
            "output": [None, 3, "x", {}, {"url": 5}, {"url": ""}, {"url": {}, "type": []}],
            "error": "x",
            "deleted": 1,
        },
        {"output": [{"url": "https://[", "type": "Patient"}]},
        {"output": [{"url": "/gone", "type": 7, "count": "many"}], "requiresAccessToken": "yes"},
    ],
)
def test_a_malformed_manifest_does_not_stop_the_probe(scripted, tmp_path, monkeypatch, listing):
    monkeypatch.setattr("conformance.probes.export_job.FIRST_WAIT", 0.001)
    step, seen = exports(scripted, tmp_path, {"/job": (200, {}, listing)})
    assert not step.crash
    assert ("DELETE", "/job", None) in seen


def test_a_job_that_never_ends_is_given_up_in_time(scripted, tmp_path):
    step, _ = exports(scripted, tmp_path, {"/job": (202, {"Retry-After": "0"}, b"")}, limit=1)
    assert step.notes["timed-out"] is True
    assert completion(step) is None
    assert step.labelled("cleanup")


def test_what_is_offered_without_tls_is_not_fetched():
    with start(Options(patients=3, fault="export-files-over-http")) as faulty:
        step = carried_out(read_target(faulty.target_file), faulty.target_file.parent, "export")
    assert not step.labelled("file")
    assert step.notes["not-fetched"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "5"}, 5),
        ({"Retry-After": "0"}, 0.2),
        ({"Retry-After": "7200"}, 300),
        ({"Retry-After": "1790000000"}, 1.5),
        ({"Retry-After": "99999999999999999999"}, 1.5),
        ({"Retry-After": "Sun, 22 Nov 2096 10:00:09 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 1.5),
        ({"Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0.2),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:09 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 9),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:09 GMT"}, 1.5),
        ({"Retry-After": "-3"}, 1.5),
        ({}, 1.5),
    ],
)
def test_how_long_to_wait(headers, seconds):
    from evidence_builder import exchange

    assert advised_wait(exchange(headers=headers), 1.5) == seconds


def test_the_url_of_a_kick_off():
    parameters = {"_type": ["Patient", "Group"], "_since": "2026-01-01T00:00:00+01:00"}
    request = kick_off("https://x.example/fhir", "group", "a/b", parameters)
    assert (request.method, request.content) == ("GET", None)
    assert request.url == (
        "https://x.example/fhir/Group/a%2Fb/$export"
        "?_type=Patient&_type=Group&_since=2026-01-01T00:00:00%2B01:00"
    )


def test_a_kick_off_by_post_has_its_parameters_in_the_body():
    parameters = {
        "_type": "Patient,Group",
        "patient": ["Patient/1", "Patient/2"],
        "allowPartialManifests": "true",
    }
    request = kick_off("https://x.example/fhir", "patient", "", parameters, by="POST")
    assert request.url == "https://x.example/fhir/Patient/$export"
    assert request.content == {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_type", "valueString": "Patient,Group"},
            {"name": "patient", "valueReference": {"reference": "Patient/1"}},
            {"name": "patient", "valueReference": {"reference": "Patient/2"}},
            {"name": "allowPartialManifests", "valueBoolean": True},
        ],
    }


def test_in_the_ballot_lists_are_taken_apart_and_everything_is_posted():
    edition = "4.0.0-202609-ballot"
    parameters = {
        "_type": "Patient,Group",
        "_since": "2026-01-01T00:00:00Z",
        "includeAssociatedData": "_mine",
    }
    request = kick_off("https://x.example", "system", "", parameters, edition=edition)
    assert (request.method, request.url) == ("POST", "https://x.example/$export")
    assert request.content["parameter"] == [
        {"name": "_type", "valueString": "Patient"},
        {"name": "_type", "valueString": "Group"},
        {"name": "_since", "valueInstant": "2026-01-01T00:00:00Z"},
        {"name": "includeAssociatedData", "valueCoding": {"code": "_mine"}},
    ]
    bare = kick_off("https://x.example", "system", "", {}, edition=edition)
    assert bare.content == {"resourceType": "Parameters"}
