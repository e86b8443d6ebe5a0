"""What is done with tokens that were got: narrower ones, in the URL, after their time."""

import pytest

from conformance.errors import Untestable
from conformance.probes.export import export
from conformance.probes.strangers import narrow_write, stranger_writes
from conformance.probes.tls import tls
from conformance.probes.token import narrow_export, narrow_token, token_expiry, token_in_url


def statuses(opened):
    return {exchange.label: exchange.status for exchange in opened.evidence().exchanges}


def test_a_narrow_token_opens_its_type_only(reference):
    narrow_token(reference.wire, resource="Patient", other="Observation")
    assert statuses(reference) == {
        "token-narrow": 200,
        "within": 200,
        "beyond": 403,
        "own": 200,
        "beyond-read": 403,
        "beyond-include": 200,
    }
    assert reference.evidence().notes["asked"] == "system/Patient.rs"


def test_a_token_for_reading_writes_nothing(reference):
    narrow_write(reference.wire, family="HTEST-Narrow", birth_date="1970-01-31")
    kept = {"create": 201, "found-own": 200, "found-write": 200, "clean-up": 204}
    assert statuses(reference) == {"token-narrow": 200, "within": 200, "write": 403} | kept
    (own,), (other,) = (reference.evidence().labelled(label) for label in ("found-own", "found-write"))
    assert (own.resource("Bundle")["total"], other.resource("Bundle")["total"]) == (1, 0)


def test_strangers_write_nothing(reference):
    stranger_writes(reference.wire, family="HTEST-Stranger", birth_date="1970-01-31")
    seen = statuses(reference)
    assert {label for label, status in seen.items() if status == 401} == {
        f"stranger-{what}-{who}" for what in ("create", "update", "delete") for who in ("none", "bad")
    }
    assert seen["after-none"] == seen["after-bad"] == 200


def test_a_narrow_token_exports_its_type_only(reference):
    narrow_export(reference.wire, resource="Patient", other="Observation")
    assert statuses(reference) == {"token-narrow": 200, "kick-off-beyond": 403}


def test_a_narrow_token_is_asked_for_anew_where_the_job_outlives_it(short_lived):
    export(short_lived.wire, narrow="Patient", until="files")
    evidence = short_lived.evidence()
    assert len(evidence.labelled("token-narrow")) > 1
    assert {exchange.status for exchange in evidence.exchanges} == {200, 202}


def test_a_token_in_the_url_is_redacted_and_opens_nothing(reference):
    token_in_url(reference.wire, resource="Patient")
    assert statuses(reference) == {"token-good": 200, "in-header": 200, "in-url": 401}
    (sent,) = reference.evidence().labelled("in-url")
    assert "access_token=redacted-" in sent.url
    assert sent.credentials == "none"


def test_a_token_is_not_waited_for_too_long(reference):
    with pytest.raises(Untestable, match="good for 60 s, longer than the 5 s"):
        token_expiry(reference.wire, resource="Patient", most_wait=5)


def test_a_token_runs_out(short_lived):
    token_expiry(short_lived.wire, resource="Patient")
    assert statuses(short_lived) == {"token-good": 200, "fresh": 200, "late": 401}
    assert short_lived.evidence().notes == {"lifetime": 1.0, "waited": 2.0}


def test_tokens_are_for_targets_that_give_them(serve):
    opened = serve(lambda _method, _path: (200, {}))
    for probe in (token_in_url, token_expiry):
        with pytest.raises(Untestable):
            probe(opened.wire, resource="Patient")


def test_handshakes_are_noted(reference):
    tls(reference.wire)
    notes = reference.evidence().notes
    outcomes = {name: notes[f"tls-{name}"]["outcome"] for name in ("1.0", "1.1", "1.2", "1.3")}
    assert outcomes == {"1.0": "refused", "1.1": "refused", "1.2": "agreed", "1.3": "agreed"}
    assert notes["tls-certificate"]["certificate"]["notAfter"]
