"""What the Bulk Data guide asks of the client, so of the harness: each duty at the wire, where a server sees it.

KICKOFF-05, -07, -08, -10, -12; TF-01, -04, -06; STATUS-01, -02, -04, -08; CANCEL-01; FILE-05, -09, -12, -15, -16.
"""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from urllib.parse import urlsplit

import pytest
from evidence_builder import evidence, exchange

from conformance.analysis.export import exported
from conformance.catalog import built_in
from conformance.errors import NoData
from conformance.fhir.search.criteria import RESULT_PARAMETERS
from conformance.model.target import Limits, Target
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.probes.export_job import LONGEST_WAIT, advised_wait, growing_waits, kick_off
from conformance.session.suites import profile_named

PATIENT = b'{"resourceType":"Patient","id":"p1"}\n'
TOKEN = "a-token-of-a-test"
EDITIONS = ("bulk-data-export", "bulk-data-export-stu2", "bulk-data-export-ballot")


class Seen:
    def __init__(self, handler):
        self.method, self.path = handler.command, handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))

    @property
    def place(self):
        return urlsplit(self.path).path


@pytest.fixture
def exporting(tmp_path):
    """Carries an export through at servers that answer by path; gives what they saw and what was recorded."""
    servers = []

    def serve(answers):
        seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                here = Seen(self)
                seen.append(here)
                status, headers, body = answers.get(here.place, (404, {}, b""))
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_DELETE = do_POST = do_GET  # noqa: N815 - the names that http.server looks for

            def log_message(self, *_args):
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}", seen

    def carried_out(answers, **arguments):
        base, seen = serve({"/$export": (202, {"Content-Location": "/job"}, b""), **answers})
        target = Target(
            endpoint=base,
            data_class="synthetic",
            auth={"kind": "bearer", "token": "env:TOKEN"},
            limits=Limits(job_timeout=20, retries=0),
        )
        bodies, secrets = MemoryBodies(), Secrets({"TOKEN": TOKEN})
        redactor = Redactor(b"k" * 32, secrets, target.data_class, target.endpoint)
        with Client(
            target, tmp_path, bodies=bodies, redactor=redactor, secrets=secrets, run_tag="t"
        ) as client:
            wire = client.wire("step")
            built_in().find("probe", "export")(wire, **{"until": "files", **arguments})
            return seen, wire.evidence().connected(bodies.read)

    carried_out.serve = serve
    yield carried_out
    for server in servers:
        server.shutdown()
        server.server_close()


def listing(url="/files/1", **changed):
    return {"requiresAccessToken": True, "output": [{"type": "Patient", "url": url}], "error": [], **changed}


def asked(seen, place):
    return next(one for one in seen if one.place == place and one.method == "GET")


def test_each_request_carries_the_headers_that_a_client_should_send(exporting):
    seen, _ = exporting({"/job": (200, {}, listing()), "/files/1": (200, {}, PATIENT)})
    begun, polled, fetched = (asked(seen, place) for place in ("/$export", "/job", "/files/1"))
    assert begun.headers["accept"] == "application/fhir+json"
    assert begun.headers["prefer"] == "respond-async"
    assert polled.headers["accept"] == "application/json"
    assert fetched.headers["accept"] == "application/fhir+ndjson"
    assert "gzip" in fetched.headers["accept-encoding"]
    assert [one.method for one in seen if one.place == "/job"] == ["GET", "DELETE"]


@pytest.mark.parametrize(
    ("body", "headers"),
    [(PATIENT, {}), (gzip.compress(PATIENT), {"Content-Encoding": "gzip"})],
    ids=["plain", "gzip"],
)
def test_files_are_taken_as_they_are_and_compressed(exporting, body, headers):
    _, step = exporting({"/job": (200, {}, listing()), "/files/1": (200, headers, body)})
    assert exported(step).counts == {"Patient": 1}


@pytest.mark.parametrize(("required", "sent"), [(True, f"Bearer {TOKEN}"), (False, None)])
def test_the_token_goes_with_files_that_need_one_and_with_no_others(exporting, required, sent):
    seen, _ = exporting(
        {"/job": (200, {}, listing(requiresAccessToken=required)), "/files/1": (200, {}, PATIENT)}
    )
    assert asked(seen, "/files/1").headers.get("authorization") == sent


