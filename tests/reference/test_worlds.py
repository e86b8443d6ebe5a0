"""The worlds of the reference supplier: chosen by name or by the fault's profile, else the plain one."""

import importlib

import pytest
from test_population import SNOMED, each, verhoeff

from conformance.catalog import built_in
from conformance.reference.__main__ import main
from conformance.reference.faults.table import FAULTS
from conformance.reference.process_setup import Mistake, Options, filled_store
from conformance.reference.worlds.table import PLAIN, WORLDS, world_for, world_of
from conformance.session.suites import profile_named

BASE = "https://epr.example/fhir"


def test_a_profile_that_no_world_names_is_shown_on_the_plain_one():
    assert world_of("fhir-r4-base") is PLAIN


def test_no_profile_is_named_by_two_worlds():
    named = [profile for world in WORLDS.values() for profile in world.profiles]
    assert len(named) == len(set(named))


def test_a_fault_brings_the_world_of_its_profile():
    for fault in FAULTS:
        assert world_for(None, fault.name) is world_of(fault.profile)


@pytest.mark.parametrize("name", WORLDS)
def test_every_profile_that_a_world_names_is_shipped(name):
    for profile in WORLDS[name].profiles:
        assert profile_named(profile, built_in()).profile == profile


def test_a_world_that_there_is_not_is_told_with_the_closest_name(tmp_path):
    with pytest.raises(Mistake, match=r"no world named 'plane'.*plain"):
        filled_store(Options(world="plane"), tmp_path, "https://epr.example/fhir")


def test_the_command_refuses_a_world_that_there_is_not(capsys):
    assert main(["--world", "plane"]) == 2
    assert "no world named 'plane'" in capsys.readouterr().err


@pytest.fixture(scope="module", params=["app", "vaccination"])
def records(request):
    world = WORLDS[request.param]
    return [world.placed(one, BASE) for one in world.population(7, 18, "https://harbour-epr.example")]


def test_the_records_of_a_world_are_valid_r4(records):
    for one in records:
        module = importlib.import_module(f"fhir.resources.R4B.{one['resourceType'].lower()}")
        getattr(module, one["resourceType"]).model_validate(one)


def test_the_codes_of_a_world_are_whole_and_its_records_marked_as_test_data(records):
    codes = {
        value["code"]
        for one in records
        for value in each(one)
        if isinstance(value, dict) and value.get("system") == SNOMED
    }
    assert [code for code in codes if not verhoeff(code)] == []
    assert all(one["meta"]["tag"][0]["code"] == "HTEST" for one in records)


def test_the_references_of_a_world_lead_somewhere(records):
    there = {f"{one['resourceType']}/{one['id']}" for one in records}
    asked = {
        value["reference"].partition("/_history/")[0]
        for one in records
        for value in each(one)
        if isinstance(value, dict) and isinstance(value.get("reference"), str)
    }
    assert asked <= there


def test_the_records_of_a_world_are_the_same_each_time():
    for name in ("app", "vaccination"):
        made = [list(WORLDS[name].population(3, 6, BASE)) for _ in range(2)]
        assert made[0] == made[1]
