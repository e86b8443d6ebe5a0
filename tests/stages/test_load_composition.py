"""What a profile may change of those that it extends, and what is told of it."""

import datetime as dt
import re

import pytest
from test_load import loaded, mistakes

from conformance.model.base import sha256
from conformance.model.policy import advice

BASE = """
    profile: base
    version: 0.4.0
    title: All there is
    parameters:
      notice: {default: P2M, basis: a law}
      secret: {default: "", buyerOnly: true}
    requirements:
      - {id: B-1, level: SHALL, text: First., source: "s1", untested: "not yet, ${notice} ${secret}"}
      - {id: B-2, level: SHOULD, text: Second., source: s2, untested: x}
      - {id: B-3, level: SHALL NOT, text: Third., source: s3, untested: x}
      - {id: B-4, level: MAY, text: Fourth., source: s4, untested: x}
"""
MINE = """
    profile: it
    version: 0.1.0
    title: Mine
    extends: [%s]
    %s
"""


def mine(more="", extends="base", **others):
    return loaded(MINE % (extends, more), **({"base": BASE} | others))


def told(more="", extends="base", **others):
    return mistakes(MINE % (extends, more), **({"base": BASE} | others))


@pytest.mark.parametrize(
    "extends", ['"base@>=0.3,<1"', "base@0.4.0", '{profile: base, version: ">0.3.9"}', "base"]
)
def test_a_base_in_the_range_is_taken_and_pinned_by_the_digest_of_what_it_came_to(extends):
    (base,) = mine(extends=extends).bases
    assert (base.profile, base.version) == ("base", "0.4.0")
    assert base.sha256 == sha256(loaded(BASE).canonical())


@pytest.mark.parametrize(
    ("extends", "said"),
    [
        ('"base@>=0.5,<1"', "asks for base >=0.5,<1, but 0.4.0 is what there is"),
        ("base@^0.4", "is no bound of a version"),
        ("other", "asks for 'other', but the profile in that file is named 'base'"),
    ],
)
def test_a_base_that_cannot_be_taken_is_told_at_its_place(extends, said):
    (one,) = told(extends=extends, other=BASE)
    assert one.startswith("it.yaml:5:11: ")
    assert said in one


def test_a_level_is_raised_with_its_reason_and_the_profile_tells_so():
    profile = mine("overrides: [{requirement: B-2, level: SHALL, reason: wards rely on it}]")
    assert {r.id: r.level for r in profile.requirements}["B-2"] == "SHALL"
    (change,) = profile.changes
    assert (change.kind, change.name, change.was, change.now) == ("raised", "B-2", "SHOULD", "SHALL")
    assert (change.of, change.by, change.reason) == ("base@0.4.0", "it@0.1.0", "wards rely on it")


def test_a_level_is_lowered_by_a_named_derogation_only():
    lowered = "overrides: [{requirement: B-1, level: SHOULD, reason: old ward%s}]"
    (one,) = told(lowered % "")
    assert one.startswith("it.yaml:6:14: 'B-1' is SHALL in base@0.4.0: lowering it to SHOULD needs a named")
    (change,) = mine(lowered % ", derogation: NHSE-7").changes
    assert (change.kind, change.derogation) == ("lowered", "NHSE-7")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("{requirement: B-2, level: SHALL}", "the member 'reason' is missing"),
        ("{requirement: B-2, level: SHALL, reason: ''}", "reason: must not be empty"),
        ("{requirement: B-2, level: SHALL NOT, reason: r}", "which cannot become SHALL NOT"),
        ("{requirement: B-3, level: SHALL, reason: r}", "which cannot become SHALL: that says the opposite"),
        ("{requirement: B-1, level: SHALL, reason: r}", "has the level SHALL already"),
        ("{requirement: B-9, level: SHALL, reason: r}", "is none that it takes over; did you mean 'B-"),
        ("{requirement: B-1, level: SHALL, requiredFrom: 2027-01-01, reason: r}", "needs a named `derogation`"),
        ("{requirement: B-2, level: SHALL, reason: r}, {requirement: 'B-*', level: SHALL, reason: r, derogation: d}",
         "the level of 'B-2' is overridden twice: first as number 1"),
    ],
)  # fmt: skip
def test_an_override_that_cannot_be_is_told(override, said):
    assert any(said in one for one in told(f"overrides: [{override}]"))


