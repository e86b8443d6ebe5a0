"""Servers that are slow, endless, cut off or no HTTP at all."""

import itertools
import json

import pytest
from raw_server import NOT_FOUND, Asked, Peer, RawServer, answer, patient, resource

GOOD = json.dumps(patient("p1")).encode()
CHUNKED = b"%x\r\n" % len(GOOD) + GOOD + b"\r\n0\r\n\r\n"
STATUS = b"HTTP/1.1 200 OK\r\n"


def slow_headers(peer: Peer) -> None:
    peer.trickle(STATUS + b"X-Filler: " + b"x" * 1000, 0.05)


def slow_body(peer: Peer) -> None:
    peer.send(resource(patient("p1"))[:-10])
    peer.silent()


def byte_by_byte(peer: Peer) -> None:
    whole = GOOD + b" " * 200
    peer.send(answer(200, whole)[: -len(whole)])
    peer.trickle(whole, 0.05)


def silent(peer: Peer) -> None:
    peer.silent()


def endless_body(peer: Peer) -> None:
    peer.send(STATUS + b"Content-Type: application/fhir+json\r\n\r\n")
    for _ in itertools.repeat(None):
        peer.send(b" " * 65536)


def endless_chunks(peer: Peer) -> None:
    peer.send(STATUS + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in itertools.repeat(None):
        peer.send(b"10000\r\n" + b" " * 65536 + b"\r\n")


def endless_interim_answers(peer: Peer) -> None:
    for _ in itertools.repeat(None):
        peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 500)


def length_too_long(peer: Peer) -> None:
    peer.send(STATUS + b"Content-Length: %d\r\n\r\n" % (len(GOOD) + 50) + GOOD)


def length_too_short(peer: Peer) -> None:
    peer.send(STATUS + b"Content-Type: application/fhir+json\r\nContent-Length: 20\r\n\r\n" + GOOD)


def two_lengths(peer: Peer) -> None:
    peer.send(STATUS + b"Content-Length: 20\r\nContent-Length: %d\r\n\r\n" % len(GOOD) + GOOD)


def length_and_chunks(peer: Peer) -> None:
    peer.send(STATUS + b"Content-Length: 20\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED)


def broken_chunks(peer: Peer) -> None:
    peer.send(STATUS + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GOOD + b"\r\n0\r\n\r\n")


def chunks_without_end(peer: Peer) -> None:
    peer.send(STATUS + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(GOOD) + GOOD + b"\r\n")


def reset_at_once(peer: Peer) -> None:
    peer.reset()


def reset_in_status_line(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 20")
    peer.reset()


def reset_in_headers(peer: Peer) -> None:
    peer.send(STATUS + b"Content-Type: applic")
    peer.reset()


def reset_in_body(peer: Peer) -> None:
    peer.send(resource(patient("p1"))[:-10])
    peer.ended.wait(0.05)
    peer.reset()


def huge_header(peer: Peer) -> None:
    peer.send(STATUS + b"X-Big: " + b"x" * 5_000_000 + b"\r\nContent-Length: 2\r\n\r\n{}")


def many_headers(peer: Peer) -> None:
    peer.send(STATUS + b"X-One: 1\r\n" * 200_000 + b"Content-Length: 2\r\n\r\n{}")


def injected_header(peer: Peer) -> None:
    peer.send(STATUS + b"X-Name: a\nSet-Cookie: b=c\x00\r\nContent-Length: 2\r\n\r\n{}")


def no_http(peer: Peer) -> None:
    peer.send(b"220 mail.example.org ESMTP\r\n")


def switched_protocol(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + GOOD)


def impossible_status(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 099 What\r\nContent-Length: 2\r\n\r\n{}")


BEHAVIOURS = [
    slow_headers,
    slow_body,
    byte_by_byte,
    silent,
    endless_body,
    endless_chunks,
    endless_interim_answers,
    length_too_long,
    length_too_short,
    two_lengths,
    length_and_chunks,
    broken_chunks,
    chunks_without_end,
    reset_at_once,
    reset_in_status_line,
    reset_in_headers,
    reset_in_body,
    huge_header,
    many_headers,
    injected_header,
    no_http,
    switched_protocol,
    impossible_status,
]


SLOW = (slow_headers, slow_body, byte_by_byte, silent, endless_interim_answers)
IMPATIENT = {"readTimeout": 0.3}


def slug(act) -> str:
    return act.__name__.replace("_", "-")


@pytest.mark.parametrize("act", BEHAVIOURS, ids=slug)
def test_a_read_that_is_answered_so_does_not_pass(act, serve, told, as_the_page_says):
    def behave(peer: Peer, asked: Asked) -> bytes | None:
        if asked.path == "/Patient/p1":
            return act(peer)
        return server.world(peer, asked)

    server: RawServer = serve()
    server.behave = behave
    as_the_page_says(slug(act), told(server.base, limits=IMPATIENT if act in SLOW else None))


def test_an_answer_that_is_hidden_behind_another_answers_nothing(serve, told, as_the_page_says):
    """Else a server could answer what it was not asked yet, and one step's evidence would be another's."""

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        if asked.path == "/Patient/p1":
            return resource(patient("p1")) + resource(patient("p2"))
        if asked.path == "/Patient/p2":
            return resource(NOT_FOUND, 404)
        return server.world(peer, asked)

    server: RawServer = serve()
    del server.world.patients["p3"]
    server.behave = behave
    as_the_page_says("hidden-answer", told(server.base, limits={"concurrency": 1}))
