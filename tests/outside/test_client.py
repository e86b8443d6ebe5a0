"""One request, one exchange: against real servers, polite, within limits, told in words."""

import email.utils
import socket
import threading
import time

import pytest

from conformance.errors import Interrupted


def ok(handler, _seen):
    handler.answer(body=b'{"resourceType":"Patient","id":"1"}', ETag='W/"1"', X_Secret_Thing="hidden value")


def test_a_request_is_recorded_with_its_answer(serve, client):
    server = serve(ok)
    made = client(server.base + "/fhir")
    wire = made.wire("s1")
    exchange = wire.send(
        "GET", "/Patient/1?_format=json", label="read", about={"id": "1"}, headers={"X-Request-Id": "abc"}
    )
    assert exchange.id == "s1.1"
    assert (exchange.method, exchange.status, exchange.failure) == ("GET", 200, "")
    assert exchange.url == f"{server.base}/fhir/Patient/1?_format=json"
    assert exchange.resource("Patient") == {"resourceType": "Patient", "id": "1"}
    assert exchange.request_headers["X-Request-Id"] == "abc"
    assert exchange.request_headers["Accept"] == "application/fhir+json"
    assert exchange.header("etag") == 'W/"1"'
    assert "hidden" not in str(exchange.header("x-secret-thing"))
    assert exchange.media_type == "application/fhir+json"
    assert exchange.at.endswith("Z")
    assert exchange.attempts == 1
    assert exchange.credentials == "none"
    assert server.seen[0].path == "/fhir/Patient/1?_format=json"
    assert server.seen[0].headers["user-agent"].startswith("conformance-harness/")
    assert wire.evidence().exchanges == (exchange,)
    assert made.client.statistics.requests == 1
    assert made.client.statistics.bytes_received == 35


def test_urls_are_relative_to_the_base_or_absolute(serve, client):
    server = serve(ok)
    wire = client(server.base + "/fhir/").wire()
    for url in ("", "/", "Patient", "/Patient", "?_type=Patient", f"{server.base}/other", "//evil.example/x"):
        wire.send("GET", url)
    assert [seen.path for seen in server.seen] == [
        "/fhir",
        "/fhir",
        "/fhir/Patient",
        "/fhir/Patient",
        "/fhir?_type=Patient",
        "/other",
        "/fhir//evil.example/x",
    ]


def test_json_and_bodies_are_sent_and_kept(serve, client):
    server = serve(ok)
    wire = client(server.base).wire()
    created = wire.send("POST", "/Patient", json={"resourceType": "Patient"})
    assert server.seen[0].body == b'{"resourceType":"Patient"}'
    assert server.seen[0].headers["content-type"] == "application/fhir+json"
    assert created.request_body.size == 26
    wire.send("POST", "/Patient/_search", body=b"name=x", media_type="application/x-www-form-urlencoded")
    assert server.seen[1].headers["content-type"] == "application/x-www-form-urlencoded"
    wire.send("POST", "/$op")
    assert server.seen[2].headers["content-length"] == "0"


def test_an_answer_without_a_body_has_none(serve, client):
    wire = client(serve(lambda handler, _: handler.answer(204)).base).wire()
    exchange = wire.send("DELETE", "/Patient/1")
    assert exchange.body is None
    assert exchange.content() == b""


def test_busy_targets_are_asked_again_after_the_time_they_name(serve, client):
    answers = iter([(429, {"Retry_After": "1"}), (503, {"Retry_After": "0"}), (200, {})])

    def handle(handler, _seen):
        status, headers = next(answers)
        handler.answer(status, b"{}", **headers)

    made = client(serve(handle).base)
    began = time.monotonic()
    exchange = made.wire().send("POST", "/$export")
    assert (exchange.status, exchange.attempts, exchange.failure) == (200, 3, "")
    assert 0.95 < time.monotonic() - began < 2
    assert made.client.statistics.retried == 2
    assert made.client.statistics.requests == 3


def test_a_target_that_stays_busy_is_a_failure_that_says_so(serve, client):
    server = serve(lambda handler, _: handler.answer(429, b"{}", Retry_After="0"))
    exchange = client(server.base).wire().send("GET", "/Patient")
    assert exchange.failure == "busy: answered 429 4 times"
    assert (exchange.status, exchange.attempts, len(server.seen)) == (429, 4, 4)


def test_retry_after_may_be_a_date(serve, client):
    answers = iter([503, 200])

    def handle(handler, _seen):
        handler.answer(next(answers), b"{}", Retry_After=email.utils.formatdate(time.time() - 5, usegmt=True))

    began = time.monotonic()
    assert client(serve(handle).base).wire().send("GET", "/").status == 200
    assert time.monotonic() - began < 0.4  # a date that has passed: at once, no back-off of our own


def test_connections_that_break_are_tried_again_where_that_is_safe(serve, client):
    def handle(handler, _seen):
        if len(server.seen) % 2:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
        else:
            handler.answer(body=b"{}")

    server = serve(handle)
    wire = client(server.base).wire()
    assert wire.send("GET", "/Patient").attempts == 2
    assert wire.send("POST", "/Patient", json={}).failure != ""
    assert len(server.seen) == 3


def test_nobody_there_is_told_and_tried_as_often_as_allowed(client):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    exchange = client(f"http://127.0.0.1:{port}", limits={"retries": 1}).wire().send("GET", "/metadata")
    assert exchange.failure == f"no connection to http://127.0.0.1:{port}: connection refused"
    assert (exchange.status, exchange.attempts) == (0, 2)


