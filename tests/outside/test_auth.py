"""Tokens, asked of a small real token endpoint that checks assertions with PyJWT."""

import base64
import datetime as dt
import json
import threading
import time
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conformance.errors import KeyFileError, TargetError, TargetFileError, Untestable
from conformance.outside.assertion import client_key
from conformance.outside.secrets import Secrets

CLIENT = "the-tester"


class Authority:
    """A token endpoint and a resource behind it. `lifetime` and `accepting` can be changed under way."""

    def __init__(self, key):
        self.key = key
        self.base = ""
        self.issued = []
        self.revoked = set()
        self.lifetime = 300
        self.jtis = set()
        self.refusals = []
        self.asked = []

    def __call__(self, handler, seen):
        if seen.path == "/fhir/.well-known/smart-configuration":
            assert "authorization" not in seen.headers
            handler.answer(body=json.dumps({"token_endpoint": f"{self.base}/token"}).encode())
        elif seen.path == "/token":
            self.token(handler, seen)
        else:
            token = seen.headers.get("authorization", "").removeprefix("Bearer ")
            good = token in self.issued and token not in self.revoked
            handler.answer(200 if good else 401, b"{}")

    def token(self, handler, seen):
        form = {name: values[0] for name, values in parse_qs(seen.body.decode()).items()}
        self.asked.append(form | {"basic": seen.headers.get("authorization", "")})
        problem = self.problem(form, seen.headers)
        if problem:
            self.refusals.append(problem)
            body = {"error": "invalid_client", "error_description": f"not\x1b[31m you: {problem}"}
            handler.answer(401, json.dumps(body).encode(), Content_Type="application/json")
            return
        token = f"access-{len(self.issued)}-{'x' * 20}"
        self.issued.append(token)
        body = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": self.lifetime,
            "scope": "system/*.rs",
        }
        handler.answer(body=json.dumps(body).encode(), Content_Type="application/json")

    def problem(self, form, headers):
        if form.get("client_secret") or headers.get("authorization"):
            pair = base64.b64encode(b"the-tester:the+secret%2Fof+the+client").decode()
            good = (
                form.get("client_secret") == "the secret/of the client"
                or headers["authorization"] == f"Basic {pair}"
            )
            return "" if good else "secret"
        try:
            claims = jwt.decode(
                form["client_assertion"],
                self.key.public_key(),
                algorithms=["ES384", "RS384", "RS512"],
                audience=f"{self.base}/token",
                options={"require": ["iss", "sub", "aud", "exp", "jti"]},
            )
        except jwt.PyJWTError as error:
            return type(error).__name__
        if claims["exp"] - time.time() > 300:
            return "TooFar"
        if claims["jti"] in self.jtis:
            return "Replay"
        self.jtis.add(claims["jti"])
        return "" if claims["iss"] == claims["sub"] == CLIENT else "Client"


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="session")
def ec_key():
    return ec.generate_private_key(ec.SECP384R1())


@pytest.fixture
def authority_server(serve, ec_key, tmp_path):
    authority = Authority(ec_key)
    authority.base = serve(authority).base
    (tmp_path / "client.pem").write_bytes(pem(ec_key))
    (tmp_path / "client.pem").chmod(0o600)
    return authority


BACKEND = {"kind": "smart-backend-services", "client_id": CLIENT, "key_file": "client.pem"}


def test_a_token_is_asked_for_once_and_kept(authority_server, client):
    made = client(authority_server.base + "/fhir", auth=BACKEND)
    wire = made.wire()
    assert [wire.send("GET", "/Patient").status for _ in range(3)] == [200, 200, 200]
    assert wire.send("GET", "/Patient", credentials="none").status == 401
    assert wire.send("GET", "/Patient", credentials="bad").status == 401
    assert len(authority_server.issued) == 1
    form = authority_server.asked[0]
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == "system/*.rs"
    header = jwt.get_unverified_header(form["client_assertion"])
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    assert header["alg"] == "ES384"
    assert header["kid"]
    assert claims["exp"] - claims["iat"] == 240
    recorded = wire.evidence().canonical()
    assert authority_server.issued[0].encode() not in recorded
    assert [each.credentials for each in wire.evidence().exchanges] == ["own", "own", "own", "none", "bad"]


