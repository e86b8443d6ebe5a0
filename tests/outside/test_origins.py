"""Whose credentials go where, and which addresses are asked at all."""

import socket

import pytest

from conformance.errors import TargetFileError
from conformance.model.target import Target
from conformance.outside.origins import Origins, Refused, reach

PUBLIC, INSIDE = "93.184.216.34", "10.1.2.3"


def policy(endpoint="https://fhir.example.org/r4", names=None, **target):
    known = {"fhir.example.org": [PUBLIC], "files.example.org": [PUBLIC], "evil.example": ["127.0.0.1"]} | (
        names or {}
    )

    def resolver(host, _port):
        if host in known:
            return known[host]
        try:
            reach(host)
        except ValueError:
            raise socket.gaierror(-2, "Name or service not known") from None
        return [host]

    return Origins(Target(endpoint=endpoint, **target), resolver)


@pytest.mark.parametrize(
    ("url", "credentials", "allowed"),
    [
        ("https://fhir.example.org/r4/Patient", True, True),
        ("https://fhir.example.org:443/elsewhere", True, True),
        ("https://FHIR.EXAMPLE.ORG/r4", True, True),
        ("https://files.example.org/x.ndjson", True, True),
        ("https://fhir.example.org:8443/r4", False, True),
        ("https://fhir.example.org.evil.example/r4", False, True),
        ("https://other.example.org/", False, True),
        ("http://fhir.example.org/r4/Patient", False, True),
        ("http://169.254.169.254/latest/meta-data", False, False),
        ("http://127.0.0.1/", False, False),
        ("http://[::1]/", False, False),
        ("http://[::ffff:10.0.0.1]/", False, False),
        ("http://10.0.0.1/", False, False),
        ("ftp://fhir.example.org/x", False, False),
        ("file:///etc/passwd", False, False),
        ("https://user:pw@fhir.example.org/", False, False),
        ("/relative", False, False),
        ("https://fhir.example.org/\n", False, False),
        ("http://[broken", False, False),
    ],
)
def test_decisions(url, credentials, allowed):
    decision = policy(origins=["https://files.example.org"]).decide(url)
    assert (decision.credentials, decision.allowed) == (credentials, allowed)
    assert bool(decision.reason) is not credentials


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (PUBLIC, "public"),
        ("2606:2800:220:1::1", "public"),
        ("127.8.8.8", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("169.254.1.1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("169.254.169.254", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("10.0.0.1", "private"),
        ("100.64.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fd12::1", "private"),
        ("0.0.0.0", "reserved"),
        ("224.0.0.1", "reserved"),
    ],
)
def test_reach(address, kind):
    assert reach(address) == kind


def test_a_public_target_cannot_send_us_inside_by_name():
    with pytest.raises(
        Refused, match=r"evil\.example \(127\.0\.0\.1\) is a loopback address, and the target is not"
    ):
        policy().addresses("evil.example", 443)


def test_of_several_addresses_only_the_permitted_are_used():
    origins = policy(names={"mixed.example": [INSIDE, PUBLIC]})
    assert origins.addresses("mixed.example", 443) == [PUBLIC]


def test_a_target_inside_may_send_us_to_its_own_kind_of_address_only():
    origins = policy("http://fhir.hospital.example/r4", {"fhir.hospital.example": [INSIDE]})
    assert origins.decide("http://10.9.9.9/files").allowed
    assert not origins.decide("http://127.0.0.1/files").allowed
    assert not origins.decide("http://169.254.169.254/").allowed


def test_a_name_that_moves_inside_after_the_first_look_up_is_refused():
    names = {"fhir.example.org": [PUBLIC]}
    origins = Origins(Target(endpoint="https://fhir.example.org"), lambda host, _port: names[host])
    assert origins.addresses("fhir.example.org", 443) == [PUBLIC]
    names["fhir.example.org"] = ["127.0.0.1"]
    with pytest.raises(Refused):
        origins.addresses("fhir.example.org", 443)


