"""Who is let in, how strangers are turned away, and what a token opens."""

from dataclasses import replace

import pytest
from saw import bundle, evidence, exchange, identified, looked_for, patient, step

from conformance.checks.access import (
    asks_for_credentials,
    challenge_error,
    challenge_stated,
    hsts,
    no_banner,
    same_refusal,
    stranger_changes_nothing,
    token_not_in_url,
    turned_away,
)
from conformance.checks.cors import cors_headers, cors_safe, declares_cors
from conformance.checks.scopes import (
    kick_off_beyond_refused,
    reading_token_writes_nothing,
    scope_enforced,
    scope_limited,
    token_runs_out,
)
from conformance.checks.tls import certificate, tls_versions
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.target import Environment

ORIGIN = "https://htest.example.org"


def found(check, *exchanges, **arguments):
    return list(check(evidence(*exchanges), **arguments))


@pytest.mark.parametrize(
    ("auth", "kind", "asks"),
    [
        ("none", "", False),
        ("headers", "", True),
        ("headers", "bearer", False),
        ("bearer", ["bearer", "client-credentials"], True),
        ("smart-backend-services", "smart-backend-services", True),
    ],
)
def test_asks_for_credentials(auth, kind, asks):
    seen = evidence()
    seen = replace(seen, target=seen.target.model_copy(update={"auth": auth}))
    assert (not list(asks_for_credentials(seen, kind=kind))) is asks


@pytest.mark.parametrize(
    ("status", "body", "fine"),
    [
        (401, None, True),
        (403, {"resourceType": "OperationOutcome"}, True),
        (404, None, True),
        (302, None, True),
        (200, bundle(), True),
        (200, {"resourceType": "OperationOutcome"}, True),
        (200, b"<html>Log in</html>", True),
        (200, bundle(patient(1)), False),
        (200, patient(1), False),
    ],
)
def test_turned_away(status, body, fine):
    assert (not found(turned_away, exchange(status=status, body=body, label="stranger"))) is fine


def test_a_server_that_breaks_neither_lets_in_nor_turns_away():
    with pytest.raises(NotJudgeable):
        found(turned_away, exchange(status=500, label="stranger"))


@pytest.mark.parametrize(
    ("challenge", "error", "fine"),
    [
        ('Bearer realm="x", error="invalid_token"', "invalid_token", True),
        ('Bearer error="invalid_token"', "", False),
        ('Bearer realm="x"', "", True),
        ('Bearer realm="x"', "invalid_token", False),
        ('Bearer error="invalid_request"', "invalid_token", False),
    ],
)
def test_challenge_error(challenge, error, fine):
    seen = exchange(status=401, label="stranger", www_authenticate=challenge)
    assert (not found(challenge_error, seen, error=error)) is fine
    assert found(challenge_stated, seen) == []


def test_without_a_refusal_there_is_no_challenge():
    for check in (challenge_stated, challenge_error):
        with pytest.raises(NotApplicable):
            found(check, exchange(status=404, label="stranger"))
    assert found(challenge_stated, exchange(status=401, label="stranger"))
    with pytest.raises(NotApplicable):
        found(challenge_error, exchange(status=401, label="stranger", www_authenticate="Basic"))


@pytest.mark.parametrize(
    ("known", "unknown", "fine"), [(401, 401, True), (403, 403, True), (401, 404, False)]
)
def test_same_refusal(known, unknown, fine):
    seen = (exchange(status=known, label="k"), exchange(status=unknown, label="u"))
    assert (not found(same_refusal, *seen, known="k", unknown="u")) is fine


def test_who_is_let_in_is_not_refused_alike():
    with pytest.raises(NotApplicable):
        found(same_refusal, exchange(label="k"), exchange(status=404, label="u"), known="k", unknown="u")


@pytest.mark.parametrize(
    ("header", "value", "fine"),
    [
        ("server", "nginx", True),
        ("server", "nginx/1.25.3", False),
        ("x_powered_by", "HAPI FHIR 6.4.0", False),
    ],
)
def test_no_banner(header, value, fine):
    assert (not found(no_banner, exchange(status=401, label="stranger", **{header: value}))) is fine


@pytest.mark.parametrize(
    ("value", "fine"),
    [("max-age=31536000", True), ("max-age=0", False), ("includeSubDomains", False), ("", False)],
)
def test_hsts(value, fine):
    assert (not found(hsts, exchange(strict_transport_security=value))) is fine


def test_hsts_is_for_https():
    plain = exchange().model_copy(update={"url": "http://fhir.example.org/r4/metadata"})
    with pytest.raises(NotApplicable):
        found(hsts, plain)


