"""Connections are kept for the next request to the same server, and there are never more of them than may be."""

import threading
import time
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from conformance.outside.connections import Connections


class Answering(BaseHTTPRequestHandler):
    """Answers with its client's port, so that it can be told over which connection a request came."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = str(self.client_address[1]).encode() * (40_000 if self.path == "/long" else 1)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.path == "/last"

    def log_message(self, *_args):
        """Nobody reads it."""


@contextmanager
def serving():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def port():
    with serving() as place:
        yield place


@contextmanager
def of_size(size):
    connections = Connections(httpcore.ConnectionPool(), size, patience=0.05)
    with closing(connections):
        yield connections


def url(port, path="/"):
    return httpcore.URL(scheme=b"http", host=b"127.0.0.1", port=port, target=path.encode())


def asked(connections, port, path="/", *, read=True):
    """The port that the server saw a request come from."""
    place = url(port, path)
    request = httpcore.Request("GET", place, headers=[(b"Host", b"127.0.0.1")])
    with connections.to(place.origin) as way, closing(way.handle_request(request)) as response:
        return response.read() if read else b""


def test_requests_one_after_the_other_share_a_connection(port):
    with of_size(4) as connections:
        assert len({asked(connections, port) for _ in range(5)}) == 1


def test_one_that_the_server_has_closed_is_replaced(port):
    with of_size(4) as connections:
        first = asked(connections, port, "/last")
        time.sleep(0.3)  # until the client has heard of it
        assert asked(connections, port) != first


def test_one_whose_answer_was_not_read_to_its_end_is_not_used_again(port):
    with of_size(1) as connections:
        first = asked(connections, port)
        asked(connections, port, "/long", read=False)
        assert asked(connections, port) != first


def test_whoever_wants_one_more_than_there_may_be_is_told_after_a_while(port):
    origin = url(port).origin
    with of_size(2) as connections, connections.to(origin):
        with connections.to(origin), pytest.raises(httpcore.PoolTimeout), connections.to(origin):
            pass
        assert asked(connections, port)


def test_an_idle_one_to_elsewhere_makes_room(port):
    with serving() as other, of_size(1) as connections:
        first = asked(connections, port)
        assert asked(connections, other)
        assert asked(connections, port) != first


def test_at_the_same_time_each_request_has_its_own(port):
    with of_size(3) as connections:
        origin = url(port).origin
        with connections.to(origin) as one, connections.to(origin) as two:
            assert one is not two


def test_what_comes_back_after_the_end_is_closed(port):
    connections = Connections(httpcore.ConnectionPool(), 1, patience=0.05)
    place = url(port)
    with connections.to(place.origin) as way:
        way.handle_request(httpcore.Request("GET", place, headers=[(b"Host", b"x")])).read()
        connections.close()
    assert way.is_closed()
