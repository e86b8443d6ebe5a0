"""A server that declares next to nothing: it is excused from most tests, so it must not pass for that."""

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


class Silent(BaseHTTPRequestHandler):
    """Gives a capability statement, and 404 to all else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        known = self.path == "/metadata"
        body = json.dumps(STATEMENT if known else {"resourceType": "OperationOutcome"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def silent():
    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_server_that_declares_nothing_does_not_pass(silent, tmp_path):
    target = write_target(tmp_path / "target.yaml", silent, auth={"kind": "none"})
    assert command("run", "fhir-r4-base", "--target", target, "--out", tmp_path / "run", "--quiet") == 4
    results = json.loads((tmp_path / "run" / "report.json").read_bytes())["requirements"]
    assert {r["id"] for r in results if r["outcome"] == "untested"} == {"FHIR-FMT-01"}
