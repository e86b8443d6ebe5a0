"""No secret of a run is ever in what is recorded, whatever a server does with it."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.model.base import compact

secret_texts = st.text(st.sampled_from("ABCdef0189-._~+/=\"'\\ %&?#"), min_size=8, max_size=30).filter(
    lambda text: text.strip() == text and len(text) >= 8
)


def encodings(secret):
    return {
        "plain": secret,
        "url": quote(secret, safe=""),
        "base64": base64.b64encode(f"user:{secret}".encode()).decode(),
        "json": json.dumps(secret)[1:-1],
    }


@pytest.fixture(scope="module")
def echo():
    """A server that gives back, everywhere, what it is told to."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        say = ""

        def log_message(self, *_args):
            """Say nothing."""

        def do_GET(self):
            body = json.dumps({"issue": self.say, "x": [f"a{self.say}b"]}).encode() + self.say.encode()
            self.send_response(401)
            for name in ("ETag", "X-Other", "Server", "X-Request-Id"):
                self.send_header(name, f"got {self.say}")
            self.send_header("WWW-Authenticate", f'Bearer realm="{self.say}"')
            self.send_header("Location", f"https://x.example.org/{self.say}?next={self.say}#{self.say}")
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    http = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    http.daemon_threads = True
    Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield Echo, f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


@given(secret=secret_texts, how=st.sampled_from(["plain", "url", "base64", "json"]), file=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_recorded_holds_a_secret(echo, client, secret, how, file):
    handler, base = echo
    handler.say = encodings(secret)[how]
    made = client(base, environ={"S": secret}, auth={"kind": "headers", "headers": {"X-Api-Key": "env:S"}})
    wire = made.wire()
    wire.send(
        "GET", "/Patient", label=f"with {secret}", about={"v": secret}, headers={"X-Mine": secret}, file=file
    )
    wire.send("GET", f"/Patient?name={quote(secret, safe='')}", headers={"X-Request-Id": quote(secret)})
    wire.note("seen", {secret: [secret]})
    evidence = wire.evidence(crash=f"something about {secret}")
    written = compact(evidence.plain())
    assert made.secrets.found(written) == ""
    assert secret not in json.dumps(evidence.plain(), ensure_ascii=False)
    for body in made.bodies:
        assert made.secrets.found(body) == ""
        assert secret.encode() not in body
    for exchange in evidence.exchanges:
        assert exchange.content()


def test_a_secret_across_the_chunks_of_a_big_file_is_replaced(serve, client):
    secret = "s3cret-" + "x" * 60
    body = (b"." * 65_530 + secret.encode()) * 20
    server = serve(lambda handler, _: handler.answer(body=body, Content_Type="application/fhir+ndjson"))
    made = client(server.base, environ={"S": secret}, auth={"kind": "bearer", "token": "env:S"})
    exchange = made.wire().send("GET", "/file", file=True)
    assert exchange.content() == body.replace(secret.encode(), made.redactor.tag(secret).encode())


def test_learned_urls_with_secrets_are_asked_as_they_were_given(serve, client):
    def handle(handler, seen):
        if seen.path == "/manifest":
            handler.answer(body=b'{"url":"' + server.base.encode() + b'/f?sig=abcdefghij&part=2"}')
        else:
            handler.answer(202, b"{}", Content_Location="/status?token=0123456789")

    server = serve(handle)
    wire = client(server.base).wire()
    url = wire.send("GET", "/manifest").json_or_none()["url"]
    assert "abcdefghij" not in url
    again = wire.send("GET", url)
    wire.send("GET", again.header("content-location"))
    assert [seen.path for seen in server.seen] == [
        "/manifest",
        "/f?sig=abcdefghij&part=2",
        "/status?token=0123456789",
    ]
    assert b"0123456789" not in wire.evidence().canonical()
