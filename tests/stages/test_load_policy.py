"""What a policy profile takes over of others, and what it says of when requirements bind."""

import pytest
from test_load import loaded, mistakes

from conformance.catalog import built_in
from conformance.errors import UnknownName, UsageError
from conformance.model.report import RunnerRole
from conformance.session.overrides import checked_overrides

BASE = """
    profile: base
    version: 0.1.0
    title: All there is
    parameters:
      notice: {default: P2M, basis: a law}
      cap: {default: "0"}
      value: {default: "", buyerOnly: true}
      least: {default: "1000"}
      law: {default: ""}
    presets:
      - {preset: eu, title: EU limits, basis: a law of the EU, values: {notice: P1M, law: eu}}
    advisories:
      - {requirements: [B-2], while: {parameter: value, below: least}, reason: the contract is small}
    requirements:
      - {id: B-1, level: SHALL, text: "Notice ${notice}.", source: "${notice}", untested: x}
      - {id: B-2, level: SHALL, text: Second., source: s, untested: x}
      - {id: C-1, level: SHALL, text: Third., source: s, untested: x}
"""
POLICY = """
    profile: it
    version: 0.1.0
    title: A policy
    extends: [{profile: base, %s}]
    %s
"""


def policy(choice: str, more: str = ""):
    return loaded(POLICY % (choice, more), base=BASE)


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        ('only: ["B-*"]', ["B-1", "B-2"]),
        ('without: ["B-1"]', ["B-2", "C-1"]),
        ('only: ["B-*"], without: ["B-2"]', ["B-1"]),
        ('version: "0.1.0"', ["B-1", "B-2", "C-1"]),
    ],
)
def test_a_policy_takes_over_what_it_chooses(choice, ids):
    assert [r.id for r in policy(choice).requirements] == ids


def test_what_is_chosen_brings_its_parameters_advisories_and_presets_and_no_others():
    second = policy("only: [B-2]")
    assert set(second.parameters) == {"value", "least"}
    assert [a.reason for a in second.advisories] == ["the contract is small"]
    assert second.presets == ()
    first = policy("only: [B-1]")
    assert set(first.parameters) == {"notice"}
    assert [p.values for p in first.presets] == [{"notice": "P1M"}]
    assert first.advisories == ()


def test_a_pattern_that_chooses_nothing_is_told():
    (said,) = mistakes(POLICY % ("only: [B-9]", ""), base=BASE)
    assert "'B-9' matches no requirement of base" in said


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("advisories: [{requirements: [Z-1], until: 2027-01-01, reason: r}]", "'Z-1' matches no requirement"),
        (
            "advisories: [{requirements: [B-1], while: {parameter: vlaue, below: least}, reason: r}]",
            "'vlaue' is no parameter of this profile; did you mean 'value'?",
        ),
        ("advisories: [{requirements: [B-1], while: {parameter: value}, reason: r}]", "either `below"),
        (
            "advisories: [{requirements: [B-1], until: 2027-01-01, while: {parameter: law, lacks: eu}, reason: r}]",
            "not both",
        ),
        ("presets: [{preset: uk, title: T, basis: b, values: {notise: P1M}}]", "did you mean 'notice'?"),
        ("presets: [{preset: uk, title: T, basis: b, values: {notice: 3}}]", "'notice' is to be str"),
    ],
)
def test_mistakes_in_a_policy_are_told_where_they_stand(more, told):
    found = mistakes(POLICY % ('version: "0.1.0"', more), base=BASE)
    assert any(told in said for said in found), found


def test_a_preset_sets_limits_and_what_is_set_by_itself_goes_first():
    profile = policy('version: "0.1.0"')
    assert checked_overrides({}, profile, ["eu"]) == {"notice": "P1M", "law": "eu"}
    assert checked_overrides({"notice": "P6M"}, profile, ["eu"])["notice"] == "P6M"
    with pytest.raises(UnknownName, match="eu"):
        checked_overrides({}, profile, ["ue"])


def test_the_purchase_is_described_by_who_buys():
    profile = policy('version: "0.1.0"')
    assert checked_overrides({"value": "20"}, profile, role=RunnerRole.BUYER) == {"value": "20"}
    with pytest.raises(UsageError, match="a supplier that tests itself cannot set it"):
        checked_overrides({"value": "20"}, profile, role=RunnerRole.SUPPLIER)
    with pytest.raises(UsageError, match="as decimal text"):
        checked_overrides({"value": "20k"}, profile, role=RunnerRole.BUYER)


def test_every_shipped_profile_with_presets_keeps_them_apart():
    from conformance.session.suites import profile_named

    profile = profile_named("nhs-anti-lock-in", built_in())
    names = [preset.preset for preset in profile.presets]
    assert len(names) == len(set(names))
