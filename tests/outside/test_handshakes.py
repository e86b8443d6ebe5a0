"""Handshakes with real servers: what they agree to, and what is told of their certificates."""

import datetime as dt
import socket
import ssl
import threading

import pytest

from conformance.outside import handshakes


def ok(handler, _seen):
    handler.answer(body=b"{}")


@pytest.fixture
def ca_file(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return "ca.pem"


@pytest.fixture
def speaking(authority):
    """The settings of a server that speaks these versions of TLS only, at whatever strength."""

    def settings(lowest, highest, name="127.0.0.1"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = handshakes.VERSIONS[highest]
        context.minimum_version = handshakes.VERSIONS[lowest]
        authority.issue_cert(name).configure_cert(context)
        return context

    return settings


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("lowest", "highest", "agreed"),
    [
        ("1.2", "1.3", ["1.2", "1.3"]),
        ("1.3", "1.3", ["1.3"]),
        ("1.0", "1.2", ["1.0", "1.1", "1.2"]),
        ("1.1", "1.1", ["1.1"]),
    ],
)
def test_the_versions_that_a_server_agrees_to_are_found(
    serve, client, speaking, ca_file, lowest, highest, agreed
):
    server = serve(ok, speaking(lowest, highest))
    wire = client(server.base, tls={"ca": ca_file}).wire()
    outcomes = {version: wire.handshake(version) for version in handshakes.VERSIONS}
    assert [version for version, seen in outcomes.items() if seen["outcome"] == "agreed"] == agreed
    assert {seen["outcome"] for seen in outcomes.values()} <= {"agreed", "refused"}
    assert all(outcomes[version]["why"].endswith(version[-1]) for version in agreed if version != "1.0")
    assert server.seen == []


def test_a_certificate_is_verified_and_told(serve, client, server_tls, ca_file):
    server = serve(ok, server_tls)
    seen = client(server.base, tls={"ca": ca_file}).wire().handshake()
    assert seen["outcome"] == "agreed"
    assert set(seen["certificate"]["names"]) == {"127.0.0.1", "localhost"}
    ends = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(seen["certificate"]["notAfter"]), dt.UTC)
    assert ends > dt.datetime.now(dt.UTC)


def test_a_certificate_that_nobody_vouches_for_is_refused_by_us(serve, client, server_tls):
    seen = client(serve(ok, server_tls).base).wire().handshake()
    assert (seen["outcome"], "certificate" in seen) == ("refused", False)
    assert seen["why"].startswith("certificate verify failed")


def test_a_certificate_for_another_name_is_refused_by_us(serve, client, speaking, ca_file):
    server = serve(ok, speaking("1.2", "1.3", "other.example.org"))
    wire = client(server.base, tls={"ca": ca_file}).wire()
    assert wire.handshake()["why"].startswith("certificate verify failed: IP address mismatch")
    assert wire.handshake("1.2")["outcome"] == "agreed"  # the version is another matter


def test_where_no_handshake_can_be_tried_it_is_said_why(client):
    assert client("http://127.0.0.1:9").wire().handshake("1.2")["outcome"] == "plain"
    assert client("https://127.0.0.1:9").wire().handshake("1.2")["outcome"] == "unreachable"
    proxied = client("https://127.0.0.1:9", proxy="http://127.0.0.1:9").wire()
    assert proxied.handshake("1.2")["outcome"] == "impossible"


def test_what_this_machine_cannot_offer_is_no_refusal_of_the_target(client, monkeypatch):
    monkeypatch.setattr(handshakes, "_WORST_CIPHERS", "no-such-cipher")
    seen = client("https://127.0.0.1:9").wire().handshake("1.0")
    assert seen["outcome"] == "impossible"


@pytest.mark.parametrize("say", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_who_speaks_no_tls_refuses(client, say):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(say)

        thread = threading.Thread(target=answer)
        thread.start()
        seen = client(f"https://127.0.0.1:{listening.getsockname()[1]}").wire().handshake("1.2")
        thread.join()
    assert seen["outcome"] == "refused"
