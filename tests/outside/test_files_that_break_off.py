"""A file of an export whose connection breaks goes on where it stopped, or is begun anew, and evidence tells of it."""

import gzip
import random
import socket
from email.utils import formatdate

import pytest

from conformance.model.base import sha256
from conformance.outside.turns import Pace, Turns

SHORT = {"retries": 2, "read_timeout": 1}
FILE = random.Random(7).randbytes(400_000).hex().encode() + b"\n"
CUT = 300_000
NOON = "Tue, 03 Mar 2026 12:00:00 GMT"


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch):
    monkeypatch.setattr("conformance.outside.line.FIRST_WAIT", 0.01)


def sends(handler, body, *, cut=0, status=200, **headers):
    """Answer with a body, of which only so many bytes come before the connection breaks."""
    handler.send_response_only(status)
    for name, value in {"Date": formatdate(usegmt=True), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: cut or len(body)])
    if cut:
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True


def part_of(handler, seen, body, *, cut=0, **headers):
    """Answer a request for the rest as RFC 9110 has it."""
    start = int(seen.headers["range"].removeprefix("bytes=").removesuffix("-"))
    where = f"bytes {start}-{len(body) - 1}/{len(body)}"
    sends(handler, body[start:], cut=cut, status=206, **{"Content-Range": where} | headers)


def cutting(body=FILE, *, cut=CUT, most=99, **headers):
    """A server that has ranges, and breaks off each answer after so many bytes."""
    told = {"ETag": '"one"', **headers}

    def handle(handler, seen):
        cuts = cut if most > len(handler.seen) - 1 else 0
        if "range" not in seen.headers:
            sends(handler, body, cut=cuts, **told)
        else:
            assert seen.headers["if-range"] == told["ETag"]
            missing = len(body) - int(seen.headers["range"][6:-1])
            part_of(handler, seen, body, cut=cuts if cuts < missing else 0, **told)

    return handle


def fetched(client, server, path="/file", **target):
    made = client(server.base, **{"limits": SHORT} | target)
    exchange = made.wire().send("GET", path, file=True, follow=True, accept="application/fhir+ndjson")
    return exchange.connected(made.bodies.read)


def ranges(server):
    return [seen.headers.get("range", "") for seen in server.seen if seen.path == "/file"]


def test_it_goes_on_where_it_broke_off_however_often(serve, client):
    server = serve(cutting())
    exchange = fetched(client, server)
    assert exchange.body.sha256 == sha256(FILE)
    assert exchange.continued == (300_000, 600_000)
    assert ranges(server) == ["", "bytes=300000-", "bytes=600000-"]
    assert (exchange.status, exchange.failure, exchange.attempts) == (200, "", 1)


def test_a_packed_file_is_unpacked_across_the_break(serve, client):
    packed = gzip.compress(FILE, 1, mtime=0)
    exchange = fetched(client, serve(cutting(packed, Content_Encoding="gzip")))
    assert exchange.body.sha256 == sha256(FILE)
    assert exchange.continued == (300_000,)


def test_a_server_that_falls_silent_is_asked_on_another_connection(serve, client):
    def handle(handler, seen):
        if "range" in seen.headers:
            part_of(handler, seen, FILE, ETag='"one"')
            return
        handler.send_response(200)
        handler.send_header("ETag", '"one"')
        handler.send_header("Content-Length", str(len(FILE)))
        handler.end_headers()
        handler.wfile.write(FILE[:CUT])
        handler.rfile.read(1)

    exchange = fetched(client, serve(handle))
    assert (exchange.body.sha256, exchange.continued) == (sha256(FILE), (CUT,))


def test_a_date_of_change_serves_where_there_is_no_tag(serve, client):
    changed = NOON

    def handle(handler, seen):
        if "range" in seen.headers:
            assert seen.headers["if-range"] == changed
            part_of(handler, seen, FILE)
        else:
            sends(handler, FILE, cut=CUT, Last_Modified=changed)

    exchange = fetched(client, serve(handle))
    assert (exchange.body.sha256, exchange.continued) == (sha256(FILE), (CUT,))


@pytest.mark.parametrize(
    "headers",
    [{}, {"ETag": 'W/"one"'}, {"Date": NOON, "Last_Modified": NOON}],
    ids=["nothing", "weak tag", "changed this very second"],
)
def test_without_a_sure_sign_that_it_is_the_same_it_is_begun_anew(serve, client, headers):
    def handle(handler, seen):
        assert "range" not in seen.headers
        sends(handler, FILE, cut=CUT if len(handler.seen) == 1 else 0, **headers)

    exchange = fetched(client, serve(handle))
    assert (exchange.body.sha256, exchange.continued, exchange.attempts) == (sha256(FILE), (), 2)


