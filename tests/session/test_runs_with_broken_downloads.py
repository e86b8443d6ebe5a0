"""A run whose target breaks off downloads: the files are gone on with, judged whole, and the report tells of it."""

import json
import socket

import pytest
from export_server import answer
from small_profiles import write_profile, write_target
from whole_runs import command

from conformance.catalog import built_in
from conformance.outside.folders import RunFolder
from conformance.session.replay import replay

LINES = b"".join(b'{"resourceType":"Patient","id":"p%d"}\n' % number for number in range(20_000))
CUT = 500_000
PROFILE = """\
profile: small
version: 0.1.0
title: Files that break off
requirements:
  - id: S-FILES
    level: SHALL
    text: Every file can be fetched, and is whole.
    source: https://example.org/#files
    tests:
      - probe: {export: {until: files}}
        expect: [{export-files-accessible: {}}, {export-ndjson: {}}, {manifest-counts: {}}]
"""
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [{"mode": "server"}],
}


def exporting(*, ranges):
    """A server whose file always breaks off after so many bytes; the rest of it is had by Range, or not at all."""

    def handle(handler, server):
        path = handler.path.partition("?")[0]
        if path == "/metadata":
            answer(handler, json.dumps(STATEMENT).encode(), Content_Type="application/fhir+json")
        elif path == "/$export":
            answer(handler, b"", 202, Content_Location=f"{server.url}/status")
        elif path == "/status":
            file = {"type": "Patient", "url": f"{server.url}/file", "count": 20_000}
            told = {
                "transactionTime": "2026-01-01T00:00:00Z",
                "request": f"{server.url}/$export",
                "requiresAccessToken": False,
                "output": [file],
                "error": [],
            }
            answer(handler, json.dumps(told).encode(), Content_Type="application/json")
        elif path == "/file":
            send_file(handler, ranges=ranges)
        else:
            answer(handler, b"", 404)

    return handle


def send_file(handler, *, ranges):
    start = int(handler.headers.get("Range", "bytes=0-")[6:-1]) if ranges else 0
    handler.send_response(206 if start else 200)
    handler.send_header("Content-Type", "application/fhir+ndjson")
    if ranges:
        handler.send_header("ETag", '"one"')
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(LINES) - 1}/{len(LINES)}")
    handler.send_header("Content-Length", str(len(LINES) - start))
    handler.end_headers()
    handler.wfile.write(LINES[start : start + CUT])
    if start + CUT < len(LINES):
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True


@pytest.fixture
def run(tmp_path, serve, monkeypatch):
    monkeypatch.setattr("conformance.outside.line.FIRST_WAIT", 0.01)

    def run(*, ranges):
        server = serve(exporting(ranges=ranges))
        target = write_target(tmp_path / "target.yaml", server.url)
        profile = write_profile(tmp_path, PROFILE)
        code = command(
            "run", profile, "--target", target, "--out", tmp_path / "run", "--quiet", "--views", "none"
        )
        report = json.loads((tmp_path / "run" / "report.json").read_bytes())
        return code, report, RunFolder(tmp_path / "run")

    return run


def test_a_file_that_breaks_off_is_judged_whole_and_the_report_tells_where_it_went_on(run):
    code, report, folder = run(ranges=True)
    assert code == 0
    assert f"GET /file (output[0]) broke off and was gone on with at byte {CUT:,}" in json.dumps(report)
    assert replay(folder, built_in(), ()).report.plain() == report


def test_one_that_never_comes_whole_passes_nothing(run):
    code, report, _ = run(ranges=False)
    assert code == 4
    assert "peer closed connection" in json.dumps(report)
