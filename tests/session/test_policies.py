"""What the shipped policies ask for, by contract value and by law."""

import datetime as dt

import pytest
from whole_runs import command

from conformance.catalog import built_in
from conformance.model.policy import advice
from conformance.model.profile import Method
from conformance.session.overrides import checked_overrides
from conformance.session.suites import profile_named

TODAY = dt.date(2026, 11, 26)


def binding(profile, set_=(), presets=()) -> set[str]:
    """The binding requirements that decide the result with these parameters."""
    defaults = {name: parameter.default for name, parameter in profile.parameters.items()}
    values = defaults | checked_overrides(dict(set_), profile, presets)
    return {
        r.id
        for r in profile.requirements
        if r.level.binding
        and r.method is not Method.OUT_OF_SCOPE
        and not advice(profile.advisories, r.id, values, TODAY)
    }


@pytest.fixture(scope="module")
def nhs():
    return profile_named("nhs-anti-lock-in", built_in())


def test_limits_of_foreign_law_decide_an_nhs_tender_only_where_the_buyer_chooses_so(nhs):
    by_default, strict = binding(nhs), binding(nhs, presets=["nhs-strict"])
    european = {f"EXIT-TRM-0{n}" for n in (1, 2, 3, 4)} | {f"EXIT-CST-0{n}" for n in (3, 4, 5)}
    assert strict - by_default == european
    assert by_default < strict
    assert {"EXIT-CST-01", "EXIT-CST-02", "EXIT-PLN-01", "EXIT-CMP-01"} <= by_default


def test_below_the_threshold_less_is_required_and_each_part_still_needs_something(nhs):
    small = binding(nhs, {"contract_value": "50000", "contract_threshold": "138760"})
    assert small < binding(nhs)
    assert binding(nhs, {"contract_value": "138760", "contract_threshold": "138760"}) == binding(nhs)
    assert binding(nhs, {"contract_value": "50000"}) == binding(nhs)
    assert {"EXIT-EXP-01", "EXIT-OPN-01", "EXIT-DOC-01", "EXIT-SEC-01", "EXIT-PLN-01", "EXIT-CST-02"} <= small
    for part in nhs.sub_verdicts:
        of_part = {
            r.id
            for r in nhs.requirements
            if r.method in part.rests_on and any(p.rstrip("*") in r.id for p in part.requirements)
        }
        assert of_part & small, part.id


def test_a_declaration_asks_nothing_of_the_product():
    profile = profile_named("supplier-declaration", built_in())
    assert {r.method for r in profile.requirements} == {Method.DOCUMENTED, Method.ATTESTED}
    probes = {call.name for r in profile.requirements for t in r.tests for call in (t.probe, *t.also)}
    assert probes == {"documents", "documentation"}
    assert "EXIT-EXP-03:attested" in {r.id for r in profile.requirements}


def test_the_limits_of_the_act_are_no_buyers_to_change():
    profile = profile_named("eu-data-act-switching", built_in())
    fixed = {name for name, parameter in profile.parameters.items() if parameter.fixed}
    assert {"notice_max", "transition_max", "retrieval_min", "switch_charge_free_from"} <= fixed


def test_what_us_law_says_of_one_patient_only_advises_for_all():
    profile = profile_named("us-ehi-export", built_in())
    assert "EXIT-EXP-03" not in binding(profile)
    assert {"EXIT-EXP-01", "EXIT-DOC-01", "EXIT-SEC-03"} <= binding(profile)


GATED = """
profile: gated
version: 0.1.0
title: Gated
requirements:
  - id: G-1
    level: SHALL
    text: It has a plan, if it has patients.
    source: house rules
    method: documented
%s    tests: [{probe: {documents: {}}, expect: [{exit-plan-valid: {}}]}]
"""


@pytest.mark.parametrize(("gate", "code"), [("", 1), ("    when: [{declares: {resource: Patient}}]\n", 4)])
def test_only_who_asks_nothing_of_the_target_goes_without_it(tmp_path, gate, code):
    (tmp_path / "gated.yaml").write_text(GATED % gate)
    nowhere = ("--url", "http://127.0.0.1:9/fhir", "--out", tmp_path / "run", "--views", "none", "--quiet")
    assert command("run", tmp_path / "gated.yaml", *nowhere) == code