def test_one_token_serves_many_threads(authority_server, client):
    made = client(authority_server.base + "/fhir", auth=BACKEND)
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(made.wire().send("GET", "/").status))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert len(authority_server.issued) == 1


def test_a_token_is_renewed_before_its_end(authority_server, client):
    authority_server.lifetime = 0.4
    wire = client(authority_server.base + "/fhir", auth=BACKEND).wire()
    wire.send("GET", "/")
    time.sleep(0.25)
    assert wire.send("GET", "/").status == 200
    assert len(authority_server.issued) == 2


def test_a_token_that_is_refused_is_renewed_once(authority_server, client):
    wire = client(authority_server.base + "/fhir", auth=BACKEND).wire()
    wire.send("GET", "/")
    authority_server.revoked.update(authority_server.issued)
    exchange = wire.send("GET", "/")
    assert (exchange.status, exchange.attempts, len(authority_server.issued)) == (200, 2, 2)
    authority_server.revoked.update(authority_server.issued)
    assert [wire.send("GET", "/").status for _ in range(3)] == [401, 401, 401]
    assert len(authority_server.issued) == 2


def test_refused_credentials_end_the_run_with_what_the_server_said(authority_server, client, tmp_path):
    (tmp_path / "client.pem").write_bytes(pem(ec.generate_private_key(ec.SECP384R1())))
    wire = client(authority_server.base + "/fhir", auth=BACKEND).wire()
    for _ in range(2):
        with pytest.raises(TargetError) as caught:
            wire.send("GET", "/")
    assert "refused the credentials: answered 401 invalid_client: not [31m you: InvalidSignature" in str(
        caught.value
    )
    assert "\x1b" not in str(caught.value)
    assert caught.value.hint
    assert len(authority_server.refusals) == 1  # a refusal is remembered, not asked for again and again


@pytest.mark.parametrize("style", ["basic", "body"])
def test_client_credentials(authority_server, client, style):
    made = client(
        authority_server.base + "/fhir",
        environ={"S": "the secret/of the client"},
        auth={"kind": "client-credentials", "client_id": CLIENT, "client_secret": "env:S", "style": style},
    )
    assert made.wire().send("GET", "/").status == 200
    assert bool(authority_server.asked[0]["basic"]) is (style == "basic")


@pytest.mark.parametrize(
    ("variant", "refusal"),
    [
        ("good", ""),
        ("expired", "ExpiredSignatureError"),
        ("wrong-audience", "InvalidAudienceError"),
        ("unknown-key", "InvalidSignatureError"),
        ("reused-jti", "Replay"),
        ("no-algorithm", "InvalidAlgorithmError"),
        ("far-expiry", "TooFar"),
    ],
)
def test_assertions_that_deviate_in_one_point(authority_server, client, variant, refusal):
    made = client(authority_server.base + "/fhir", auth=BACKEND)
    wire = made.wire()
    exchange = wire.request_token(variant, label="try")
    assert authority_server.refusals == ([refusal] if refusal else [])
    assert exchange.status == (401 if refusal else 200)
    assert exchange.label == "try"
    assert exchange.about == {"variant": variant}
    assert [each.label for each in wire.evidence().exchanges] == (
        ["try-first", "try"] if variant == "reused-jti" else ["try"]
    )
    sent = b"".join(made.bodies.read(exchange.request_body.sha256)).decode()
    assert "grant_type=client_credentials" in sent
    assert "client_assertion=redacted-" in sent
    kids = {jwt.get_unverified_header(form["client_assertion"])["kid"] for form in authority_server.asked}
    assert len(kids) == 1
    if variant == "good":
        token = exchange.json_or_none()["access_token"]
        assert token == made.redactor.tag(authority_server.issued[0])
        assert made.secrets.found(authority_server.issued[0].encode())


def test_other_kinds_of_login_have_no_assertions_to_vary(client):
    with pytest.raises(Untestable):
        client("http://127.0.0.1:9").wire().request_token("good")