def test_a_raised_level_may_bind_from_a_day_on():
    profile = mine(
        "overrides: [{requirement: B-2, level: SHALL, requiredFrom: 2027-04-01, reason: time to build it}]"
    )
    before, on = (
        advice(profile.advisories, "B-2", {}, day) for day in (dt.date(2027, 3, 31), dt.date(2027, 4, 1))
    )
    assert (before, on) == ("required from 2027-04-01", "")


def test_a_requirement_advises_before_the_day_from_which_it_is_required():
    requirement = (
        "requirements: [{id: M-1, level: %s, text: t, source: s, untested: u, requiredFrom: 2027-04-01}]"
    )
    profile = mine(requirement % "SHALL")
    assert advice(profile.advisories, "M-1", {}, dt.date(2026, 12, 31)) == "required from 2027-04-01"
    assert not advice(profile.advisories, "M-1", {}, dt.date(2027, 4, 1))
    (one,) = told(requirement % "SHOULD")
    assert "SHOULD is never required" in one


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("notice: {default: P1M}", "is set otherwise: say why, as its `basis`"),
        ("notice: {default: 7, basis: b}", "is to be str, as where it comes from"),
        ("secret: {default: x, basis: b}", "say `buyerOnly: true` here too"),
    ],
)
def test_a_parameter_of_a_base_is_set_otherwise_with_a_reason(parameter, said):
    assert any(said in one for one in told(f"parameters: {{{parameter}}}"))


def test_a_parameter_that_was_set_otherwise_is_told_with_both_values():
    (change,) = mine("parameters: {notice: {default: P1M, basis: our law}}").changes
    assert (change.kind, change.name, change.was, change.now) == ("parameter", "notice", "P2M", "P1M")
    assert change.reason == "our law"


def test_what_two_bases_set_differently_is_for_the_profile_to_settle():
    other = re.sub("B-", "C-", BASE).replace("profile: base", "profile: other").replace("P2M", "P6M")
    (one,) = told(extends="base, other", other=other)
    assert "the parameter 'notice' is 'P2M' in base@0.4.0 and 'P6M' in other@0.4.0: set it here" in one
    assert mine("parameters: {notice: {default: P3M, basis: we}}", extends="base, other", other=other)


def test_two_files_with_one_name_are_told_apart():
    (one,) = told(extends="base, ./copy.yaml", **{"./copy.yaml": BASE})
    assert "is a profile named 'base' too: one name, one profile" in one


def test_what_was_left_out_of_a_base_is_told():
    (change,) = mine(extends="{profile: base, without: [B-1]}").changes
    assert (change.kind, change.was, change.now) == ("left out", 4, 3)
    assert change.reason == "without: B-1"


def test_what_a_base_changed_is_told_of_who_extends_it():
    middle = MINE.replace("profile: it", "profile: middle") % (
        "base", "overrides: [{requirement: B-2, level: SHALL, reason: r}]"
    )  # fmt: skip
    assert [c.name for c in mine(extends="middle", middle=middle).changes] == ["B-2"]
    assert [c.name for c in mine(extends="{profile: middle, only: [B-1]}", middle=middle).changes] == [
        "requirements"
    ]


def test_an_advisory_that_always_holds_needs_a_named_derogation():
    (one,) = told("advisories: [{requirements: [B-1], reason: r}]")
    assert "name the `derogation` that lets it" in one
    advisories = mine("advisories: [{requirements: [B-1], reason: r, derogation: D-1}]").advisories
    assert advice(advisories, "B-1", {}, dt.date(2027, 1, 1)) == "r (derogation D-1)"


def test_a_circle_is_told_with_all_that_are_in_it():
    one = MINE.replace("profile: it", "profile: a") % ("b", "")
    two = MINE.replace("profile: it", "profile: b") % ("it", "")
    assert any("(it.yaml > a.yaml > b.yaml > it.yaml)" in said for said in told(extends="a", a=one, b=two))


def test_profiles_that_each_extend_the_two_before_them_are_loaded_once_each():
    ladder = {"p0": MINE.replace("profile: it", "profile: p0") % ("base", "")}
    for n in range(1, 40):
        below = f"p{n - 1}" + (f", p{n - 2}" if n > 1 else "")
        ladder[f"p{n}"] = MINE.replace("profile: it", f"profile: p{n}") % (below, "")
    assert len(mine(extends="p39, p38", **ladder).requirements) == 4


def test_too_long_a_row_of_profiles_ends_with_a_message():
    row = {f"p{n}": MINE.replace("profile: it", f"profile: p{n}") % (f"p{n + 1}", "") for n in range(60)}
    assert any("more than 50 profiles extend one another" in one for one in told(extends="p0", **row))
