"""The SMART configuration, and what a token endpoint answers to right and wrong requests."""

import pytest
from saw import evidence, exchange

from conformance.checks.smart import smart_member, smart_served, smart_urls
from conformance.checks.token import assertion_refused
from conformance.checks.token_answers import (
    no_foreign_scope,
    no_refresh_token,
    token_error,
    token_error_told,
    token_given,
    token_lifetime,
    token_member,
    token_not_stored,
)
from conformance.errors import NoData, NotApplicable, NotJudgeable

JSON = "application/json"
GOOD = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "system/*.rs"}
CONFIGURATION = {
    "token_endpoint": "https://epr.example/token",
    "grant_types_supported": ["client_credentials"],
    "capabilities": [],
}


def found(check, *exchanges, **arguments):
    return list(check(evidence(*exchanges), **arguments))


def smart(body, status=200):
    return exchange(
        "/.well-known/smart-configuration", status=status, body=body, label="smart", media_type=JSON
    )


def token(body=None, status=200, label="token-good", media_type=JSON):
    return exchange(
        "/token",
        method="POST",
        status=status,
        body=GOOD if body is None else body,
        label=label,
        media_type=media_type,
    )


@pytest.mark.parametrize(
    ("body", "status", "fine"),
    [(CONFIGURATION, 200, True), ([], 200, False), (b"<html>", 200, False), ({}, 401, False)],
)
def test_smart_served(body, status, fine):
    assert (not found(smart_served, smart(body, status))) is fine


@pytest.mark.parametrize(
    ("arguments", "fine"),
    [
        ({"member": "token_endpoint"}, True),
        ({"member": "jwks_uri"}, False),
        ({"member": "capabilities"}, False),
        ({"member": "grant_types_supported", "holds": ["client_credentials"]}, True),
        ({"member": "grant_types_supported", "holds": ["client_credentials", "refresh_token"]}, False),
        ({"member": "grant_types_supported", "any_of": ["a", "client_credentials"]}, True),
        ({"member": "grant_types_supported", "any_of": ["a", "b"]}, False),
        ({"member": "grant_types_supported", "without": ["implicit"]}, True),
        ({"member": "grant_types_supported", "without": ["client_credentials"]}, False),
        ({"member": "token_endpoint", "holds": ["x"]}, False),
    ],
)
def test_smart_member(arguments, fine):
    assert (not found(smart_member, smart(CONFIGURATION), **arguments)) is fine


def test_without_a_configuration_its_members_are_not_judged():
    with pytest.raises(NotJudgeable):
        found(smart_member, smart({}, 401), member="token_endpoint")
    with pytest.raises(NoData):
        found(smart_urls, smart({"capabilities": []}))


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://epr.example/token", True),
        ("/token", False),
        ("epr.example/token", False),
        ("https://[x", False),
        (7, False),
    ],
)
def test_smart_urls(url, fine):
    assert (not found(smart_urls, smart({"token_endpoint": url}))) is fine


@pytest.mark.parametrize(
    ("status", "body", "fine"),
    [(400, {"error": "invalid_client"}, True), (401, b"", True), (200, GOOD, False), (200, b"", False)],
)
def test_assertion_refused(status, body, fine):
    wrong = token(body, status, "token-expired")
    assert (not found(assertion_refused, token(), wrong, variants=["expired"])) is fine


def test_refusing_every_assertion_shows_nothing():
    with pytest.raises(NotJudgeable):
        found(assertion_refused, token({}, 400), token({}, 400, "token-expired"), variants=["expired"])
    with pytest.raises(NotJudgeable):
        found(assertion_refused, token(), token({}, 500, "token-expired"), variants=["expired"])
    with pytest.raises(NoData):
        found(assertion_refused, token(), variants=["expired"])


def test_token_given():
    assert found(token_given, token()) == []
    assert found(token_given, token(media_type="text/plain"))
    assert found(token_given, token({"access_token": ""}))
    assert found(token_given, token(status=400))


@pytest.mark.parametrize(
    ("changed", "arguments", "fine"),
    [
        ({}, {"member": "token_type", "text": "bearer"}, True),
        ({"token_type": "mac"}, {"member": "token_type", "text": "bearer"}, False),
        ({}, {"member": "expires_in", "number": True}, True),
        ({"expires_in": "300"}, {"member": "expires_in", "number": True}, False),
        ({"expires_in": True}, {"member": "expires_in", "number": True}, False),
        ({"expires_in": 0}, {"member": "expires_in", "number": True}, False),
        ({"scope": ["system/*.rs"]}, {"member": "scope"}, False),
        ({}, {"member": "scope"}, True),
        ({}, {"member": "id_token"}, False),
    ],
)
def test_token_member(changed, arguments, fine):
    assert (not found(token_member, token(GOOD | changed), **arguments)) is fine


@pytest.mark.parametrize(
    ("stated", "fine"),
    [
        ("no-store", True),
        ("private, No-Store", True),
        ("no-cache", False),
        ("public, max-age=60", False),
        ("", False),
    ],
)
def test_tokens_are_not_stored(stated, fine):
    answer = exchange("/token", method="POST", body=GOOD, label="token-good", cache_control=stated)
    assert (not found(token_not_stored, answer)) is fine


def test_what_holds_no_token_may_be_stored():
    with pytest.raises(NotJudgeable):
        found(token_not_stored, token(status=400))


def test_token_lifetime():
    assert found(token_lifetime, token(), most=300) == []
    assert found(token_lifetime, token(GOOD | {"expires_in": 301}), most=300)
    with pytest.raises(NoData):
        found(token_lifetime, token({"access_token": "t"}), most=300)


def test_no_refresh_token():
    assert found(no_refresh_token, token()) == []
    assert found(no_refresh_token, token(GOOD | {"refresh_token": "r"}))
    with pytest.raises(NotJudgeable):
        found(no_refresh_token, token({}, 400))


@pytest.mark.parametrize(
    ("body", "status", "fine"),
    [
        ({"error": "invalid_scope"}, 400, True),
        (GOOD, 200, True),
        (GOOD | {"scope": "user/*.cruds"}, 200, False),
    ],
)
def test_no_foreign_scope(body, status, fine):
    answer = token(body, status, "token-user-scope")
    assert (not found(no_foreign_scope, token(), answer, prefix="user/", label="token-user-scope")) is fine


@pytest.mark.parametrize(
    ("status", "body", "error", "fine"),
    [
        (400, {"error": "invalid_client"}, "", True),
        (401, {"error": "invalid_client"}, "invalid_client", True),
        (400, {"error": "invalid_grant"}, "invalid_client", False),
        (400, {"error": "oops"}, "", False),
        (403, {"error": "invalid_client"}, "", False),
        (400, b"no", "", False),
        (400, {}, ["invalid_client", "invalid_request"], False),
    ],
)
def test_token_error(status, body, error, fine):
    seen = (token(), token(body, status, "token-expired"))
    assert (not found(token_error, *seen, labels=["token-expired"], error=error)) is fine


def test_what_was_not_refused_has_no_error():
    for check in (token_error, token_error_told):
        with pytest.raises(NotApplicable):
            found(check, token(), token(label="token-expired"), labels=["token-expired"])


def test_token_error_told():
    told = token({"error": "invalid_client", "error_description": "it has run out"}, 400, "token-expired")
    assert found(token_error_told, token(), told, labels=["token-expired"]) == []
    silent = token({"error": "invalid_client"}, 400, "token-expired")
    assert found(token_error_told, token(), silent, labels=["token-expired"])
