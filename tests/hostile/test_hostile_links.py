"""Servers that lead the harness on: round in circles, elsewhere, inside, or to what it never created."""

import json
import threading

import pytest
from hostile_runs import WRITING
from raw_server import Asked, Peer, RawServer, answer, page, patient, resource

TOKEN = "hostile-token-4f1d6ab2"


@pytest.fixture
def deviating(serve):
    """A server that answers one path otherwise."""

    def start(path: str, said) -> RawServer:
        def behave(peer: Peer, asked: Asked) -> bytes | None:
            return said(server, asked) if asked.path == path else server.world(peer, asked)

        server: RawServer = serve()
        server.behave = behave
        return server

    return start


def moved(location: str) -> bytes:
    return answer(302, b"", Location=location)


def test_a_redirect_to_itself_is_not_followed(deviating, told, as_the_page_says):
    server = deviating("/Patient/p1", lambda server, _: moved(f"{server.base}/Patient/p1"))
    as_the_page_says("redirect-in-a-circle", told(server.base))
    assert len([one for one in server.asked if one.path == "/Patient/p1"]) == 1


AWAY = {
    "redirect-elsewhere": "{other}/Patient/p1",
    "redirect-inside": "http://169.254.169.254/latest/meta-data/",
    "redirect-to-a-file": "file:///etc/passwd",
}


@pytest.mark.parametrize("name", AWAY)
def test_a_redirect_away_takes_nothing_along(name, deviating, serve, told, as_the_page_says, monkeypatch):
    monkeypatch.setenv("HOSTILE_TOKEN", TOKEN)
    other: RawServer = serve()
    server = deviating("/Patient/p1", lambda *_: moved(AWAY[name].format(other=other.base)))
    seen = told(server.base, auth={"kind": "bearer", "token": "env:HOSTILE_TOKEN"})
    as_the_page_says(name, seen)
    assert other.asked == []


NEXT = {
    "next-inside": "http://10.255.255.1/Patient?page=2",
    "next-to-cloud-metadata": "http://169.254.169.254/latest/meta-data/",
    "next-to-a-file": "file:///etc/passwd",
    "next-with-a-password": "http://user:secret@127.0.0.1:9/Patient?page=2",
    "next-that-is-no-url": "http://[::1/Patient",
    "next-with-a-line-end": "/Patient?page=2\r\nX-Injected: yes",
}


@pytest.mark.parametrize("name", NEXT)
def test_a_next_page_where_nobody_may_look_is_not_fetched(name, deviating, told, as_the_page_says):
    found = [patient("p1"), patient("p2")]
    server = deviating("/Patient", lambda server, _: resource(page(server.base, found, NEXT[name])))
    as_the_page_says(name, told(server.base))
    assert not any("x-injected" in one.headers for one in server.asked)


def test_a_next_page_elsewhere_is_asked_for_without_credentials(
    deviating, serve, told, as_the_page_says, monkeypatch
):
    monkeypatch.setenv("HOSTILE_TOKEN", TOKEN)
    other: RawServer = serve(lambda *_: answer(401, b"{}"))
    found = [patient("p1"), patient("p2")]
    server = deviating(
        "/Patient", lambda server, _: resource(page(server.base, found, f"{other.base}/Patient?from=2"))
    )
    as_the_page_says(
        "next-elsewhere", told(server.base, auth={"kind": "bearer", "token": "env:HOSTILE_TOKEN"})
    )
    assert other.asked
    assert TOKEN in server.asked[-1].headers["authorization"]
    assert TOKEN not in str(other.asked)


def endless(server: RawServer, asked: Asked) -> bytes:
    at = int(asked.query("from", "0"))
    found = [patient(f"p{at}"), patient(f"p{at + 1}")]
    return resource(page(server.base, found, f"{server.base}/Patient?from={at + 2}"))


def in_a_circle(server: RawServer, asked: Asked) -> bytes:
    at = int(asked.query("from", "0"))
    return resource(page(server.base, [patient(f"p{at}")], f"{server.base}/Patient?from={(at + 1) % 3}"))


def going_nowhere(server: RawServer, asked: Asked) -> bytes:
    at = int(asked.query("from", "0"))
    return resource(page(server.base, [patient("p1")], f"{server.base}/Patient?from={at + 1}"))


def empty_for_ever(server: RawServer, asked: Asked) -> bytes:
    at = int(asked.query("from", "0"))
    return resource(page(server.base, [], f"{server.base}/Patient?from={at + 1}"))


