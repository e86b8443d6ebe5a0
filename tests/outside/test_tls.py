"""TLS against real servers: whom we trust, who we are, what is recorded."""

import hashlib
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conformance.errors import KeyFileError


def ok(handler, _seen):
    handler.answer(body=b"{}")


@pytest.fixture
def ca_file(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return "ca.pem"


def test_version_and_key_of_the_server_are_recorded(serve, client, server_tls, ca_file):
    server = serve(ok, server_tls)
    wire = client(server.base, tls={"ca": ca_file}).wire()
    exchange, again = wire.send("GET", "/"), wire.send("GET", "/")
    assert exchange.failure == ""
    assert exchange.tls == "TLSv1.3"
    seen = x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", server.port)).encode())
    spki = seen.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert exchange.tls_key == again.tls_key == hashlib.sha256(spki).hexdigest()


def test_an_unknown_authority_is_told_with_the_remedy(serve, client, server_tls):
    server = serve(ok, server_tls)
    exchange = client(server.base).wire().send("GET", "/")
    assert exchange.failure == (
        "TLS: certificate verify failed: unable to get local issuer certificate; give the CA with tls.ca"
    )
    assert exchange.attempts == 1
    assert server.seen == []


def test_a_certificate_for_another_name_is_told(serve, client, authority, ca_file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example.org").configure_cert(context)
    server = serve(ok, context)
    wire = client(
        f"https://fhir.invalid:{server.port}",
        tls={"ca": ca_file},
        resolver=lambda _host, _port: ["127.0.0.1"],
    ).wire()
    failure = wire.send("GET", "/").failure
    assert failure.startswith("TLS: certificate verify failed: Hostname mismatch")
    assert "tls.ca" not in failure


def test_the_name_counts_although_we_connect_to_an_address(serve, client, authority, ca_file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("fhir.invalid").configure_cert(context)
    named = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    server = serve(ok, context)
    wire = client(
        f"https://fhir.invalid:{server.port}",
        tls={"ca": ca_file},
        resolver=lambda _host, _port: ["127.0.0.1"],
    ).wire()
    assert wire.send("GET", "/").status == 200
    assert named == ["fhir.invalid"]


def test_a_client_certificate_is_shown_to_the_target_and_nobody_else(
    serve, client, authority, ca_file, tmp_path
):
    ours = authority.issue_cert("tester@example.org")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "me.pem")
    ours.private_key_pem.write_to_path(tmp_path / "me.key")

    def asking(mode):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.configure_trust(context)
        context.verify_mode = mode
        return context

    shown = []

    def handle(handler, _seen):
        shown.append(bool(handler.connection.getpeercert()))
        handler.answer(body=b"{}")

    server, other = serve(handle, asking(ssl.CERT_REQUIRED)), serve(handle, asking(ssl.CERT_OPTIONAL))
    tls = {"ca": ca_file, "client_certificate": "me.pem", "client_key": "me.key"}
    wire = client(server.base, tls=tls).wire()
    assert wire.send("GET", "/").status == 200
    assert wire.send("GET", other.base).status == 200
    assert shown == [True, False]
    without = client(server.base, tls={"ca": ca_file}, limits={"retries": 0}).wire().send("GET", "/")
    assert without.failure.startswith("TLS: ")
    assert "tls.clientCertificate" in without.failure


def test_old_tls_is_refused(serve, client, authority, ca_file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = serve(ok, context)
    assert client(server.base, tls={"ca": ca_file}).wire().send("GET", "/").tls == "TLSv1.2"


@pytest.mark.parametrize(
    ("tls", "told"),
    [
        ({"ca": "nowhere.pem"}, "tls.ca cannot be used: .*nowhere.pem: No such file"),
        ({"ca": "bad.pem"}, "tls.ca cannot be used: .*bad.pem: it is no PEM file"),
        ({"client_certificate": "bad.pem"}, "tls.clientCertificate cannot be used"),
        ({"client_key": "bad.pem"}, "tls.clientKey is given without tls.clientCertificate"),
    ],
)
def test_files_that_cannot_be_used_are_told(client, tmp_path, tls, told):
    (tmp_path / "bad.pem").write_text("nothing")
    with pytest.raises(KeyFileError, match=told):
        client("https://127.0.0.1:9", tls=tls)
