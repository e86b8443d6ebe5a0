"""Servers with certificates that are not theirs, and TLS that breaks off."""

import datetime as dt
import json
import socket
import ssl
from ipaddress import IPv4Address

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from raw_server import Asked, Peer, RawServer, patient

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority, tmp_path) -> dict[str, str]:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return {"ca": "ca.pem"}


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    return made


def expired(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("127.0.0.1", not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))


def of_another_host(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("other.example.org")


def self_signed(_authority: trustme.CA) -> trustme.LeafCert:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(1), now + dt.timedelta(1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return trustme.LeafCert(key.private_bytes(*form), signed.public_bytes(Encoding.PEM), [])


def of_nobody(_authority: trustme.CA) -> trustme.LeafCert:
    return trustme.CA().issue_cert("127.0.0.1")


CERTIFICATES = {
    "certificate-expired": expired,
    "certificate-of-another-host": of_another_host,
    "certificate-of-nobody": of_nobody,
    "certificate-self-signed": self_signed,
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_who_shows_a_certificate_that_does_not_count_is_not_tested(
    name, serve, told, as_the_page_says, authority, ca
):
    server: RawServer = serve(context=context(CERTIFICATES[name](authority)))
    as_the_page_says(name, told(server.base, tls=ca))
    assert server.asked == []


def test_the_same_world_passes_over_tls(serve, told, authority, ca):
    server: RawServer = serve(context=context(authority.issue_cert("127.0.0.1")))
    assert told(server.base, tls=ca).code == 0


def cut_without_a_word(peer: Peer) -> None:
    """What came is whole JSON; but whoever cuts the line decides where it ends (RFC 9112 section 9.8)."""
    peer.send(HEAD + json.dumps(patient("p1")).encode())


def ended_in_order(peer: Peer) -> None:
    peer.send(HEAD + json.dumps(patient("p1")).encode())
    peer.connection.unwrap()


def reset_under_tls(peer: Peer) -> None:
    peer.send(HEAD + json.dumps(patient("p1")).encode()[:20])
    peer.reset()


def plain_text_amid(peer: Peer) -> None:
    socket.socket.send(peer.connection, HEAD + b"{}")


CUTS = {"tls-cut": cut_without_a_word, "tls-reset": reset_under_tls, "tls-plain-text": plain_text_amid}


@pytest.mark.parametrize("name", CUTS)
def test_a_read_over_tls_that_breaks_off_does_not_pass(name, serve, told, as_the_page_says, authority, ca):
    def behave(peer: Peer, asked: Asked) -> bytes | None:
        return CUTS[name](peer) if asked.path == "/Patient/p1" else server.world(peer, asked)

    server: RawServer = serve(context=context(authority.issue_cert("127.0.0.1")))
    server.behave = behave
    as_the_page_says(name, told(server.base, tls=ca))


def test_an_answer_that_ends_with_the_connection_passes_where_tls_says_that_it_ends(
    serve, told, authority, ca
):
    def behave(peer: Peer, asked: Asked) -> bytes | None:
        return ended_in_order(peer) if asked.path == "/Patient/p1" else server.world(peer, asked)

    server: RawServer = serve(context=context(authority.issue_cert("127.0.0.1")))
    server.behave = behave
    seen = told(server.base, tls=ca)
    assert seen.code == 0, seen.words
