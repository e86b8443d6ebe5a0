"""Downloads from servers that send less, more or something else than they say: no wrong file, and an end."""

import gzip
import json
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from export_server import BODY, LINE, answer, manifest
from in_a_terminal import InATerminal

from conformance.model.target import Target
from conformance.outside.calls import Answer
from conformance.outside.downloads import Wanted, download
from conformance.session import inspection_downloads

QUICK = {"retries": 1, "read_timeout": 5}


def ranged(handler, body, start, stop, tag='"one"'):
    part = body[start:stop]
    answer(handler, part, 206, ETag=tag, Content_Range=f"bytes {start}-{start + len(part) - 1}/{len(body)}")


def start_of(handler):
    asked = handler.headers.get("Range", "")
    return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0


def cut(handler, body, size, **headers):
    """The beginning of a body, and then the connection breaks."""
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[:size])
    handler.wfile.flush()
    handler.close_connection = True
    handler.connection.shutdown(2)


def serving(of_file, **more):
    """The manifest of one file, and what a function does for the file."""

    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, manifest(server, "a", **more).encode())
        else:
            of_file(handler, server)

    return handle


def test_a_server_that_sends_a_range_in_pieces_is_asked_for_all_of_them(serve, bring):
    def of_file(handler, server):
        if len(server.of("/files/a")) == 1:
            cut(handler, BODY, 100_000, ETag='"one"')
        else:
            ranged(handler, BODY, start_of(handler), start_of(handler) + 200_000)

    (file,) = bring(serve(serving(of_file)), limits=QUICK).files
    assert not file.trouble
    assert Path(file.where).read_bytes() == BODY


def test_a_part_that_nobody_asked_for_is_not_the_whole(serve, bring):
    def of_file(handler, server):
        ranged(handler, BODY, 0, 1000, tag="")

    (file,) = bring(serve(serving(of_file)), limits={"retries": 0}).files
    assert "in part" in file.trouble


def test_what_was_left_without_a_validator_is_not_gone_on_with(serve, bring):
    def of_file(handler, server):
        if len(server.of("/files/a")) == 1:
            cut(handler, BODY, 100_000)
        else:
            ranged(handler, BODY, 0, len(BODY))

    (file,) = bring(serve(serving(of_file)), limits=QUICK).files
    assert Path(file.where).read_bytes() == BODY


def test_a_file_that_never_gets_longer_is_given_up(serve, bring):
    (file,) = bring(serve(serving(lambda handler, _: cut(handler, BODY, 1000))), limits={"retries": 1}).files
    assert file.trouble


def test_a_file_without_end_is_given_up_at_the_limit(serve, bring):
    endless = b"x" * 50_000

    def of_file(handler, server):
        start = start_of(handler)
        handler.send_response(206 if start else 200)
        handler.send_header("ETag", '"one"')
        handler.send_header("Content-Range", f"bytes {start}-{start + 10**9}/*")
        handler.send_header("Content-Length", str(10**9))
        handler.end_headers()
        handler.wfile.write(endless)
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(2)

    (file,) = bring(serve(serving(of_file)), limits={"retries": 1, "max_file": 120_000}).files
    assert "larger than 120,000 bytes" in file.trouble


def test_a_file_that_was_all_there_but_for_its_name_is_not_brought_again(serve, bring, tmp_path):
    def of_file(handler, server):
        start = start_of(handler)
        if start == len(BODY):
            answer(handler, b"", 416, Content_Range=f"bytes */{len(BODY)}")
        else:
            answer(handler, BODY, ETag='"one"')

    server = serve(serving(of_file))
    (file,) = bring(server).files
    brought = Path(file.where)
    brought.rename(f"{brought}.part")
    Path(f"{brought}.note").write_text(json.dumps({"validator": '"one"'}))
    (file,) = bring(server).files
    assert Path(file.where).read_bytes() == BODY
    assert [headers.get("Range") for headers in server.of("/files/a")] == [None, f"bytes={len(BODY)}-"]


def test_files_that_differ_by_their_query_are_not_mistaken_when_their_order_changes(serve, bring):
    turned = threading.Event()

    def handle(handler, server):
        if handler.path == "/status":
            names = ["f?n=1", "f?n=2"]
            answer(handler, manifest(server, *(reversed(names) if turned.is_set() else names)).encode())
        elif handler.path.endswith("2") and not turned.is_set():
            answer(handler, b"", 404)
        else:
            answer(handler, LINE % int(handler.path[-1]))

    server = serve(handle)
    assert [bool(file.trouble) for file in bring(server, limits={"retries": 0}).files] == [False, True]
    turned.set()
    assert [Path(file.where).read_bytes() for file in bring(server).files] == [LINE % 2, LINE % 1]
    assert len(server.of("/files/f?n=1")) == 1


def test_a_file_that_is_signed_anew_is_not_brought_again(serve, bring):
    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, manifest(server, f"a?sig={len(server.asked)}").encode())
        else:
            answer(handler, BODY)

    server = serve(handle)
    assert bring(server).files[0].where == bring(server).files[0].where
    assert len([path for path, _ in server.asked if path.startswith("/files")]) == 1