def test_assertions_go_only_to_listed_origins(authority_server, serve, client):
    elsewhere = Authority(authority_server.key)
    elsewhere.base = serve(elsewhere).base
    elsewhere.issued = authority_server.issued
    real, authority_server.base = authority_server.base, elsewhere.base
    with pytest.raises(TargetError, match="no credentials are sent to the token endpoint") as caught:
        client(real + "/fhir", auth=BACKEND).wire().send("GET", "/")
    assert "origins" in caught.value.hint
    assert elsewhere.asked == []
    listed = client(real + "/fhir", auth=BACKEND, origins=[elsewhere.base]).wire()
    listed.send("GET", "/")
    assert len(elsewhere.issued) == 1


def test_a_target_without_a_token_endpoint_is_told(serve, client, authority_server):
    server = serve(lambda handler, _: handler.answer(404, b"{}"))
    with pytest.raises(
        TargetError, match=r"names no token_endpoint at .*smart-configuration \(it answered 404\)"
    ):
        client(server.base, auth=BACKEND).wire().send("GET", "/")


def jwk_of(key, **members):
    return json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key)) | members


@pytest.mark.parametrize("as_set", [True, False])
def test_keys_may_be_jwks(ec_key, tmp_path, as_set):
    from conformance.model.target import BackendServices

    jwk = jwk_of(ec_key, kid="mine", use="sig")
    public = {name: value for name, value in jwk.items() if name != "d"}
    (tmp_path / "k.json").write_text(json.dumps({"keys": [public, jwk]} if as_set else jwk, indent=1))
    secrets = Secrets({})
    auth = BackendServices(kind="smart-backend-services", client_id="c", key_file="k.json")
    key = client_key(auth, tmp_path, secrets)
    assert key.kid == "mine"
    assert key.private.private_numbers() == ec_key.private_numbers()
    assert secrets.found(jwk["d"].encode())
    assert not secrets.found(json.dumps(public).encode())


def test_the_key_id_is_the_thumbprint_of_rfc_7638(tmp_path):
    """The example of RFC 7638 section 3.1: only the public key counts."""
    from conformance.outside.assertion import thumbprint

    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n"
        "3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgd"
        "AZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur"
        "-kEgU8awapJzKnqDKgw"
    )
    number = int.from_bytes(base64.urlsafe_b64decode(modulus + "=="), "big")

    class Key:
        def public_key(self):
            return rsa.RSAPublicNumbers(65537, number).public_key()

    assert thumbprint(Key()) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize(
    ("text", "algorithm", "told"),
    [
        (b"nothing", "ES384", "no private key in PEM"),
        (b"{]", "ES384", "is no JSON"),
        (b'{"keys": []}', "ES384", "holds no private EC key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "ES384", "does not fit ES384"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "RS384", "does not fit RS384"),
    ],
)
def test_keys_that_cannot_be_used_are_told(tmp_path, client, text, algorithm, told):
    (tmp_path / "k").write_bytes(text)
    with pytest.raises(KeyFileError, match=told) as caught:
        client("http://127.0.0.1:9", auth=BACKEND | {"key_file": "k", "algorithm": algorithm})
    assert algorithm in caught.value.hint


def test_rsa_keys_work_too(serve, client, tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    authority = Authority(key)
    authority.base = serve(authority).base
    (tmp_path / "rsa.pem").write_bytes(pem(key))
    auth = BACKEND | {"key_file": "rsa.pem", "algorithm": "RS384", "token_url": authority.base + "/token"}
    wire = client(authority.base + "/fhir", auth=auth).wire()
    assert wire.send("GET", "/").status == 200
    assert wire.request_token("unknown-key").status == 401


def test_secrets_in_the_target_file_are_refused(client):
    with pytest.raises(TargetFileError, match="neither env:NAME nor file:PATH") as caught:
        client("http://127.0.0.1:9", auth={"kind": "bearer", "token": "a-bare-token"})
    assert "a-bare-token" not in str(caught.value)
    with pytest.raises(TargetFileError, match="proxy holds a user name"):
        client("http://127.0.0.1:9", proxy="http://user:password@127.0.0.1:1")


def test_assertions_are_dated_by_the_clock_of_the_run():
    from conformance.outside.assertion import ClientKey, assertion

    key = ClientKey(ec.generate_private_key(ec.SECP384R1()), "k", "ES384")
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    claims = jwt.decode(assertion(key, "c", "a", now), options={"verify_signature": False})
    assert claims["iat"] == int(now.timestamp())
    assert claims["exp"] == int(now.timestamp()) + 240
