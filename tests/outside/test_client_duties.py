"""What SMART App Launch 2.2 asks of the client, so of the harness (SBS-JWT-01 and -03, SBS-REG-05, SBS-TOK-01)."""

import json
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CLIENT = "the-tester"


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ES384", ec.generate_private_key(ec.SECP384R1())),
        ("RS384", rsa.generate_private_key(65537, 2048)),
    ],
    ids=["ES384", "RS384"],
)
def test_a_request_for_a_token_is_as_the_guide_has_it(serve, client, tmp_path, algorithm, key):
    asked = []

    def answer(handler, seen):
        asked.append(seen)
        body = json.dumps({"access_token": "a-token-that-was-issued", "expires_in": 300}).encode()
        handler.answer(body=body, Content_Type="application/json")

    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "client.pem").write_bytes(pem)
    (tmp_path / "client.pem").chmod(0o600)
    base = serve(answer).base
    auth = {
        "kind": "smart-backend-services",
        "client_id": CLIENT,
        "key_file": "client.pem",
        "key_id": "k1",
        "algorithm": algorithm,
        "token_url": f"{base}/token",
        "scope": "system/*.rs",
    }
    client(f"{base}/fhir", auth=auth).wire().send("GET", "/Patient/1")
    request, use = asked
    form = parse_qs(request.body.decode())
    (assertion,) = form.pop("client_assertion")
    assert request.headers["user-agent"].startswith("conformance-harness/")
    assert (request.method, request.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
    assert form == {
        "grant_type": ["client_credentials"],
        "scope": ["system/*.rs"],
        "client_assertion_type": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
    }
    assert jwt.get_unverified_header(assertion) == {"alg": algorithm, "kid": "k1", "typ": "JWT"}
    claims = jwt.decode(assertion, key.public_key(), algorithms=[algorithm], audience=f"{base}/token")
    assert claims["iss"] == claims["sub"] == CLIENT
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert claims["jti"]
    assert use.headers["authorization"] == "Bearer a-token-that-was-issued"