def test_headers_cannot_be_smuggled(serve, client):
    server = serve(ok)
    wire = client(server.base).wire()
    tries = [
        wire.send("GET", "/", headers={"X-A": "1\r\nX-B: 2"}),
        wire.send("GET", "/", headers={"X A": "1"}),
        wire.send("GET /x HTTP/1.1\r\nHost: y\r\n\r\n", "/"),
        wire.send("GET", "/Patient\r\nX-B: 2"),
    ]
    assert [each.failure.startswith("refused by the harness: ") for each in tries] == [True] * 4
    assert server.seen == []
    assert "\n" not in "".join(each.url + each.method for each in tries)
    assert len({each.id for each in wire.evidence().exchanges}) == 4


def test_redirects_are_followed_only_when_asked(serve, client):
    def handle(handler, seen):
        step = int(seen.path.rpartition("/")[2])
        status = 307 if step == 1 else 303
        if step == 3:
            handler.answer(body=b"{}")
        else:
            handler.answer(status, Location=f"/{step + 1}")

    server = serve(handle)
    wire = client(server.base).wire()
    assert wire.send("POST", "/1", json={}).status == 307
    last = wire.send("POST", "/1", json={}, follow=True, label="hop")
    assert last.status == 200
    assert [(seen.method, seen.path) for seen in server.seen] == [
        ("POST", "/1"),
        ("POST", "/1"),
        ("POST", "/2"),
        ("GET", "/3"),
    ]
    assert [each.id for each in wire.evidence().labelled("hop")] == ["step.2", "step.3", "step.4"]
    assert server.seen[3].body == b""


def test_redirects_end(serve, client):
    server = serve(lambda handler, _: handler.answer(302, Location="/again"))
    exchange = client(server.base).wire().send("GET", "/", follow=True)
    assert exchange.failure == "redirected more than 5 times"
    assert len(server.seen) == 6


def test_requests_keep_to_the_pace_across_threads(serve, client):
    server = serve(ok)
    made = client(server.base, limits={"requests_per_second": 20, "concurrency": 4})
    began = time.monotonic()
    threads = [
        threading.Thread(target=lambda: [made.wire().send("GET", "/") for _ in range(4)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.seen) == 16
    assert time.monotonic() - began >= 15 / 20


def test_cookies_are_not_carried_along(serve, client):
    server = serve(lambda handler, _: handler.answer(body=b"{}", Set_Cookie="session=abcdefgh; Path=/"))
    wire = client(server.base).wire()
    assert "abcdefgh" not in str(wire.send("GET", "/").headers)
    wire.send("GET", "/")
    assert "cookie" not in server.seen[1].headers


def test_stopping_ends_requests_and_pauses_soon(serve, client):
    released = threading.Event()
    made = client(serve(lambda _handler, _seen: released.wait(5)).base, limits={"read_timeout": 60})
    ended: list[float] = []

    def run(act):
        try:
            act()
        except Interrupted:
            ended.append(time.monotonic())

    acts = [lambda: made.wire("a").send("GET", "/"), lambda: made.wire("b").pause(200)]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    made.client.stop()
    for thread in threads:
        thread.join(5)
    released.set()
    assert len(ended) == 2
    assert max(ended) - began < 1.2
    with pytest.raises(Interrupted):
        made.wire().send("GET", "/")


def test_notes_journal_tag_and_remaining_time(client):
    made = client("http://127.0.0.1:9", limits={"job_timeout": 100})
    one, two = made.wire("one"), made.wire("two")
    one.created("Patient/1")
    one.deleted("Patient/1")
    one.note("types", ["Patient"])
    assert made.journal == [("created", "Patient/1"), ("deleted", "Patient/1")]
    assert (one.tag, two.tag) == ("run-one", "run-two")
    assert 99 < one.remaining() <= 100
    evidence = one.evidence(untestable="no data", crash="")
    assert (evidence.notes, evidence.untestable, evidence.step) == ({"types": ["Patient"]}, "no data", "one")
    assert one.base == "http://127.0.0.1:9"
    assert one.target.endpoint == "http://127.0.0.1:9"


def test_the_harness_adds_little_to_a_request(serve, client):
    """Compared with the same requests over a bare socket, on the best of several rounds."""
    server = serve(ok)
    wire = client(server.base).wire()

    def bare(connection):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(65536)

    def best(act):
        act()
        times = []
        for _ in range(60):
            began = time.perf_counter()
            act()
            times.append(time.perf_counter() - began)
        return sorted(times)[len(times) // 4]

    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        alone = best(lambda: bare(connection))
    assert best(lambda: wire.send("GET", "/")) - alone < 0.0025


def test_steps_share_the_answers_that_probes_let_them_share(serve, client):
    server = serve(lambda handler, _seen: handler.answer(200, b'{"resourceType":"Patient"}', ETag='W/"1"'))
    made = client(server.base)
    first = made.wire("a").send("GET", "/Patient/1", shared=True)
    second = made.wire("b").send("GET", "/Patient/1", shared=True, label="again")
    others = [
        made.wire("c").send("GET", "/Patient/1"),
        made.wire("d").send("GET", "/Patient/1", shared=True, accept="application/json"),
        made.wire("e").send("GET", "/Patient/1", shared=True, credentials="none"),
        made.wire("f").send("GET", "/Patient/2", shared=True),
        made.wire("g").send("POST", "/Patient/1", shared=True),
        made.wire("h").send("GET", "/Patient/1", shared=True, file=True),
    ]
    assert second.answered_by == first.id
    assert (second.id, second.label, second.headers, second.body) == (
        "b.1",
        "again",
        first.headers,
        first.body,
    )
    assert second.content() == first.content()
    assert not [exchange for exchange in (first, *others) if exchange.answered_by]
    assert len(server.seen) == len(others) + 1
    assert made.client.saved == 1
