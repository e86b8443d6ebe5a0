"""Looks at whom the reference supplier lets in and how it gives tokens, by the fault that each would show."""

import base64
import hmac
import time

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BASE = "https://epr.example/fhir"
TOKEN = "test-token"
TOKEN_URL = "https://epr.example/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WELL_KNOWN = "/.well-known/smart-configuration"
ORIGIN = {"Origin": "https://other.example"}


def anonymous(client, path, **headers):
    request = client.build_request("GET", BASE + path, headers=headers)
    request.headers.pop("Authorization")
    for name, value in headers.items():
        request.headers[name] = value
    return client.send(request)


def wrong(client, path):
    return anonymous(client, path, Authorization="Bearer nobody-issued-this")


def challenge(answer):
    return answer.headers.get("WWW-Authenticate", "")


def configuration(client):
    return client.get(WELL_KNOWN).json()


def asked(client, assertion, **changed):
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": "system/*.rs",
        **changed,
    }
    return client.post(TOKEN_URL, data=form)


def refuses(make, **changed):
    """A look whether an assertion made so gets no token."""
    return lambda client, keys: asked(client, make(keys), **changed).status_code == 400


def given(look, **changed):
    """A look at the answer to a right request."""
    return lambda client, keys: look(asked(client, keys.assertion(), **changed).json())


def headed(keys, **headers):
    body = jwt.decode(keys.assertion(), options={"verify_signature": False})
    return jwt.encode(body, keys.private["ES384"], algorithm="ES384", headers={"kid": "ES384", **headers})


def unsigned(keys):
    head, body, _ = keys.assertion("none", key="", kid="ES384").split(".")
    return f"{head}.{body}."


def by_the_public_key(keys):
    pem = keys.private["ES384"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"ES384"}').rstrip(b"=").decode()
    signed = f"{head}.{keys.assertion().split('.')[1]}"
    made = base64.urlsafe_b64encode(hmac.digest(pem, signed.encode(), "sha256")).rstrip(b"=").decode()
    return f"{signed}.{made}"


def no_algorithm_but_the_registered(client, keys):
    made = (unsigned(keys), by_the_public_key(keys))
    return {asked(client, assertion).status_code for assertion in made} == {400}


def once_only(client, keys):
    assertion = keys.assertion()
    return asked(client, assertion).is_success and asked(client, assertion).status_code == 400


def runs_out(client, keys):
    token = asked(client, keys.assertion()).json()["access_token"]
    time.sleep(0.06)
    return anonymous(client, "/Patient/p1", Authorization=f"Bearer {token}").status_code == 401


def narrow(client, keys):
    token = asked(client, keys.assertion(), scope="system/Patient.rs").json()["access_token"]
    held = {"Authorization": f"Bearer {token}"}
    answers = [anonymous(client, path, **held).status_code for path in ("/Patient/p1", "/Observation")]
    return answers == [200, 403]


def narrowly(client, keys, method, path):
    token = asked(client, keys.assertion(), scope="system/Patient.rs").json()["access_token"]
    return client.request(method, path, headers={"Authorization": f"Bearer {token}"}).status_code


def includes_only_patients(client, keys):
    token = asked(client, keys.assertion(), scope="system/Patient.rs").json()["access_token"]
    path = "/Patient?_revinclude=Observation:subject"
    found = client.get(path, headers={"Authorization": f"Bearer {token}"}).json()["entry"]
    return {entry["resource"]["resourceType"] for entry in found} == {"Patient"}


def keeps_nothing_that_a_stranger_sent(client):
    return keeps_nothing_that_it_refuses(client, "")


def keeps_nothing_that_it_refused_to_a_narrow_token(client, keys):
    token = asked(client, keys.assertion(), scope="system/Patient.rs").json()["access_token"]
    return keeps_nothing_that_it_refuses(client, f"Bearer {token}")


def keeps_nothing_that_it_refuses(client, authorization):
    before = client.get("/Patient?_summary=count").json()["total"]
    sent = {"resourceType": "Patient", "name": [{"family": "HTEST-Refused"}]}
    refused = client.post("/Patient", json=sent, headers={"Authorization": authorization})
    after = client.get("/Patient?_summary=count").json()["total"]
    return refused.status_code in {401, 403} and after == before


def full(told):
    return {"token_type", "expires_in", "scope"} <= told.keys()


RIGHT_ACCESS = {
    "one-type-open-to-strangers": lambda client: anonymous(client, "/Condition").status_code == 401,
    "bad-token-accepted-on-search": lambda client: wrong(client, "/Patient").status_code == 401,
    "reads-open-to-strangers": lambda client: anonymous(client, "/Patient/p1").status_code == 401,
    "histories-open-to-strangers": lambda client: (
        anonymous(client, "/Patient/p1/_history").status_code == 401
    ),
    "writes-open-to-strangers": lambda client: (
        client.put("/Patient/p1", json={}, headers={"Authorization": ""}).status_code == 401
    ),
    "strangers-creates-refused-and-kept": keeps_nothing_that_a_stranger_sent,
    "deletes-open-to-strangers": lambda client: (
        client.delete("/Patient/p1", headers={"Authorization": ""}).status_code == 401
    ),
    "refusal-without-challenge": lambda client: "Bearer" in challenge(anonymous(client, "/Patient")),
    "challenge-without-error": lambda client: "invalid_token" in challenge(wrong(client, "/Patient")),
    "challenge-always-with-error": lambda client: "error" not in challenge(anonymous(client, "/Patient")),
    "challenge-always-with-bare-error": lambda client: (
        "error" not in challenge(anonymous(client, "/Patient"))
    ),
    "token-in-query-accepted": lambda client: (
        anonymous(client, f"/Patient?access_token={TOKEN}").status_code == 401
    ),
    "existence-told-to-strangers": lambda client: anonymous(client, "/Patient/none").status_code == 401,
    "hsts-missing": lambda client: "Strict-Transport-Security" in client.get("/metadata").headers,
    "cors-declared-but-missing": lambda client: (
        client.get("/metadata", headers=ORIGIN).headers.get("Access-Control-Allow-Origin") == "*"
    ),
    "cors-for-any-page-with-credentials": lambda client: (
        "Access-Control-Allow-Credentials" not in client.get("/metadata", headers=ORIGIN).headers
    ),
    "server-tells-its-version": lambda client: "Server" not in client.get("/metadata").headers,
    "configuration-needs-token": lambda client: anonymous(client, WELL_KNOWN).status_code == 200,
    "configuration-labelled-as-text": lambda client: (
        client.get(WELL_KNOWN).headers["Content-Type"] == "application/json"
    ),
    "configuration-urls-relative": lambda client: "jwks_uri" not in configuration(client),
    "configuration-without-token-endpoint": lambda client: "token_endpoint" in configuration(client),
    "configuration-nearly-empty": lambda client: len(configuration(client)) > 5,
    "configuration-offers-plain": lambda client: (
        configuration(client)["code_challenge_methods_supported"] == ["S256"]
    ),
}

WITH_KEYS = {
    "assertion-names-its-own-keys": refuses(lambda keys: headed(keys, jku="https://x.example/keys")),
    "assertion-of-another-issuer": refuses(lambda keys: keys.assertion(iss="stranger")),
    "assertion-lives-long": refuses(lambda keys: keys.assertion(exp=int(time.time()) + 3600)),
    "assertion-without-jti": refuses(lambda keys: keys.assertion(jti=None)),
    "assertion-used-again": once_only,
    "assertion-by-any-algorithm": no_algorithm_but_the_registered,
    "assertion-by-any-key-id": refuses(lambda keys: keys.assertion(kid="unknown")),
    "assertion-before-its-time": refuses(lambda keys: keys.assertion(nbf=int(time.time()) + 3600)),
    "assertion-for-another-subject": refuses(lambda keys: keys.assertion(sub="stranger")),
    "token-errors-unnamed": lambda client, keys: (
        asked(client, keys.assertion(exp=1)).json().get("error") == "invalid_client"
    ),
    "any-scope-granted": refuses(lambda keys: keys.assertion(), scope="user/*.cruds"),
    "any-grant-type-accepted": refuses(lambda keys: keys.assertion(), grant_type="urn:x"),
    "token-answer-without-members": given(full),
    "token-called-otherwise": lambda client, keys: (
        asked(client, keys.assertion()).headers["Content-Type"] == "application/json"
    ),
    "tokens-may-be-stored": lambda client, keys: (
        asked(client, keys.assertion()).headers.get("Cache-Control") == "no-store"
    ),
    "tokens-live-long": given(lambda told: told["expires_in"] <= 300),
    "refresh-token-issued": given(lambda told: "refresh_token" not in told),
    "more-scope-than-asked": given(
        lambda told: told["scope"] == "system/Patient.rs", scope="system/Patient.rs"
    ),
    "scope-of-users-granted-unasked": given(lambda told: "user/" not in told["scope"]),
    "token-accepted-after-expiry": runs_out,
    "narrower-scope-ignored": narrow,
    "scope-ignored-by-reads": lambda client, keys: narrowly(client, keys, "GET", "/Observation/o1") == 403,
    "scope-ignored-by-includes": includes_only_patients,
    "scope-ignored-by-writes": lambda client, keys: narrowly(client, keys, "DELETE", "/Patient/p1") == 403,
    "creates-beyond-scope-refused-and-kept": keeps_nothing_that_it_refused_to_a_narrow_token,
}
