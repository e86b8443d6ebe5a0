"""What a target cannot do to us: keep us waiting, fill the disk, send what is no HTTP."""

import gzip
import time
import zlib

import pytest


def test_a_silent_target_is_told(serve, client):
    server = serve(lambda _handler, _seen: time.sleep(1.5))
    exchange = client(server.base, limits={"read_timeout": 0.3}).wire().send("GET", "/")
    assert exchange.failure == f"{server.base} sent nothing for 0.3 s"


def test_a_trickling_target_is_given_up(serve, client):
    def handle(handler, _seen):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    made = client(serve(handle).base, limits={"read_timeout": 0.3})
    began = time.monotonic()
    exchange = made.wire().send("GET", "/")
    assert exchange.failure == "the answer was not complete within 3 s"
    assert time.monotonic() - began < 4.5
    assert list(made.bodies) == []


def test_a_target_that_trickles_headers_is_given_up_too(serve, client):
    def handle(handler, _seen):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            handler.wfile.write(b"X-Y: z\r\n")
            time.sleep(0.05)

    exchange = client(serve(handle).base, limits={"read_timeout": 0.3}).wire().send("GET", "/")
    assert exchange.failure == "the answer was not complete within 3 s"


def test_answers_are_cut_off_at_the_limit_but_files_have_their_own(serve, client):
    server = serve(lambda handler, _: handler.answer(body=b"x" * 5000))
    made = client(server.base, limits={"max_body": 4000, "max_file": 6000})
    wire = made.wire()
    exchange = wire.send("GET", "/")
    assert exchange.failure == "the answer is larger than 4,000 bytes, the limit in the target file"
    assert exchange.status == 200
    assert exchange.body is None
    assert list(made.bodies) == []
    assert wire.send("GET", "/", file=True).body.size == 5000


def test_a_gzip_bomb_is_stopped_at_the_limit(serve, client):
    bomb = gzip.compress(bytes(200_000_000), 9)
    server = serve(lambda handler, _: handler.answer(body=bomb, Content_Encoding="gzip"))
    exchange = client(server.base, limits={"max_body": 1_000_000, "read_timeout": 10}).wire().send("GET", "/")
    assert "larger than 1,000,000 bytes" in exchange.failure


def test_gzip_is_undone_and_counted_decoded(serve, client):
    twice = gzip.compress(b'{"a":', mtime=0) + gzip.compress(b"1}")  # two members are one file
    server = serve(lambda handler, _: handler.answer(body=twice, Content_Encoding="gzip"))
    exchange = client(server.base).wire().send("GET", "/")
    assert exchange.json_or_none() == {"a": 1}
    assert exchange.header("content-encoding") == "gzip"
    assert server.seen[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "encoding", "told"),
    [
        (
            b"no gzip at all",
            "gzip",
            "the body cannot be read: the answer is not the gzip that its Content-Encoding says",
        ),
        (
            gzip.compress(b"x" * 100, mtime=0)[:-10],
            "gzip",
            "the body cannot be read: the gzip encoding of the answer ends too early",
        ),
        (
            zlib.compress(b"x"),
            "br",
            "the body cannot be read: the answer is encoded as 'br', which was not asked for",
        ),
    ],
    ids=["not-gzip", "cut", "another-encoding"],
)
def test_what_cannot_be_decoded_is_told(serve, client, body, encoding, told):
    server = serve(lambda handler, _: handler.answer(body=body, Content_Encoding=encoding))
    assert client(server.base).wire().send("GET", "/").failure.startswith(told)


def test_answers_that_are_no_http_are_told(serve, client):
    def handle(handler, _seen):
        handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        handler.close_connection = True

    exchange = client(serve(handle).base, limits={"retries": 0}).wire().send("GET", "/")
    assert "did not answer in valid HTTP" in exchange.failure
