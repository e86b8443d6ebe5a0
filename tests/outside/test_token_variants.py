"""Requests for tokens that are wrong in one point: that it is the one, and no other."""

import base64
import datetime as dt
import hmac
import json
from types import SimpleNamespace
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from conformance.model.target import BackendServices
from conformance.outside.assertion import ClientKey, assertion, confused
from conformance.outside.token_variants import KEYS_ELSEWHERE, STRANGER, forms
from conformance.outside.tokens import BackendGrant

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
TOKEN = "the-token-that-was-issued-here"


@pytest.fixture(scope="module")
def key():
    return ClientKey(ec.generate_private_key(ec.SECP384R1()), "k1", "ES384")


def read(text):
    claims = jwt.decode(text, options={"verify_signature": False})
    return jwt.get_unverified_header(text) | claims | {"signed": bool(text.rpartition(".")[2])}


@pytest.mark.parametrize(
    ("variant", "differs"),
    [
        ("wrong-issuer", {"iss": STRANGER}),
        ("wrong-subject", {"sub": STRANGER}),
        ("not-yet-valid", {"nbf": int(NOW.timestamp()) + 3600}),
        ("unknown-kid", {"kid": STRANGER}),
        ("foreign-jku", {"jku": KEYS_ELSEWHERE}),
        ("stripped-signature", {"signed": False}),
        ("signed-with-public-key", {"alg": "HS256"}),
        ("no-jti", {"jti": None}),
    ],
)
def test_an_assertion_is_wrong_in_its_one_point_only(key, variant, differs):
    auth = BackendServices(kind="smart-backend-services", client_id="tester", key_file="k.pem")
    endpoint = SimpleNamespace(url=lambda: "https://epr.example/token")
    grant = BackendGrant(auth, key, endpoint, SimpleNamespace(now=lambda: NOW))
    good, wrong = (read(forms(grant, name, NOW)[-1]["client_assertion"]) for name in ("good", variant))
    assert wrong["jti" if variant != "no-jti" else "iss"]  # each has one of its own
    changed = {name for name in good.keys() | wrong.keys() if good.get(name) != wrong.get(name)}
    assert changed - ({"jti"} - set(differs)) == set(differs)
    assert {name: wrong.get(name) for name in differs} == differs


def test_the_public_key_as_a_secret_signs_as_hs256_does(key):
    head, body, signature = confused(key, assertion(key, "c", "a", NOW)).split(".")
    pem = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    given = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    assert given == hmac.digest(pem, f"{head}.{body}".encode(), "sha256")


@pytest.fixture
def wire_and_forms(serve, client, key, tmp_path):
    """A wire, and the forms that reach the token endpoint."""
    got = []

    def answer(handler, seen):
        if seen.path == "/token":
            got.append(parse_qs(seen.body.decode()))
            handler.answer(body=json.dumps({"access_token": TOKEN}).encode(), Content_Type="application/json")
        else:
            handler.answer(200 if seen.headers.get("authorization") == f"Bearer {TOKEN}" else 401)

    private = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "client.pem").write_bytes(private)
    (tmp_path / "client.pem").chmod(0o600)
    base = serve(answer).base
    auth = {
        "kind": "smart-backend-services",
        "client_id": "tester",
        "key_file": "client.pem",
        "token_url": f"{base}/token",
    }
    return client(f"{base}/fhir", auth=auth).wire(), got


@pytest.mark.parametrize(
    ("variant", "changed"),
    [
        ("good", {}),
        ("no-assertion", {"client_assertion": None, "client_assertion_type": None}),
        ("wrong-assertion-type", {"client_assertion_type": ["urn:htest:no-such-assertion-type"]}),
        ("wrong-grant-type", {"grant_type": ["urn:htest:no-such-grant-type"]}),
        ("no-grant-type", {"grant_type": None}),
        ("user-scope", {"scope": ["user/*.cruds"]}),
    ],
)
def test_requests_that_deviate_beside_the_assertion(wire_and_forms, variant, changed):
    wire, got = wire_and_forms
    wire.request_token("good")
    wire.request_token(variant)
    good, form = got
    assert bool(form.pop("client_assertion", None)) is ("client_assertion" not in changed)
    del good["client_assertion"]
    assert {n: form.get(n) for n in good} == good | {n: v for n, v in changed.items() if n in good}


def test_a_token_can_be_used_by_its_tag_at_the_target_and_nowhere_else(wire_and_forms, serve):
    elsewhere = serve(lambda handler, _: handler.answer(body=b"{}"))
    wire, got = wire_and_forms
    tag = wire.request_token("good", scope="system/Patient.rs").json_or_none()["access_token"]
    assert got[-1]["scope"] == ["system/Patient.rs"]
    used = wire.send("GET", "/Patient", headers={"Authorization": f"Bearer {tag}"})
    assert (used.status, used.credentials) == (200, "bad")  # not the tester's usual ones
    wire.send("GET", f"{elsewhere.base}/x", headers={"Authorization": f"Bearer {tag}"})
    assert "authorization" not in elsewhere.seen[0].headers
    assert TOKEN not in wire.evidence().model_dump_json()