def test_origins_of_the_target_file_must_be_origins():
    with pytest.raises(TargetFileError, match="no http or https origin"):
        policy(origins=["files.example.org"])


def test_refused_urls_are_recorded_and_nothing_is_sent(serve, client):
    server = serve(lambda handler, _: handler.answer(body=b"{}"))
    made = client(
        "https://fhir.example.org", resolver=lambda host, _: [PUBLIC if "fhir" in host else "127.0.0.1"]
    )
    wire = made.wire()
    literal = wire.send("GET", f"{server.base}/admin")
    by_name = wire.send("GET", f"http://evil.example:{server.port}/admin")
    assert literal.failure == (
        "refused by the harness: 127.0.0.1 is a loopback address, and the target is not at one"
    )
    assert by_name.failure == (
        "refused by the harness: evil.example (127.0.0.1) is a loopback address, and the target is not at one"
    )
    assert server.seen == []


def test_the_checked_address_is_the_one_connected_to(serve, client):
    """A name that no resolver but ours knows: the request arrives under that name."""
    server = serve(lambda handler, _: handler.answer(body=b"{}"))
    asked = []

    def resolver(host, port):
        asked.append((host, port))
        return ["127.0.0.1"]

    wire = client(f"http://fhir.invalid:{server.port}", resolver=resolver).wire()
    assert wire.send("GET", "/metadata").status == 200
    assert server.seen[0].headers["host"] == f"fhir.invalid:{server.port}"
    assert set(asked) == {("fhir.invalid", server.port)}


def test_unknown_names_are_told(client):
    def resolver(_host, _port):
        raise socket.gaierror(-2, "Name or service not known")

    wire = client("http://fhir.invalid", resolver=resolver, limits={"retries": 0}).wire()
    assert (
        wire.send("GET", "/").failure == "the name fhir.invalid cannot be resolved: Name or service not known"
    )


def test_an_https_target_sends_no_credentials_to_http_even_where_it_is_listed():
    decision = policy(origins=["http://files.example.org"]).decide("http://files.example.org/x.ndjson")
    assert (decision.credentials, decision.allowed) == (False, True)
    assert decision.reason == "the target is https and this URL is http"


@pytest.mark.parametrize("status", [302, 307])
def test_redirects_to_another_origin_get_no_credentials(serve, client, status):
    other = serve(lambda handler, _: handler.answer(body=b"{}"))
    server = serve(lambda handler, _: handler.answer(status, Location=f"{other.base}/x"))
    made = client(server.base, environ={"T": "very-secret-token"}, auth={"kind": "bearer", "token": "env:T"})
    first, last = (
        made.wire("a").send("GET", "/", credentials="own"),
        made.wire("b").send("GET", "/", follow=True, headers={"Cookie": "a=b"}),
    )
    assert first.credentials == "own"
    assert server.seen[0].headers["authorization"] == "Bearer very-secret-token"
    assert last.credentials == "none"
    assert "authorization" not in other.seen[0].headers
    assert "cookie" not in other.seen[0].headers


def test_listed_origins_get_credentials(serve, client):
    other = serve(lambda handler, _: handler.answer(body=b"{}"))
    made = client(
        "http://127.0.0.1:9",
        environ={"K": "very-secret-key"},
        auth={"kind": "headers", "headers": {"X-Api-Key": "env:K"}},
        origins=[other.base],
    )
    wire = made.wire()
    assert wire.send("GET", f"{other.base}/file").credentials == "own"
    assert wire.send("GET", f"{other.base}/file", credentials="none").credentials == "none"
    assert wire.send("GET", f"{other.base}/file", credentials="bad").credentials == "bad"
    keys = [seen.headers.get("x-api-key") for seen in other.seen]
    assert keys[:2] == ["very-secret-key", None]
    assert keys[2] not in {None, "very-secret-key"}
