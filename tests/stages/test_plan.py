"""Planning: a function of profile and seed, in which no requirement moves the cases of another."""

from typing import Any

import pytest
from own_parts import catalog_of
from small_profiles import WRITING

from conformance.catalog import built_in
from conformance.errors import UnknownName
from conformance.model.profile import Method, Profile
from conformance.model.suite import Suite
from conformance.plugin import generator
from conformance.stages.load import load
from conformance.stages.plan import plan


class Library:
    def text(self, _name: str) -> tuple[str, str]:
        return WRITING, "small.yaml"


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load("small", Library(), built_in())


@generator("coin")
def coin() -> Any:
    """Heads or tails."""
    from hypothesis import strategies as st

    return st.sampled_from(["heads", "tails"])


def with_draw(profile: Profile, name: str, examples: int) -> Profile:
    """The profile with this generator and number of examples in the requirement that creates."""
    plain = profile.plain()
    plain["requirements"][-1]["tests"][0] |= {"draw": {"family": {name: {}}}, "examples": examples}
    return Profile.model_validate(plain)


def test_the_same_profile_and_seed_give_the_same_bytes(profile):
    assert plan(profile, 7, built_in()).canonical() == plan(profile, 7, built_in()).canonical()


def test_another_seed_draws_other_values_for_the_same_cases(profile):
    one, other = plan(profile, 7, built_in()), plan(profile, 8, built_in())
    assert [t.id for t in one.templates] == [t.id for t in other.templates]
    assert [t.values for t in one.templates] != [t.values for t in other.templates]


@pytest.mark.parametrize("left_out", range(6))
def test_leaving_out_a_requirement_moves_no_other_case(profile, left_out):
    kept = [r for index, r in enumerate(profile.requirements) if index != left_out]
    smaller = profile.model_copy(update={"requirements": tuple(kept)})
    whole = [t for t in plan(profile, 7, built_in()).templates if t.requirement in {r.id for r in kept}]
    assert list(plan(smaller, 7, built_in()).templates) == whole


def test_every_drawn_value_is_written_down_and_distinct(profile):
    drawn = [
        t.values["family"] for t in plan(profile, 7, built_in()).templates if t.requirement == "S-CREATE"
    ]
    assert len(drawn) == len(set(drawn)) == 8
    assert all(name.startswith("HTEST-") for name in drawn)


def test_where_there_are_too_few_values_they_come_again(profile):
    suite = plan(with_draw(profile, "coin", 5), 7, catalog_of(coin))
    drawn = [t.values["family"] for t in suite.templates if t.requirement == "S-CREATE"]
    assert len(drawn) == 5
    assert set(drawn) == {"heads", "tails"}


def test_slots_are_named_with_a_choice_that_differs_from_example_to_example(profile):
    slots = [t.slots["p"] for t in plan(profile, 7, built_in()).templates if t.requirement == "S-READ"]
    assert {slot.path for slot in slots} == {"Patient.id"}
    assert [slot.choice - slots[0].choice for slot in slots] == [0, 1, 2]


def test_cases_are_numbered_within_their_requirement(profile):
    ids = [t.id for t in plan(profile, 7, built_in()).templates if t.requirement == "S-READ"]
    assert ids == ["S-READ/1", "S-READ/2", "S-READ/3"]


def test_the_gates_of_requirement_and_test_come_together(profile):
    plain = profile.plain()
    plain["requirements"][1]["tests"][0]["when"] = [{"declares": {"operation": "export"}}]
    suite = plan(Profile.model_validate(plain), 7, built_in())
    gates = next(t.when for t in suite.templates if t.requirement == "S-READ")
    assert [call.arguments for call in gates] == [
        {"resource": "Patient", "interaction": "read"},
        {"operation": "export"},
    ]


def test_what_is_out_of_scope_or_has_no_test_has_no_case(profile):
    last = profile.requirements[-1].model_copy(
        update={"method": Method.OUT_OF_SCOPE, "out_of_scope": "binds the client"}
    )
    smaller = profile.model_copy(update={"requirements": (*profile.requirements[:-1], last)})
    planned = {t.requirement for t in plan(smaller, 7, built_in()).templates}
    assert planned == {"S-META", "S-READ", "S-EACH", "S-UNKNOWN", "S-SEARCH"}


def test_a_suite_reads_back_as_it_was_written(profile):
    suite = plan(profile, 7, built_in())
    assert Suite.read(suite.canonical()) == suite


def test_a_generator_that_is_not_there_is_named(profile):
    with pytest.raises(UnknownName, match="no generator named 'coin'"):
        plan(with_draw(profile, "coin", 1), 7, built_in())


@pytest.mark.parametrize(("enumerator", "choices"), [("known-set", 1), ("resource-type", 2)])
def test_tests_that_ask_alike_have_one_choice_and_another_seed_gives_another(profile, enumerator, choices):
    plain = profile.plain()
    plain["requirements"] = plain["requirements"][:2]
    for requirement in plain["requirements"]:
        requirement["tests"] = [{**requirement["tests"][0], "each": {enumerator: {}}, "examples": 1}]
    asked = Profile.model_validate(plain)
    found = {seed: {t.each.choice for t in plan(asked, seed, built_in()).templates} for seed in (7, 8)}
    assert [len(each) for each in found.values()] == [choices] * 2
    assert found[7].isdisjoint(found[8])