def test_the_token_does_not_follow_a_redirect_to_another_origin(exporting):
    elsewhere, seen_there = exporting.serve({"/stored": (200, {}, PATIENT)})
    seen, step = exporting(
        {"/job": (200, {}, listing()), "/files/1": (307, {"Location": f"{elsewhere}/stored"}, b"")}
    )
    assert asked(seen, "/files/1").headers["authorization"] == f"Bearer {TOKEN}"
    assert [one.headers.get("authorization") for one in seen_there] == [None]
    assert exported(step).counts == {"Patient": 1}


def test_the_token_does_not_go_to_another_origin_that_a_manifest_names(exporting):
    elsewhere, seen_there = exporting.serve({"/stored": (200, {}, PATIENT)})
    exporting({"/job": (200, {}, listing(f"{elsewhere}/stored"))})
    assert [one.headers.get("authorization") for one in seen_there] == [None]


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://169.254.169.254/latest/meta-data", "ftp://files.example/1", "//[::1"],
)
def test_what_no_client_should_ask_is_not_asked_and_does_not_end_the_export(exporting, url):
    output = [{"type": "Patient", "url": url}, {"type": "Patient", "url": "/files/1"}]
    seen, step = exporting({"/job": (200, {}, listing(output=output)), "/files/1": (200, {}, PATIENT)})
    assert {one.place for one in seen} == {"/$export", "/job", "/files/1"}
    assert exported(step).counts == {"Patient": 1}
    refused = [one for one in step.labelled("file") if one.is_faulty]
    assert len(refused) == (0 if url == "//[::1" else 1)


def test_waits_grow_until_a_limit_unless_the_server_says_when():
    waits = list(islice(growing_waits(), 12))
    assert all(later == min(2 * before, LONGEST_WAIT) for before, later in pairwise(waits))
    assert advised_wait(exchange(headers={"Retry-After": "7"}), waits[0]) == 7


def test_several_values_are_sent_one_by_one_and_in_the_ballot_never_by_comma():
    repeated = kick_off("https://x.example", "system", "", {"_type": ["Patient", "Group"]})
    assert repeated.url.endswith("?_type=Patient&_type=Group")
    edition = "4.0.0-202609-ballot"
    taken_apart = kick_off("https://x.example", "system", "", {"_type": "Patient,Group"}, edition=edition)
    assert [one["valueString"] for one in taken_apart.content["parameter"]] == ["Patient", "Group"]


def calls(profile):
    return [call for r in profile.requirements for test in r.tests for call in (test.probe, *test.also)]


@pytest.mark.parametrize("name", EDITIONS)
def test_filters_are_searches_of_one_type_without_parameters_about_the_result(name):
    filters = []
    for call in calls(profile_named(name, built_in())):
        parameters = call.arguments.get("parameters")
        given = parameters.get("_typeFilter", []) if isinstance(parameters, dict) else []
        filters += [given] if isinstance(given, str) else given
    assert filters
    for text in filters:
        kind, _, query = text.partition("?")
        assert kind.isalpha()
        assert not {part.partition("=")[0] for part in query.split("&")} & RESULT_PARAMETERS


def test_a_server_that_ignores_a_filter_is_told_and_no_trouble(exporting):
    both = b"".join(
        json.dumps({"resourceType": "Patient", "id": gender, "gender": gender}).encode() + b"\n"
        for gender in ("male", "female")
    )
    answers = {"/job": (200, {}, listing()), "/files/1": (200, {}, both)}
    _, step = exporting(answers, parameters={"_type": "Patient", "_typeFilter": "Patient?gender=male"})
    _, whole = exporting(answers)
    check = built_in().find("check", "export-type-filter-heeded")
    arguments = {"type": "Patient", "element": "gender", "value": "male"}
    assert list(check(evidence(step, whole), **arguments))
    with pytest.raises(NoData):
        list(check(evidence(step), **arguments))