def shifting(server: RawServer, asked: Asked) -> bytes:
    """What stands on the first page stands on the second again, and another is never shown."""
    if asked.query("from"):
        return resource(page(server.base, [patient("p2")], total=3))
    return resource(
        page(server.base, [patient("p1"), patient("p2")], f"{server.base}/Patient?from=2", total=3)
    )


def shrinking(server: RawServer, asked: Asked) -> bytes:
    """The total changes from page to page."""
    if asked.query("from"):
        return resource(page(server.base, [patient("p3")], total=7))
    return resource(
        page(server.base, [patient("p1"), patient("p2")], f"{server.base}/Patient?from=2", total=3)
    )


PAGES = {
    "pages-without-end": endless,
    "pages-in-a-circle": in_a_circle,
    "pages-with-nothing-new": going_nowhere,
    "empty-pages-without-end": empty_for_ever,
    "pages-that-shift": shifting,
    "totals-that-change": shrinking,
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_that_cannot_be_all_do_not_pass(name, deviating, told, as_the_page_says):
    server = deviating("/Patient", PAGES[name])
    as_the_page_says(name, told(server.base))
    assert len(server.asked) < 150


def test_answers_that_are_swapped_between_two_that_ask_at_once_do_not_pass(serve, told, as_the_page_says):
    both = threading.Barrier(2)

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        kind, _, identity = asked.path.strip("/").partition("/")
        if kind != "Patient" or not identity:
            return server.world(peer, asked)
        both.wait(5)  # until the other one has asked too
        return resource(patient({"p1": "p2", "p2": "p1"}[identity]))

    server: RawServer = serve()
    del server.world.patients["p3"]
    server.behave = behave
    as_the_page_says("answers-swapped", told(server.base, limits={"readTimeout": 5}))


IDS = {
    "id-climbing-out": "../Organization/1",
    "id-climbing-out-encoded": "%2e%2e/Organization/1",
    "id-with-a-query": "?active=true",
    "id-with-a-slash": "x/y",
    "id-with-a-line-end": "p1\r\nX-Injected: yes",
    "id-of-nothing": "",
}


@pytest.mark.parametrize("name", IDS)
def test_an_id_that_is_none_is_not_asked_for_as_if_it_were(name, serve, told, as_the_page_says):
    server: RawServer = serve()
    server.world.patients = {one: patient(one) for one in (IDS[name], "p1")}
    as_the_page_says(name, told(server.base))
    assert not any("x-injected" in one.headers for one in server.asked)
    assert {one.path.split("/")[1] for one in server.asked} <= {"metadata", ".well-known", "Patient"}


@pytest.mark.parametrize("place", ["body", "location"])
@pytest.mark.parametrize("name", IDS, ids="created-{}".format)
def test_nothing_is_deleted_that_was_never_created(name, place, serve, told, as_the_page_says):
    """Whatever a server says that it created: what the harness deletes is a resource by its id."""

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        if asked.method != "POST":
            return server.world(peer, asked)
        sent = json.loads(asked.body)
        where = (
            {"Location": f"{server.base}/Patient/{IDS[name]}".replace("\r\n", "%0d%0a")}
            if place == "location"
            else {}
        )
        return resource(sent | ({"id": IDS[name]} if place == "body" else {}), 201, **where)

    server: RawServer = serve()
    server.behave = behave
    seen = told(server.base, WRITING, permissions={"write": True})
    as_the_page_says(f"created-{name}", seen)
    deleted = [one.target for one in server.asked if one.method == "DELETE"]
    assert all(one.startswith("/Patient/") and not set(one[9:]) & set("/?#%.") for one in deleted)


def test_a_session_that_needs_a_cookie_is_none(serve, told, as_the_page_says):
    def behave(peer: Peer, asked: Asked) -> bytes | None:
        if asked.path == "/Patient/p1" and "cookie" not in asked.headers:
            return resource(
                {"resourceType": "OperationOutcome"}, 403, Set_Cookie="session=once-more-9f2; Path=/"
            )
        return server.world(peer, asked)

    server: RawServer = serve()
    server.behave = behave
    seen = told(server.base)
    as_the_page_says("cookie-needed", seen)
    assert not any("cookie" in one.headers for one in server.asked)
    assert b"once-more-9f2" not in (seen.folder / "evidence.jsonl").read_bytes()
