"""Tokens: only for who can show a good assertion, and only for what was registered."""

import time

import pytest

from conformance.reference.access import scopes

TOKEN_URL = "https://epr.example/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def ask(client, assertion, **changed):
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": "system/*.rs",
        **changed,
    }
    return client.post(TOKEN_URL, data={name: value for name, value in form.items() if value is not None})


def test_discovery_is_open_and_complete(supplier):
    del supplier.headers["Authorization"]
    answer = supplier.get("/.well-known/smart-configuration", headers={"Accept": "text/html"})
    found = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert found["token_endpoint"] == TOKEN_URL
    assert found["grant_types_supported"] == ["client_credentials"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "client-confidential-asymmetric" in found["capabilities"]
    assert "private_key_jwt" in found["token_endpoint_auth_methods_supported"]
    assert {"RS384", "ES384"} <= set(found["token_endpoint_auth_signing_alg_values_supported"])
    assert all(scopes.parse(scope) for scope in found["scopes_supported"])


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_good_assertion_gets_a_token_that_opens(supplier, keys, algorithm):
    answer = ask(supplier, keys.assertion(algorithm))
    assert answer.status_code == 200
    found = answer.json()
    assert (found["token_type"], found["expires_in"], found["scope"]) == ("bearer", 60, "system/*.rs")
    assert "refresh_token" not in found
    assert answer.headers["Cache-Control"] == "no-store"
    token = {"Authorization": f"Bearer {found['access_token']}"}
    assert supplier.get("/Patient/p1", headers=token).status_code == 200
    assert supplier.delete("/Observation/o001", headers=token).status_code == 403
    assert supplier.delete("/Patient/p1", headers=token).status_code == 403


def test_a_token_runs_out(supplier, keys, monkeypatch):
    token = {"Authorization": f"Bearer {ask(supplier, keys.assertion()).json()['access_token']}"}
    assert supplier.get("/Patient/p1", headers=token).status_code == 200
    later = time.monotonic() + 61
    monkeypatch.setattr("conformance.reference.access.tokens.time.monotonic", lambda: later)
    assert supplier.get("/Patient/p1", headers=token).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "stranger", "sub": "stranger"},
        {"sub": "somebody-else"},
        {"sub": None},
        {"aud": "https://elsewhere.example/token"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 2**40},
        {"jti": None},
        {"jti": ""},
        {"nbf": 2**40},
    ],
)
def test_claims_that_do_not_hold_are_refused(supplier, keys, claims):
    answer = ask(supplier, keys.assertion(**claims))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
    assert answer.json()["error_description"]


def test_ten_minutes_ahead_is_too_far(supplier, keys):
    assert ask(supplier, keys.assertion(exp=int(time.time()) + 600)).json()["error"] == "invalid_client"


def test_an_assertion_is_good_only_once(supplier, keys):
    assertion = keys.assertion()
    assert ask(supplier, assertion).status_code == 200
    assert ask(supplier, assertion).json()["error"] == "invalid_client"


def test_only_the_registered_key_of_that_id_counts(supplier, keys):
    assert ask(supplier, keys.assertion(key=keys.stranger)).json()["error"] == "invalid_client"
    assert ask(supplier, keys.assertion(kid="unknown")).json()["error"] == "invalid_client"
    assert ask(supplier, keys.assertion("ES384", kid="RS384")).json()["error"] == "invalid_client"


def test_unsigned_and_garbled_assertions_are_refused(supplier, keys):
    head, body, _ = keys.assertion().split(".")
    none = keys.assertion("none", key="", kid="ES384")
    for assertion in (none, f"{head}.{body}.", f"{head}.{body}.AAAA", "x", "a.b.c"):
        assert ask(supplier, assertion).json()["error"] == "invalid_client", assertion


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion": None}, "invalid_client"),
        ({"client_assertion_type": "urn:other"}, "invalid_client"),
        ({"client_id": "other"}, "invalid_client"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "user/*.read"}, "invalid_scope"),
        ({"scope": "system/Observation.cud"}, "invalid_scope"),
    ],
)
def test_requests_that_are_not_right_get_the_errors_of_oauth(supplier, keys, changed, error):
    answer = ask(supplier, keys.assertion(), **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_token_request_is_a_form(supplier):
    assert supplier.post(TOKEN_URL, json={}).json()["error"] == "invalid_request"
    twice = "grant_type=client_credentials&grant_type=client_credentials"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert supplier.post(TOKEN_URL, content=twice, headers=form).json()["error"] == "invalid_request"
    assert supplier.get(TOKEN_URL).status_code == 405


@pytest.mark.parametrize(
    ("asked", "registered", "expected"),
    [
        ("system/*.read", ["system/*.cruds"], "system/*.read"),
        ("system/*.cruds", ["system/*.rs"], "system/*.rs"),
        ("system/*.*", ["system/*.read"], "system/*.rs"),
        ("system/Patient.rs", ["system/*.rs"], "system/Patient.rs"),
        ("system/*.rs", ["system/Patient.r", "system/Group.s"], "system/Patient.r system/Group.s"),
        ("system/Patient.write", ["system/Observation.cud"], ""),
        ("openid system/Patient.rs system/Patient.", ["system/*.rs"], "system/Patient.rs"),
        ("system/Patient.sr", ["system/*.rs"], ""),
    ],
)
def test_no_more_is_granted_than_was_registered(asked, registered, expected):
    assert scopes.granted(asked, registered) == expected
