"""The faults of access: what strangers meet, how tokens are got, and what they open."""

import re
from typing import Any

from conformance.reference.faults.fault import Change, Fault, access, fault
from conformance.reference.faults.results_changes import results

_DAYS_LEFT = 5
_TWO_HOURS = 7200
_READ = re.compile(r"/[A-Z][A-Za-z]+/[^/$_][^/$]*$")
_WRITTEN = re.compile(r"/[A-Z][A-Za-z]+(/[^/$_][^/$]*)?$")

Json = dict[str, Any]


def _skips(*rules: str) -> Change:
    return access(unchecked=frozenset(rules))


def _without(*names: str) -> Any:
    return lambda told: {name: value for name, value in told.items() if name not in names}


def _with(**changed: Any) -> Any:
    return lambda told: {**told, **changed}


def _for_any_page(headers: dict[str, str]) -> dict[str, str]:
    shared = {"Access-Control-Allow-Origin": headers["origin"], "Access-Control-Allow-Credentials": "true"}
    return headers | shared


ACCESS_FAULTS: tuple[Fault, ...] = (
    fault(
        "one-type-open-to-strangers",
        "FHIR-SEC-01",
        "One resource type is given to who has no token.",
        access(open_type="Condition"),
        also=("FHIR-SEC-02",),
    ),
    fault(
        "reads-open-to-strangers",
        "FHIR-SEC-01",
        "Who knows the id of a resource reads it without a token.",
        access(lets_in=lambda method, path: method == "GET" and bool(_READ.search(path))),
        also=("FHIR-SEC-02", "FHIR-SEC-07"),
    ),
    fault(
        "histories-open-to-strangers",
        "FHIR-SEC-01",
        "Who knows the id of a resource reads its history without a token.",
        access(lets_in=lambda method, path: method == "GET" and path.endswith("/_history")),
        also=("FHIR-SEC-02",),
    ),
    fault(
        "writes-open-to-strangers",
        "FHIR-SEC-15",
        "Resources are created, changed and deleted without a token.",
        access(lets_in=lambda method, path: method != "GET" and bool(_WRITTEN.search(path))),
    ),
    fault(
        "strangers-creates-refused-and-kept",
        "FHIR-SEC-15",
        "A create without a token is answered 401, and what it sent is kept all the same.",
        access(refused_creates_are_kept=True),
    ),
    fault(
        "deletes-open-to-strangers",
        "FHIR-SEC-15",
        "Resources are deleted without a token.",
        access(lets_in=lambda method, path: method == "DELETE" and bool(_READ.search(path))),
    ),
    fault(
        "bad-token-accepted-on-search",
        "FHIR-SEC-02",
        "A search takes any token, and so does a create.",
        access(any_token_searches=True),
        also=("FHIR-SEC-15",),
    ),
    fault(
        "refusal-without-challenge",
        "FHIR-SEC-03",
        "A refusal with 401 does not say how to be let in.",
        access(challenge_stated=False),
    ),
    fault(
        "challenge-without-error",
        "FHIR-SEC-04",
        "Who has a wrong token is not told so.",
        access(challenge=lambda _: 'Bearer realm="fhir"'),
        "SHOULD",
    ),
    fault(
        "challenge-always-with-error",
        "FHIR-SEC-05",
        "Who has shown no token is told of a wrong one.",
        access(challenge=lambda _: 'Bearer realm="fhir", error="invalid_token"'),
        "SHOULD NOT",
    ),
    fault(
        "challenge-always-with-bare-error",
        "FHIR-SEC-05",
        "Who has shown no token is told of a wrong one, by a word without quotes.",
        access(challenge=lambda _: 'Bearer realm="fhir", error=invalid_token'),
        "SHOULD NOT",
    ),
    fault(
        "token-in-query-accepted",
        "FHIR-SEC-06",
        "A token in the URL opens.",
        access(token_in_query=True),
        "SHOULD NOT",
    ),
    fault(
        "existence-told-to-strangers",
        "FHIR-SEC-07",
        "Who has no token is told which ids there are not.",
        access(hides_existence=False),
        "SHOULD",
    ),
    fault(
        "old-tls-spoken",
        "FHIR-SEC-09",
        "The server still speaks TLS 1.0 and 1.1.",
        access(old_tls=True),
        "SHOULD",
        where="listener",
    ),
    fault(
        "certificate-runs-out",
        "FHIR-SEC-10",
        "The certificate is good for a few days only.",
        access(certificate_days=_DAYS_LEFT),
        "SHOULD",
        where="listener",
    ),
    fault("hsts-missing", "FHIR-SEC-11", "Answers do not ask browsers for https.", access(hsts=False), "MAY"),
    fault(
        "cors-declared-but-missing",
        "FHIR-SEC-12",
        "CORS is declared, but no answer has its headers.",
        access(cors=lambda _: {}),
    ),
    fault(
        "cors-for-any-page-with-credentials",
        "FHIR-SEC-13",
        "Any page may read answers with the credentials of who looks at it.",
        access(cors=_for_any_page),
        "SHOULD NOT",
    ),
    fault(
        "server-tells-its-version",
        "FHIR-SEC-14",
        "Answers name the software behind the server and its version.",
        access(server="Apache-Coyote/1.1 (Harbour 7.4.1)"),
        "SHOULD",
    ),
    fault(
        "configuration-needs-token",
        "SBS-DISC-01",
        "The SMART configuration is given only to who has a token.",
        access(configuration_open=False),
        also=("SBS-DISC-02",),
    ),
    fault(
        "configuration-labelled-as-text",
        "SBS-DISC-02",
        "The SMART configuration is labelled as plain text.",
        access(configuration_media_type="text/plain"),
    ),
    fault(
        "configuration-urls-relative",
        "SBS-DISC-03",
        "The SMART configuration gives a relative address of a key set.",
        access(configuration=_with(jwks_uri="/jwks.json")),
    ),
    fault(
        "configuration-without-token-endpoint",
        "SBS-DISC-04",
        "The SMART configuration names no token endpoint under its right name.",
        access(configuration=_without("token_endpoint")),
    ),
    fault(
        "configuration-nearly-empty",
        "SBS-DISC-05",
        "The SMART configuration holds the token endpoint and no more.",
        access(
            configuration=_without(
                "grant_types_supported",
                "capabilities",
                "token_endpoint_auth_methods_supported",
                "token_endpoint_auth_signing_alg_values_supported",
                "scopes_supported",
                "code_challenge_methods_supported",
            )
        ),
        also=("BDE-SEC-03", "SBS-DISC-06", "SBS-DISC-07", "SBS-DISC-08", "SBS-DISC-09", "SBS-DISC-10"),
    ),
    fault(
        "configuration-offers-plain",
        "SBS-DISC-10",
        "The SMART configuration offers the code challenge method plain.",
        access(configuration=_with(code_challenge_methods_supported=["S256", "plain"])),
    ),
    fault(
        "assertion-names-its-own-keys",
        "SBS-JWT-02",
        "An assertion may point to any keys (jku).",
        _skips("jku"),
    ),
    fault(
        "assertion-of-another-issuer",
        "SBS-JWT-04",
        "The issuer of an assertion is not checked.",
        _skips("issuer"),
    ),
    fault("assertion-lives-long", "SBS-JWT-06", "An assertion may be good for an hour.", _skips("lifetime")),
    fault("assertion-without-jti", "SBS-JWT-08", "An assertion needs no jti.", _skips("jti")),
    fault(
        "assertion-used-again", "SBS-JWT-09", "An assertion can be used again and again.", _skips("replay")
    ),
    fault(
        "assertion-by-any-algorithm",
        "SBS-JWT-10",
        "An assertion says how it is verified: without signature, or by HS256 with the public key.",
        _skips("algorithm"),
    ),
    fault(
        "assertion-by-any-key-id",
        "SBS-JWT-10",
        "The key id of an assertion is not looked at.",
        _skips("key-id"),
    ),
    fault(
        "assertion-before-its-time",
        "SBS-JWT-12",
        "An assertion is taken before its time.",
        _skips("not-before"),
    ),
    fault(
        "assertion-for-another-subject",
        "SBS-JWT-13",
        "The subject of an assertion is not checked.",
        _skips("subject"),
    ),
    fault(
        "token-errors-unnamed",
        "SBS-JWT-11",
        "Refusals of the token endpoint give no error code and no description.",
        access(token_error=lambda _: {"message": "no"}),
        also=("SBS-TOK-03", "SBS-TOK-04"),
    ),
    fault("any-scope-granted", "SBS-TOK-02", "Whatever scope is asked for is granted.", _skips("scope")),
    fault(
        "any-grant-type-accepted",
        "SBS-TOK-03",
        "The grant type of a request for a token is not looked at.",
        _skips("grant-type"),
    ),
    fault(
        "token-answer-without-members",
        "SBS-TOK-06",
        "A token comes without type, lifetime and scope.",
        access(token_answer=_without("token_type", "expires_in", "scope")),
        also=("SBS-TOK-07", "SBS-TOK-08"),
    ),
    fault(
        "token-called-otherwise",
        "SBS-TOK-05",
        "A token is labelled as text.",
        access(given_as="text/plain"),
        also=("SBS-REG-06",),
    ),
    fault(
        "tokens-may-be-stored",
        "SBS-TOK-19",
        "Nothing keeps caches from storing a token.",
        access(token_may_be_stored=True),
    ),
    fault(
        "tokens-live-long",
        "SBS-TOK-09",
        "A token is good for two hours.",
        access(token_answer=_with(expires_in=_TWO_HOURS)),
        also=("SBS-TOK-10",),
    ),
    fault(
        "refresh-token-issued",
        "SBS-TOK-11",
        "A refresh token comes with the token.",
        access(token_answer=_with(refresh_token="7c1f0a52-refresh")),  # noqa: S106 - made up
        "SHOULD NOT",
    ),
    fault(
        "more-scope-than-asked",
        "SBS-TOK-12",
        "A token is granted for one type more than was asked for.",
        access(extra_scope="system/Organization.rs"),
        "SHOULD",
    ),
    fault(
        "scope-of-users-granted-unasked",
        "SBS-TOK-12",
        "A token for one type is granted for what users may do as well.",
        access(token_answer=lambda told: {**told, "scope": f"{told['scope']} user/*.cruds"}),
        "SHOULD",
    ),
    fault(
        "token-accepted-after-expiry",
        "SBS-TOK-13",
        "A token opens after its time.",
        access(tokens_expire=False),
    ),
    fault(
        "narrower-scope-ignored",
        "SBS-TOK-14",
        "A token opens everything, whatever its scope.",
        access(scope_ignored=lambda _method, _path: True),
        also=("SBS-TOK-15", "SBS-TOK-20"),
    ),
    fault(
        "scope-ignored-by-reads",
        "SBS-TOK-14",
        "A token for one type reads resources of any type whose id is known.",
        access(scope_ignored=lambda method, path: method == "GET" and bool(_READ.search(path))),
    ),
    fault(
        "scope-ignored-by-includes",
        "SBS-TOK-14",
        "A search includes resources that the token does not cover.",
        results("includes", beyond_scope=True),
    ),
    fault(
        "scope-ignored-by-writes",
        "SBS-TOK-20",
        "A token for reading creates, changes and deletes.",
        access(scope_ignored=lambda method, path: method != "GET" and bool(_WRITTEN.search(path))),
    ),
    fault(
        "creates-beyond-scope-refused-and-kept",
        "SBS-TOK-20",
        "A create with a token for reading is answered 403, and what it sent is kept all the same.",
        access(refused_creates_are_kept=True),
    ),
)
