"""The worlds of the reference supplier: chosen by name or by the fault's profile, else the plain one."""

import pytest

from conformance.catalog import built_in
from conformance.reference.__main__ import main
from conformance.reference.faults import FAULTS
from conformance.reference.process_setup import Mistake, Options, filled_store
from conformance.reference.worlds import PLAIN, WORLDS, world_for, world_of
from conformance.session.suites import profile_named


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
