"""Servers that declare next to nothing: they are excused from most tests, so they must not pass for that."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from small_profiles import write_target
from whole_runs import command

STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [{"mode": "server"}],
}
WRITES_ONLY = STATEMENT | {
    "rest": [{"mode": "server", "resource": [{"type": "Patient", "interaction": [{"code": "patch"}]}]}]
}
FOUND = {
    "resourceType": "Bundle",
    "type": "searchset",
    "link": [{"relation": "self", "url": "http://127.0.0.1/Patient"}],
    "entry": [{"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "1"}}],
}
ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


class Silent(BaseHTTPRequestHandler):
    """Gives a capability statement, what `answers` holds for a path, and 404 to all else."""

    protocol_version = "HTTP/1.1"
    statement = STATEMENT
    answers: dict = {}  # noqa: RUF012 - never changed

    def do_GET(self):
        found = {"/metadata": self.statement, **self.answers}.get(self.path.partition("?")[0])
        body = json.dumps(ERROR if found is None else found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Say nothing."""


class Undeclared(Silent):
    """Declares no search, and answers one all the same."""

    answers = {"/Patient": FOUND}  # noqa: RUF012 - never changed


class OnlyWrites(Undeclared):
    """Declares what cannot be tried without something to try it on."""

    statement = WRITES_ONLY


@pytest.mark.parametrize("server", [Silent, Undeclared, OnlyWrites])
def test_a_server_that_declares_next_to_nothing_does_not_pass(server, tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), server) as listening:
        listening.daemon_threads = True
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        address = f"http://127.0.0.1:{listening.server_port}"
        target = write_target(tmp_path / "target.yaml", address, auth={"kind": "none"})
        assert command("run", "fhir-r4-base", "--target", target, "--out", tmp_path / "run", "--quiet") == 4
        listening.shutdown()
    results = json.loads((tmp_path / "run" / "report.json").read_bytes())["requirements"]
    assert {r["id"] for r in results if r["outcome"] == "untested"} == {"FHIR-FMT-01"}