def test_token_not_in_url():
    right = exchange(body=bundle(patient(1)), label="in-header")
    assert found(token_not_in_url, right, exchange(status=401, label="in-url")) == []
    assert found(token_not_in_url, right, exchange(body=bundle(patient(1)), label="in-url"))
    with pytest.raises(NoData):
        found(
            token_not_in_url, exchange(body=bundle(), label="in-header"), exchange(status=401, label="in-url")
        )
    with pytest.raises(NotJudgeable):
        found(token_not_in_url, exchange(status=401, label="in-header"), exchange(status=401, label="in-url"))


# ------------------------------------------------------------------ CORS


def asked_from_elsewhere(label, status=200, method="GET", **headers):
    sent = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    return exchange(status=status, label=label, method=method, **headers).model_copy(
        update={"request_headers": sent}
    )


ALLOWED = {"access_control_allow_origin": "*"}
PERMITTED = {**ALLOWED, "access_control_allow_headers": "Content-Type, Authorization"}
STARRED = {**ALLOWED, "access_control_allow_headers": "*"}


@pytest.mark.parametrize(
    ("plain", "status", "preflight", "findings"),
    [
        (ALLOWED, 204, PERMITTED, 0),
        ({"access_control_allow_origin": ORIGIN}, 200, PERMITTED, 0),
        ({}, 204, PERMITTED, 1),
        (ALLOWED, 204, STARRED, 1),
        (ALLOWED, 204, STARRED | {"access_control_allow_headers": "*, authorization"}, 0),
        (ALLOWED, 204, ALLOWED, 1),
        (ALLOWED, 405, PERMITTED, 1),
        ({"access_control_allow_origin": "https://other.example.org"}, 204, PERMITTED, 1),
        ({}, 401, {}, 3),
    ],
)
def test_cors_headers(plain, status, preflight, findings):
    seen = (
        asked_from_elsewhere("cors", **plain),
        asked_from_elsewhere("preflight", status, "OPTIONS", **preflight),
    )
    assert len(found(cors_headers, *seen)) == findings


@pytest.mark.parametrize(
    ("origin", "credentials", "fine"),
    [
        ("*", "", True),
        (ORIGIN, "", True),
        ("https://known.example", "true", True),
        (ORIGIN, "true", False),
        ("*", "true", False),
    ],
)
def test_cors_safe(origin, credentials, fine):
    headers = {"access_control_allow_origin": origin, "access_control_allow_credentials": credentials}
    assert (not found(cors_safe, asked_from_elsewhere("cors", **headers))) is fine


@pytest.mark.parametrize(("cors", "declared"), [(True, True), (False, False), ("true", False), (None, False)])
def test_declares_cors(cors, declared):
    body = {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "security": {"cors": cors}}]}
    seen = evidence(discovery=(exchange("/metadata", label="metadata", body=body),))
    assert (not list(declares_cors(seen))) is declared


# ------------------------------------------------------------------ scopes and time


def token(scope, label="token-narrow"):
    return exchange(
        "/token", body={"access_token": "t", "scope": scope}, label=label, media_type="application/json"
    )


def used(beyond, *, scope="system/Patient.rs", within=200, own=None, asked="system/Patient.rs"):
    return step(
        token(scope),
        exchange("/Patient", status=within, label="within"),
        beyond,
        exchange("/Observation", body=bundle(patient(1)) if own is None else own, label="own"),
        asked=asked,
    )


def beyond(status, body=None):
    return exchange(
        "/Observation", status=status, body=body, label="beyond", about={"resource": "Observation"}
    )


@pytest.mark.parametrize(
    ("answer", "fine"),
    [
        (beyond(403), True),
        (beyond(401), True),
        (beyond(200, bundle()), True),
        (beyond(200, bundle(patient(1))), False),
    ],
)
def test_scope_enforced(answer, fine):
    assert (not list(scope_enforced(evidence(used(answer))))) is fine


def test_what_the_scope_does_not_cover_is_not_read_by_its_id_either():
    def seen(status, body=None):
        return evidence(
            used(beyond(403)),
            exchange("/Observation/1", status=status, body=body, label="beyond-read"),
        )

    assert list(scope_enforced(seen(403))) == []
    assert len(list(scope_enforced(seen(200, patient(1))))) == 1


@pytest.mark.parametrize(
    ("beside", "findings"), [("Observation", 1), ("Patient", 0), ("OperationOutcome", 0)]
)
def test_what_the_scope_does_not_cover_is_not_included_either(beside, findings):
    answer = bundle(patient(1), {"resourceType": beside, "id": "2"})
    included = exchange("/Patient", body=answer, label="beyond-include")
    assert len(list(scope_enforced(evidence(used(beyond(403)), included)))) == findings


