"""Definitions of FHIR STU3: the tester's own, kept apart from those of R4, and pinned like any others."""

import pytest
import stu3_stand_in

from conformance.errors import UsageError
from conformance.session.packages import packages_again, packages_for

SLOT = f"{stu3_stand_in.GP_CONNECT}GPConnect-Slot-1"


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    return stu3_stand_in.stand_in(tmp_path_factory.mktemp("stu3"))


def test_a_profile_for_stu3_is_judged_by_the_testers_own_core(given):
    found = packages_for((), given, "3.0.1").definitions
    assert found.fhir_version.startswith("3.0")
    assert found.structure(SLOT).type == "Slot"
    assert found.type("HealthcareService") is None, "R4 has it, and is not beneath"


def test_the_pinned_packages_are_found_again_with_the_same_base(given):
    first = packages_for((), given, "3.0.1")
    again = packages_again(first.pins, given, "3.0.1")
    assert again.missing == ()
    assert again.definitions.packages == first.definitions.packages
    assert again.definitions.type("HealthcareService") is None


def test_without_a_core_of_stu3_it_says_which_package_is_needed(given, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match=r"FHIR 3\.0\.1.*hl7\.fhir\.r3\.core"):
        packages_for((), given[1:], "3.0.1")


def test_without_any_package_nothing_is_defined():
    assert packages_for((), (), "3.0.1").definitions is None