def test_files_of_an_earlier_export_at_the_same_url_are_not_these(serve, bring):
    times = iter(["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"])

    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, manifest(server, "a", transactionTime=next(times)).encode())
        else:
            answer(handler, LINE % len(server.of("/files/a")))

    server = serve(handle)
    assert [Path(bring(server).files[0].where).read_bytes() for _ in range(2)] == [LINE % 1, LINE % 2]


def test_a_file_that_a_manifest_lists_twice_is_brought_once_and_told(serve, bring):
    def handle(handler, server):
        answer(handler, manifest(server, "a", "b", "a").encode() if handler.path == "/status" else BODY)

    server = serve(handle)
    assert [file.trouble for file in bring(server).files] == [
        "",
        "",
        "the manifest lists its URL already as file 1",
    ]
    assert len(server.of("/files/a")) == 1


def test_a_page_elsewhere_is_not_followed_and_told(serve, bring):
    other = serve(lambda handler, server: answer(handler, manifest(server, "b").encode()))
    link = [{"relation": "next", "url": f"{other.url}/page2"}]
    files = bring(serve(serving(lambda handler, _: answer(handler, BODY), link=link))).files
    assert [file.trouble for file in files] == ["", "it is at another origin than the page before it"]
    assert not other.asked


def test_pages_without_end_end_and_are_told(serve, bring, monkeypatch):
    monkeypatch.setattr(inspection_downloads, "MOST_PAGES", 5)

    def handle(handler, server):
        link = [{"relation": "next", "url": f"/status?{len(server.asked)}"}]
        answer(handler, manifest(server, output=[], link=link).encode())

    server = serve(handle)
    (file,) = bring(server).files
    assert "more than 5 pages" in file.trouble
    assert len(server.asked) == 5


@pytest.mark.parametrize("output", [None, 5, {}])
def test_a_page_that_lists_nothing_is_told(serve, bring, output):
    (file,) = bring(serve(serving(lambda *_: None, output=output))).files
    assert file.trouble == "it has no list `output`"


def test_a_manifest_may_come_packed(serve, bring):
    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, gzip.compress(manifest(server, "a").encode()), Content_Encoding="gzip")
        else:
            answer(handler, BODY)

    assert [file.size for file in bring(serve(handle)).files] == [len(BODY)]


class Redirecting:
    """A client whose target sends every request on to the next URL."""

    def __init__(self, *urls):
        self.asked = []
        self.parts = SimpleNamespace(target=Target(endpoint="https://a.example"))
        self._urls = iter(urls)

    def ask(self, call, _whose):
        self.asked.append(str(call.url))
        return Answer(status=302, headers=(("location", next(self._urls)),))


def test_no_redirect_leads_from_tls_to_plain_http(tmp_path):
    client = Redirecting("https://b.example/2", "HTTP://b.example/3")
    problem = download(client, Wanted("https://a.example/1", tmp_path / "file", 1000), 0)
    assert problem == "was redirected from https to plain HTTP"
    assert [httpx.URL(url).scheme for url in client.asked] == ["https", "https"]


COMMAND = "import sys; from conformance.cli.main import main; main(sys.argv[1:])"


def inspection(url, work):
    return ["inspect", url, "--json", "--no-validate", "--work", str(work)]


def inspecting(url, work):
    return [sys.executable, "-c", COMMAND, *inspection(url, work)]


def test_one_inspection_takes_nothing_from_another_that_broke_off(serve, tmp_path):
    slow = threading.Event()

    def handle(handler, server):
        if handler.path.startswith("/status"):
            answer(handler, manifest(server, handler.path[-1]).encode())
        elif handler.path == "/files/a":
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(BODY)))
            handler.end_headers()
            handler.wfile.write(BODY[:500_000])
            slow.wait(600)
        else:
            answer(handler, BODY)

    server = serve(handle)
    first = InATerminal(*inspection(f"{server.url}/status-a", tmp_path))
    first.wait_until(lambda: [*tmp_path.rglob("*.part")])
    code, told = first.interrupt_twice()  # it does not wait for a file that is still to come
    assert code == 130
    assert "the same command goes on with it" in told
    assert "Traceback" not in told
    (part,) = tmp_path.rglob("*.part")
    subprocess.run(inspecting(f"{server.url}/status-b", tmp_path), check=True, stdout=subprocess.PIPE)
    assert part.exists()
    slow.set()


def test_neither_token_nor_signature_stays_on_the_disk(serve, bring, tmp_path):
    def handle(handler, server):
        if handler.path == "/status":
            answer(handler, manifest(server, "a?sig=signature-1", "b?sig=signature-2").encode())
        elif handler.path.startswith("/files/a"):
            answer(handler, BODY, ETag='"one"')
        else:
            cut(handler, BODY, 1000, ETag='"two"')

    bring(serve(handle), limits={"retries": 0})
    left = [path for path in (tmp_path / "down").rglob("*") if path.is_file()]
    assert len(left) == 3  # a whole file, a part, and what tells whether the part is still good
    written = b"".join(path.read_bytes() + str(path).encode() for path in left)
    assert b"signature" not in written
    assert b"very-secret" not in written