def reading(write, *kept, scope="system/Patient.rs", within=200):
    read = exchange("/Patient", status=within, label="within")
    own = looked_for("own", identified("own"), label="found-own")
    found = looked_for("write", *kept, label="found-write")
    return evidence(step(token(scope), own, read, write, found, asked="system/Patient.rs"))


@pytest.mark.parametrize(
    ("status", "body", "fine"),
    [
        (403, None, True),
        (401, None, True),
        (200, b"<html>", True),
        (201, None, False),
        (200, patient(1), False),
    ],
)
def test_a_token_for_reading_writes_nothing(status, body, fine):
    write = exchange("/Patient", method="POST", status=status, body=body, label="write")
    assert (not list(reading_token_writes_nothing(reading(write)))) is fine


def test_what_a_token_for_reading_was_refused_is_not_kept():
    write = exchange("/Patient", method="POST", status=403, label="write")
    assert len(list(reading_token_writes_nothing(reading(write, identified("write"))))) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"scope": "system/*.cruds"}, 201),
        ({"scope": "system/Patient.write"}, 201),
        ({"within": 403}, 201),
        ({}, 500),
    ],
)
def test_a_token_that_does_more_than_read_shows_nothing(changed, status):
    write = exchange("/Patient", method="POST", status=status, label="write")
    with pytest.raises(NotJudgeable):
        list(reading_token_writes_nothing(reading(write, **changed)))


ANYTHING = (patient(1), patient(2))
"""What a server shows that heeds no identifier."""


OWN = (identified("own"),)


def strangers(own=OWN, none=(), **others):
    same = {"body": patient(1, gender="unknown")}
    answers = {
        "before": same,
        "stranger-create-none": {"method": "POST", "status": 401},
        "stranger-update-none": {"method": "PUT", "status": 401},
        "stranger-delete-none": {"method": "DELETE", "status": 401},
        "after-none": same,
    }
    changed = answers | {name.replace("_", "-"): answer for name, answer in others.items()}
    return evidence(
        *(exchange(label=name, **answer) for name, answer in changed.items()),
        looked_for("own", *own, label="found-own"),
        looked_for("none", *none, label="found-none"),
    )


@pytest.mark.parametrize(
    ("others", "findings"),
    [
        ({}, 0),
        ({"none": [identified("none")]}, 1),
        ({"none": ANYTHING, "own": ANYTHING}, 0),
        ({"stranger_create_none": {"status": 201}, "none": [identified("none")]}, 1),
        ({"stranger_create_none": {"status": 200, "body": None}}, 0),
        ({"stranger_create_none": {"status": 201}}, 1),
        ({"stranger_create_none": {"body": patient(2)}}, 1),
        ({"stranger_create_none": {"body": b"<html>Log in</html>"}}, 0),
        (
            {
                "stranger_update_none": {"status": 200},
                "after_none": {"body": patient(1, gender="other")},
            },
            1,
        ),
        ({"after_none": {"body": patient(1, gender="other")}}, 1),
        ({"stranger_delete_none": {"status": 204}, "after_none": {"status": 410}}, 1),
        ({"after_none": {"status": 404}}, 1),
    ],
)
def test_strangers_change_nothing(others, findings):
    assert len(list(stranger_changes_nothing(strangers(**others), who="none"))) == findings


@pytest.mark.parametrize(
    "others",
    [
        {"before": {"status": 404}},
        {"after_none": {"status": 500}},
        {"after_none": {"status": 401}},
        {"stranger_delete_none": {"status": 500}},
        {"stranger_create_none": {"status": 200, "body": None}, "none": ANYTHING, "own": ANYTHING},
        {"stranger_create_none": {"body": b"<html>Log in</html>"}, "own": ()},
    ],
)
def test_what_a_stranger_did_is_not_seen(others):
    with pytest.raises(NotJudgeable):
        list(stranger_changes_nothing(strangers(**others), who="none"))


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"scope": "system/*.rs"}, NotJudgeable),
        ({"scope": "system/Patient.rs system/Observation.r"}, NotJudgeable),
        ({"within": 403}, NotJudgeable),
        ({"own": bundle()}, NoData),
    ],
)
def test_scopes_that_show_nothing(changed, doubt):
    with pytest.raises(doubt):
        list(scope_enforced(evidence(used(beyond(200, bundle(patient(1))), **changed))))


