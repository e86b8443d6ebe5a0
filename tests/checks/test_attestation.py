"""The supplier's attestation: authentic, about this plan and this product, and of a date that counts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_builder import VERSION, about, document, plan

from conformance.checks.attestation import attestation
from conformance.errors import NoData, NotJudgeable
from conformance.model.base import sha256
from conformance.model.evidence import Remark
from conformance.reference.dossier.attestation import make_key, signed_statement, statement

KEY = make_key()
PLAN = document(plan())
AS_OF = about(PLAN).as_of


def claim(**changes):
    made = statement(PLAN.body.sha256, VERSION, AS_OF, ["EXIT-GOV-01"])
    return made | changes


def predicate(**changes):
    return claim(predicate=claim()["predicate"] | changes)


def judged(envelope, key=KEY.public_pem, **others):
    given = [PLAN, document(envelope, "attestation"), document(key, "attestation-key")]
    return list(attestation(about(*given, **others), requirement="EXIT-GOV-01", max_age="P12M"))


def test_an_honest_attestation_passes():
    (said,) = judged(signed_statement(claim(), KEY))
    assert isinstance(said, Remark)
    assert claim()["predicate"]["signatory"]["name"] in said


def test_one_changed_byte_is_not_authentic():
    envelope = signed_statement(claim(), KEY)
    payload = envelope["payload"]
    envelope["payload"] = ("A" if payload[0] != "A" else "B") + payload[1:]
    assert "is not authentic" in judged(envelope)[0]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            claim(subject=[{"name": "x", "digest": {"sha256": sha256(b"other")}}]),
            "not about the exit plan given",
        ),
        (claim(_type="https://example.org"), "is of type"),
        (claim(predicateType="https://example.org"), "attests"),
        (predicate(product={"name": "Harbour EPR", "version": "7.4.2"}), '"7.4.2", but "7.4.1" is tested'),
        (predicate(signedOn="2027-01-01"), "which is after"),
        (predicate(signedOn="2025-01-01"), "more than P12M before"),
        (predicate(signatory={"name": "A. Person", "organisation": "X"}), "signatory's role"),
        (predicate(requirements=[]), "does not name EXIT-GOV-01"),
        (predicate(statement=" "), "states nothing"),
    ],
)
def test_a_signed_statement_about_something_else_fails(made, said):
    assert said in " ".join(judged(signed_statement(made, KEY)))


@pytest.mark.parametrize("key", [make_key().public_pem, b"no key", b""])
def test_another_key_is_refused(key):
    assert "is not authentic" in judged(signed_statement(claim(), KEY), key)[0]


def test_no_attestation_proves_nothing():
    with pytest.raises(NoData):
        list(attestation(about(PLAN)))


def test_it_cannot_be_judged_for_a_product_that_nobody_named():
    evidence = about(
        PLAN,
        document(signed_statement(claim(), KEY), "attestation"),
        document(KEY.public_pem, "attestation-key"),
    )
    from dataclasses import replace

    with pytest.raises(NotJudgeable, match="does not state"):
        list(attestation(replace(evidence, target=evidence.target.model_copy(update={"version": ""}))))


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["predicate", "subject", "digest", "product", "signatory", "_type"]), inner
        )
    ),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(TREES, TREES)
def test_it_survives_any_document_and_any_signed_statement(envelope, value):
    assert judged(json.dumps(envelope).encode())
    made = claim() | (value if isinstance(value, dict) else {"predicate": value})
    assert all(isinstance(one, str) for one in judged(signed_statement(made, KEY)))
