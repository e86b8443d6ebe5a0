"""The profiles of the Bulk Data guide hold every statement of their edition, at its level, and of no other edition."""

import csv
from pathlib import Path

import pytest

from conformance.catalog import built_in
from conformance.errors import UsageError
from conformance.model.profile import Method
from conformance.session.overrides import checked_overrides
from conformance.session.suites import profile_named

STATEMENTS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "bulk-requirements.csv"
EDITIONS = {
    "bulk-data-export-stu2": ("2", "STU2"),
    "bulk-data-export": ("3", "STU3"),
    "bulk-data-export-ballot": ("4b", "4.0.0-202609-ballot"),
}
FIRMER = {"BDE-MAN-14"}
"""The guide lets a server leave it out, and says what it is where it is there: then it is to be true."""
APART = {"BDE-LEVEL-12", "BDE-MAN-05:counted"}
"""Halves of other statements that bind by themselves: who exports groups at all (BDE-LEVEL-03) exports members only;
what was changed up to the transactionTime (BDE-MAN-05) is held against what searches count.
"""


def statements(version):
    if not STATEMENTS.is_file():
        pytest.skip("the list of statements is not at hand")
    with STATEMENTS.open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: row["strength"] for row in csv.DictReader(file) if version in row["versions"].split()
        }


@pytest.fixture(scope="module", params=EDITIONS)
def profile(request):
    return profile_named(request.param, built_in())


def test_each_statement_of_the_edition_is_a_requirement_and_no_other(profile):
    version, _ = EDITIONS[profile.profile]
    expected = statements(version)
    if version == "4b":
        expected |= statements("draft")
    found = {requirement.id: requirement.level.value for requirement in profile.requirements}
    assert found.keys() == expected.keys() | APART
    different = {name for name, level in expected.items() if level != found[name]}
    assert different <= FIRMER


def test_each_statement_about_backend_services_is_a_requirement():
    found = {r.id: r.level.value for r in profile_named("smart-backend-services", built_in()).requirements}
    for name, level in statements("2.2").items():
        assert found[name] == level, name


def test_each_source_is_of_the_edition_that_is_tested(profile):
    _, edition = EDITIONS[profile.profile]
    for requirement in profile.requirements:
        if not requirement.id.startswith("BDI-"):
            assert requirement.source.startswith(f"https://hl7.org/fhir/uv/bulkdata/{edition}/"), (
                requirement.id
            )


def test_an_edition_cannot_be_turned_into_another(profile):
    assert profile.parameters["bulk_edition"].default == EDITIONS[profile.profile][1]
    with pytest.raises(UsageError, match="part of what the profile"):
        checked_overrides({"bulk_edition": "STU2"}, profile)
    assert checked_overrides({"tls_min": "1.3"}, profile) == {"tls_min": "1.3"}


def test_what_is_not_tested_says_why(profile):
    for requirement in profile.requirements:
        assert requirement.tests or requirement.untested or requirement.out_of_scope, requirement.id
    binding = [r for r in profile.requirements if r.level.binding and r.untested]
    assert not binding


def test_most_of_what_a_black_box_can_see_is_tested():
    requirements = profile_named("bulk-data-export", built_in()).requirements
    tested = [r for r in requirements if r.method is Method.AUTOMATED and r.tests]
    assert len(tested) > 140


def test_the_ballot_is_a_draft():
    assert profile_named("bulk-data-export-ballot", built_in()).status == "draft"
