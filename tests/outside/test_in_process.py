"""Applications in this process as targets: what a transport does stands for what a connection would do."""

import asyncio

import httpcore
import httpx
import pytest

from conformance.outside.in_process import TransportWay, in_process, transport_of

URL = httpcore.URL("http://in-process.invalid/fhir/metadata?x=%20y")


def asked(app, *, seconds=5.0, method="POST", content=b"sent"):
    request = httpcore.Request(
        method,
        URL,
        headers=[(b"Host", b"in-process.invalid")],
        content=content,
        extensions={"timeout": {"read": seconds}},
    )
    answer = TransportWay(transport_of(app)).handle_request(request)
    return answer.status, b"".join(answer.iter_stream())


async def asgi(scope, receive, send):
    assert scope["type"] == "http"
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": scope["raw_path"] + scope["query_string"] + body})


def wsgi(environ, start_response):
    start_response("201 Created", [])
    path, query = environ["PATH_INFO"].encode(), environ["QUERY_STRING"].encode()
    return [path + query + environ["wsgi.input"].read()]


class Asgi:
    async def __call__(self, scope, receive, send):
        await asgi(scope, receive, send)


@pytest.mark.parametrize("app", [asgi, wsgi, Asgi(), httpx.ASGITransport(asgi), httpx.WSGITransport(wsgi)])
def test_a_request_reaches_the_application_as_it_was_sent(app):
    assert asked(app) == (201, b"/fhir/metadatax=%20ysent")


async def raising(scope, receive, send):
    raise RuntimeError("broken")


def test_an_application_that_raises_answers_500():
    assert asked(raising)[0] == 500


def test_an_application_that_hangs_is_given_up_like_a_connection():
    async def hanging(scope, receive, send):
        if scope["type"] == "http":
            await asyncio.Event().wait()

    with pytest.raises(httpcore.ReadTimeout):
        asked(hanging, seconds=0.05)


def test_a_transport_that_fails_is_told_like_a_connection():
    def fails(request):
        raise httpx.ConnectError("gone", request=request)

    with pytest.raises(httpcore.ReadError):
        asked(httpx.MockTransport(fails))


def test_an_application_is_started_once_before_its_first_request():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
        else:
            await asgi(scope, receive, send)

    transport = transport_of(app)
    assert asked(transport)[0] == asked(transport)[0] == 201
    assert seen == ["lifespan", "http", "http"]


def test_what_is_no_application_is_refused():
    with pytest.raises(TypeError, match="no ASGI or WSGI application"):
        transport_of("app")


def test_a_target_in_this_process_is_live_and_read_only_unless_told_otherwise():
    target = in_process(asgi, base="fhir/r4/").target
    assert target.endpoint == "http://in-process.invalid/fhir/r4"
    assert (target.data_class, target.permissions.write) == ("live", False)


def test_what_is_elsewhere_is_not_asked_of_the_application(client):
    seen = []

    def answers(request):
        seen.append(request.url.host)
        return httpx.Response(200, json={})

    made = client("http://in-process.invalid/fhir", transport=httpx.MockTransport(answers))
    assert made.wire().send("GET", "metadata").status == 200
    assert made.wire().send("GET", "http://elsewhere.invalid/fhir/metadata").failure
    assert seen == ["in-process.invalid"]
