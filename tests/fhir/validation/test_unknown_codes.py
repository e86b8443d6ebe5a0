"""Codes that their own code system does not have."""

import pytest
from explaining import base, errors, profile, validator

SYSTEM = "http://s.test/CodeSystem/colours"
VALUE_SET = {
    "resourceType": "ValueSet",
    "url": "http://s.test/ValueSet/colours",
    "status": "draft",
    "compose": {"include": [{"system": SYSTEM}]},
}
UNKNOWN = "code-unknown-in-system"


def colours(**more):
    return {
        "resourceType": "CodeSystem",
        "url": SYSTEM,
        "status": "draft",
        "version": "2",
        "content": "complete",
        "caseSensitive": True,
        "concept": [{"code": "red", "concept": [{"code": "dark-red"}]}],
        **more,
    }


def basic(code, **more):
    return {"resourceType": "Basic", "code": {"coding": [{"system": SYSTEM, "code": code, **more}]}}


@pytest.mark.parametrize(
    ("system", "coding", "count"),
    [
        ({}, {"code": "red"}, 0),
        ({}, {"code": "dark-red"}, 0),
        ({}, {"code": "grey"}, 1),
        ({}, {"code": "Red"}, 1),
        ({"caseSensitive": False}, {"code": "Red"}, 0),
        ({}, {"code": "grey", "version": "2"}, 1),
        ({}, {"code": "grey", "version": "3"}, 0),
        ({"content": "fragment"}, {"code": "grey"}, 0),
        ({"content": "example"}, {"code": "grey"}, 0),
        ({"compositional": True}, {"code": "grey"}, 0),
        ({"count": 9}, {"code": "grey"}, 0),
    ],
)
def test_a_code_is_one_of_its_complete_system(system, coding, count):
    outcome = validator(colours(**system), structures=()).explain_resource(basic(**coding))
    assert errors(outcome) == [(UNKNOWN, "Basic.code.coding[0].code")] * count


@pytest.mark.parametrize(
    ("system", "code", "count"),
    [
        ("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis", 0),
        ("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagn", 1),
        ("http://loinc.org", "9279-1", 0),
        ("http://loinc.org", "9279-2", 1),
        ("http://s.test/not-loaded", "x", 0),
    ],
)
def test_shipped_systems_and_those_of_a_known_form(system, code, count):
    resource = {"resourceType": "Basic", "code": {"coding": [{"system": system, "code": code}]}}
    assert errors(base().explain_resource(resource)) == [(UNKNOWN, "Basic.code.coding[0].code")] * count


@pytest.mark.parametrize(
    ("strength", "expected"),
    [
        ("required", [("code-not-in-required", "Basic.code")]),
        ("extensible", [(UNKNOWN, "Basic.code.coding[0].code")]),
    ],
)
def test_a_code_that_a_required_binding_tells_is_told_once(strength, expected):
    row = {"path": "code", "binding": {"strength": strength, "valueSet": VALUE_SET["url"]}}
    asked = validator(profile("Basic", row), VALUE_SET, colours())
    assert errors(asked.explain_resource(basic("grey"))) == expected


def test_a_required_binding_that_is_met_hides_no_unknown_code():
    row = {"path": "code", "binding": {"strength": "required", "valueSet": VALUE_SET["url"]}}
    resource = basic("grey")
    resource["code"]["coding"].append({"system": SYSTEM, "code": "red"})
    found = errors(validator(profile("Basic", row), VALUE_SET, colours()).explain_resource(resource))
    assert found == [(UNKNOWN, "Basic.code.coding[0].code")]
