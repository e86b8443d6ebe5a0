"""An export that a server offers: brought once, gone on with where it broke off, and never more than it is allowed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from export_server import BODY, answer, manifest

from conformance.errors import UsageError


def test_all_files_of_all_pages_are_brought_with_the_token(serve, bring):
    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, manifest(server, "a", link=[{"relation": "next", "url": "/page2"}]).encode())
        elif handler.path == "/page2":
            answer(handler, manifest(server, "b").encode())
        else:
            answer(handler, BODY)

    server = serve(handle)
    export = bring(server)
    assert [(file.name, file.size, file.trouble) for file in export.files] == [
        ("000001-a", len(BODY), ""),
        ("000002-b", len(BODY), ""),
    ]
    assert export.bases == (f"{server.url}/fhir",)
    assert {headers["Authorization"] for _, headers in server.asked} == {"Bearer very-secret"}


def test_no_token_goes_where_none_is_required(serve, bring):
    def handle(handler, server):
        body = (
            manifest(server, "a", requiresAccessToken=False).encode() if handler.path == "/status" else BODY
        )
        answer(handler, body)

    server = serve(handle)
    bring(server)
    assert all("Authorization" not in headers for headers in server.of("/files/a"))


def test_no_token_goes_to_another_origin(serve, bring):
    other = serve(lambda handler, _: answer(handler, BODY))

    def handle(handler, server):
        if handler.path == "/status":
            answer(
                handler,
                manifest(
                    server,
                    "a",
                    output=[
                        {"type": "Patient", "url": f"{other.url}/direct"},
                        {"type": "Patient", "url": "/redirected"},
                    ],
                ).encode(),
            )
        else:
            answer(handler, b"", 302, Location=f"{other.url}/after")

    server = serve(handle)
    export = bring(server)
    assert [file.trouble for file in export.files] == ["", ""]
    assert [path for path, _ in sorted(other.asked)] == ["/after", "/direct"]
    assert all("Authorization" not in headers for _, headers in other.asked)


@pytest.mark.parametrize("tag", ['"one"', 'W/"one"', ""])
def test_a_broken_download_goes_on_where_it_may(serve, bring, tag):
    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, manifest(server, "a").encode())
            return
        asked = handler.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        first = len(server.of("/files/a")) == 1
        handler.send_response(206 if start else 200)
        if tag:
            handler.send_header("ETag", tag)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        handler.send_header("Content-Length", str(len(BODY) - start))
        handler.end_headers()
        handler.wfile.write(BODY[start : len(BODY) // 2] if first else BODY[start:])
        handler.wfile.flush()
        if first:
            handler.close_connection = True
            handler.connection.shutdown(2)

    server = serve(handle)
    (file,) = bring(server).files
    assert not file.trouble
    assert Path(file.where).read_bytes() == BODY
    again = server.of("/files/a")[-1]
    assert ("Range" in again) is (tag == '"one"')
    assert again.get("If-Range", "") == (tag if tag == '"one"' else "")


def test_a_file_that_changed_meanwhile_is_brought_anew(serve, bring, tmp_path):
    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, manifest(server, "a").encode())
            return
        if len(server.of("/files/a")) == 1:
            handler.send_response(200)
            handler.send_header("ETag", '"old"')
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b"old" * 100)
            handler.wfile.flush()
            handler.close_connection = True
            handler.connection.shutdown(2)
        else:
            answer(handler, BODY, ETag='"new"')  # If-Range did not hold: the whole of it

    (file,) = bring(serve(handle)).files
    assert Path(file.where).read_bytes() == BODY


def test_files_that_cannot_be_had_are_told_and_the_others_brought(serve, bring):
    def handle(handler, server):
        if handler.path == "/status":
            items = [
                {"type": "Patient", "url": url}
                for url in (
                    "file:///etc/passwd",
                    "http://169.254.169.254/latest",
                    "/files/gone",
                    "/files/a",
                    7,
                    "http://[",
                )
            ]
            answer(handler, manifest(server, output=items).encode())
        elif handler.path == "/files/gone":
            answer(handler, b"", 404)
        else:
            answer(handler, BODY)

    troubles = [file.trouble for file in bring(serve(handle), limits={"retries": 0}).files]
    assert "only http and https" in troubles[0]
    assert "metadata" in troubles[1]
    assert troubles[2] == "answered 404"
    assert troubles[3] == ""
    assert all(troubles[4:])


def test_pages_in_a_circle_end(serve, bring):
    def handle(handler, server):
        links = [{"relation": "next", "url": "/status"}]
        answer(handler, manifest(server, "a", link=links).encode() if handler.path == "/status" else BODY)

    assert len(bring(serve(handle)).files) == 1


@pytest.mark.parametrize(("status", "body"), [(200, b"[]"), (200, b"{"), (404, b""), (202, b"")])
def test_what_is_no_manifest_is_told(serve, bring, status, body):
    server = serve(lambda handler, _: answer(handler, body, status))
    with pytest.raises(UsageError, match="manifest"):
        bring(server, limits={"retries": 0})


def test_after_kill_9_of_the_command_the_download_goes_on(serve, tmp_path):
    slow = threading.Event()

    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, manifest(server, "a").encode())
            return
        asked = handler.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        handler.send_response(206 if start else 200)
        handler.send_header("ETag", '"one"')
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        handler.send_header("Content-Length", str(len(BODY) - start))
        handler.end_headers()
        try:
            for at in range(start, len(BODY), 50_000):
                handler.wfile.write(BODY[at : at + 50_000])
                handler.wfile.flush()
                if not slow.is_set() and at > 300_000:
                    slow.wait(20)
        except OSError:
            pass

    server = serve(handle)
    command = [
        sys.executable,
        "-m",
        "conformance.cli.main",
        "inspect",
        f"{server.url}/status",
        "--json",
        "--work",
    ]
    program = "import sys; from conformance.cli.main import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, "inspect", f"{server.url}/status", "--json", "--work"]
    first = subprocess.Popen([*command, str(tmp_path / "work")], start_new_session=True)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        parts = list((tmp_path / "work").rglob("*.part"))
        if parts and parts[0].stat().st_size > 200_000:
            break
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    slow.set()
    second = subprocess.run([*command, str(tmp_path / "work")], capture_output=True, text=True, check=False)
    whole = subprocess.run([*command, str(tmp_path / "other")], capture_output=True, text=True, check=True)
    assert second.stdout == whole.stdout
    assert [headers.get("Range") is not None for headers in server.of("/files/a")] == [False, True, False]
    assert json.loads(second.stdout)["files"][0]["resources"] == 20_000
    assert not [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