def changed(handler, seen):
    """The file changed after its beginning was sent, and the server says so."""
    sends(handler, FILE[::-1], ETag='"two"')


def changed_unsaid(handler, seen):
    """It changed, and the server sends a part of it all the same."""
    part_of(handler, seen, FILE[::-1], ETag='"two"')


def grown(handler, seen):
    part_of(handler, seen, FILE + FILE, ETag='"one"')


def from_elsewhere(handler, seen):
    sends(handler, FILE[5:], status=206, ETag='"one"', Content_Range=f"bytes 5-{len(FILE) - 1}/{len(FILE)}")


def without_a_tag(handler, seen):
    part_of(handler, seen, FILE)


def packed_now(handler, seen):
    part_of(handler, seen, FILE, ETag='"one"', Content_Encoding="gzip")


def longer_than_said(handler, seen):
    body = FILE[CUT:] + b"more"
    where = f"bytes {CUT}-{len(FILE) - 1}/{len(FILE)}"
    sends(handler, body, status=206, ETag='"one"', Content_Range=where)


@pytest.mark.parametrize(
    "then",
    [changed, changed_unsaid, grown, from_elsewhere, without_a_tag, packed_now, longer_than_said],
    ids=lambda then: then.__name__,
)
def test_what_is_not_the_rest_of_the_same_file_is_never_put_together_with_it(serve, client, then):
    def handle(handler, seen):
        if "range" in seen.headers:
            then(handler, seen)
        elif len(handler.seen) == 1:
            sends(handler, FILE, cut=CUT, ETag='"one"')
        else:
            sends(handler, FILE[::-1], ETag='"two"')

    exchange = fetched(client, serve(handle))
    assert exchange.body.sha256 == sha256(FILE[::-1])
    assert (exchange.continued, exchange.attempts, exchange.header("etag")) == ((), 2, '"two"')


def test_a_server_that_is_busy_in_between_is_waited_for(serve, client):
    def handle(handler, seen):
        if len(handler.seen) == 2:
            sends(handler, b"", status=503, Retry_After="0")
        else:
            cutting(most=1)(handler, seen)

    exchange = fetched(client, serve(handle))
    assert (exchange.body.sha256, exchange.continued) == (sha256(FILE), (CUT,))


def test_a_server_that_never_gets_farther_is_given_up(serve, client):
    def handle(handler, seen):
        if "range" in seen.headers:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
        else:
            sends(handler, FILE, cut=CUT, ETag='"one"')

    server = serve(handle)
    exchange = fetched(client, server)
    assert exchange.failure == "the file broke off after 300,000 bytes, and 3 attempts to go on were in vain"
    assert exchange.body is None
    assert len(server.seen) == 4


def test_one_that_sends_a_byte_at_a_time_is_given_up_too(serve, client):
    server = serve(cutting(cut=1))
    assert "attempts to go on were in vain" in fetched(client, server).failure
    assert len(server.seen) == 3


def test_what_is_no_file_is_not_gone_on_with(serve, client):
    server = serve(cutting(b"{}" * 1000, cut=500, most=1))
    exchange = client(server.base, limits=SHORT).wire().send("GET", "/file")
    assert (exchange.body.size, exchange.continued, exchange.attempts) == (2000, (), 2)
    assert ranges(server) == ["", ""]


def test_a_token_that_ran_out_in_between_is_renewed_though_one_request_at_a_time_has_its_turn(serve, client):
    tokens = iter(["first", "second"])

    def handle(handler, seen):
        if seen.path == "/token":
            handler.answer(
                body=b'{"access_token":"%s","token_type":"bearer","expires_in":3600}' % next(tokens).encode()
            )
        elif "range" not in seen.headers:
            sends(handler, FILE, cut=CUT, ETag='"one"')
        elif seen.headers["authorization"] == "Bearer second":
            part_of(handler, seen, FILE, ETag='"one"')
        else:
            sends(handler, b"", status=401)

    server = serve(handle)
    auth = {
        "kind": "client-credentials",
        "token_url": f"{server.base}/token",
        "client_id": "me",
        "client_secret": "env:SECRET",
        "scope": "system/*.rs",
    }
    one_by_one = Turns(Pace(1, 0), lambda: Pace(1, 0)).turn
    exchange = fetched(client, server, auth=auth, environ={"SECRET": "a-secret-of-a-test"}, turn=one_by_one)
    assert (exchange.body.sha256, exchange.continued) == (sha256(FILE), (CUT,))
    sent = [seen.headers["authorization"] for seen in server.seen if seen.path == "/file"]
    assert sent == ["Bearer first", "Bearer first", "Bearer second"]