@pytest.mark.parametrize(
    ("granted", "asked", "findings"),
    [
        ("system/Patient.rs", "system/Patient.rs", 0),
        ("system/Patient.read", "system/Patient.rs", 0),
        ("system/Patient.r", "system/Patient.rs", 1),
        ("system/*.rs", "system/Patient.rs", 2),
        ("system/Patient.rs system/Group.r", "system/Patient.rs", 1),
        ("system/Patient.rs user/*.cruds patient/Observation.rs", "system/Patient.rs", 1),
        ("system/Patient.rs system/Group.r user/Patient.r", "system/Patient.rs", 2),
    ],
)
def test_scope_limited(granted, asked, findings):
    assert len(list(scope_limited(evidence(used(beyond(403), scope=granted, asked=asked))))) == findings


@pytest.mark.parametrize(("status", "fine"), [(403, True), (400, True), (202, False)])
def test_kick_off_beyond(status, fine):
    kick_off = exchange("/$export", status=status, label="kick-off-beyond", about={"resource": "Observation"})
    assert (not list(kick_off_beyond_refused(evidence(step(token("system/Patient.rs"), kick_off))))) is fine
    with pytest.raises(NotJudgeable):
        list(kick_off_beyond_refused(evidence(step(token("system/*.rs"), kick_off))))


@pytest.mark.parametrize(("late", "fine"), [(401, True), (403, True), (200, False)])
def test_token_runs_out(late, fine):
    seen = step(exchange(label="fresh"), exchange(status=late, label="late"), lifetime=60, waited=61.0)
    findings = list(token_runs_out(evidence(seen)))
    assert (not findings) is fine
    assert all("good for 60 s, after 61" in finding for finding in findings)


def test_a_token_that_never_opened_cannot_run_out():
    with pytest.raises(NotJudgeable):
        found(token_runs_out, exchange(status=401, label="fresh"), exchange(status=401, label="late"))
    with pytest.raises(NotJudgeable):
        found(token_runs_out, exchange(label="fresh"), exchange(status=500, label="late"))


# ------------------------------------------------------------------ TLS


def shaken(**outcomes):
    """Notes of handshakes with these outcomes, `agreed` where none is given."""
    notes = {f"tls-{version}": {"outcome": "agreed", "why": "x"} for version in ("1.2", "1.3")}
    notes |= {f"tls-{version}": {"outcome": "refused", "why": "x"} for version in ("1.0", "1.1")}
    notes |= {f"tls-1.{name[1]}": {"outcome": outcome, "why": "x"} for name, outcome in outcomes.items()}
    recorded = step(exchange("/metadata")).model_copy(update={"notes": notes})
    return evidence(recorded)


@pytest.mark.parametrize(
    ("outcomes", "findings"),
    [
        ({}, 0),
        ({"v3": "refused"}, 0),
        ({"v0": "agreed"}, 1),
        ({"v0": "agreed", "v1": "agreed"}, 2),
        ({"v2": "refused", "v3": "refused"}, 1),
    ],
)
def test_tls_versions(outcomes, findings):
    assert len(list(tls_versions(shaken(**outcomes)))) == findings


@pytest.mark.parametrize(
    "outcomes", [{"v0": "impossible"}, {"v1": "unreachable"}, {"v2": "unreachable", "v3": "refused"}]
)
def test_what_was_not_tried_is_no_refusal(outcomes):
    with pytest.raises(NotJudgeable):
        list(tls_versions(shaken(**outcomes)))


def test_http_is_for_sandboxes():
    seen = shaken(v0="plain", v1="plain", v2="plain", v3="plain")
    with pytest.raises(NotApplicable):
        list(tls_versions(seen))
    live = replace(seen, target=seen.target.model_copy(update={"environment": Environment.PRODUCTION}))
    assert len(list(tls_versions(live))) == 1


def shown(**told):
    recorded = step(exchange("/metadata")).model_copy(update={"notes": {"tls-certificate": told}})
    return evidence(recorded)


@pytest.mark.parametrize(
    ("ends", "findings"),
    [("Mar 20 12:00:00 2026 GMT", 0), ("Mar 10 12:00:00 2026 GMT", 1), ("Feb 10 12:00:00 2026 GMT", 1)],
)
def test_certificate(ends, findings):
    seen = shown(outcome="agreed", why="TLSv1.3", certificate={"notAfter": ends})
    assert len(list(certificate(seen, days=14))) == findings


def test_certificates_that_do_not_hold_and_those_that_were_not_seen():
    assert list(certificate(shown(outcome="refused", why="certificate verify failed: Hostname mismatch")))
    for told in ({"outcome": "unreachable"}, {"outcome": "agreed", "certificate": {"notAfter": "soon"}}):
        with pytest.raises(NotJudgeable):
            list(certificate(shown(**told)))
    with pytest.raises(NotApplicable):
        list(certificate(shown(outcome="plain")))
    with pytest.raises(NoData):
        list(certificate(evidence(exchange("/metadata"))))
