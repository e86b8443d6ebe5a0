"""Whose record a resource belongs to, by every parameter of the Patient compartment."""

import pytest

from conformance.fhir.compartments import PARAMETERS, owners
from conformance.fhir.search.parameters import held_values, known, published

RESOURCES = [
    ({"resourceType": "Observation", "subject": {"reference": "Patient/p1"}}, {"p1"}),
    (
        {
            "resourceType": "Observation",
            "performer": [{"reference": "Practitioner/d"}, {"reference": "Patient/p2"}],
        },
        {"p2"},
    ),
    (
        {
            "resourceType": "Appointment",
            "participant": [
                {"actor": {"reference": "https://x.example/fhir/Patient/p3/_history/2"}},
                {"actor": {"reference": "Location/l"}},
            ],
        },
        {"p3"},
    ),
    (
        {"resourceType": "AuditEvent", "entity": [{"what": {"reference": "Patient/p4"}}], "agent": []},
        {"p4"},
    ),
    (
        {
            "resourceType": "Coverage",
            "subscriber": {"reference": "Patient/a"},
            "payor": [{"reference": "Patient/b"}],
        },
        {"a", "b"},
    ),
    ({"resourceType": "Patient", "id": "p5", "link": [{"other": {"reference": "Patient/p6"}}]}, {"p5", "p6"}),
    ({"resourceType": "SupplyRequest", "deliverTo": {"reference": "Patient/p7"}}, {"p7"}),
    ({"resourceType": "Encounter", "subject": {"reference": "Group/g"}}, set()),
    ({"resourceType": "Organization", "id": "o"}, set()),
    ({"resourceType": "Observation", "subject": "Patient/p1"}, set()),
    ({"resourceType": "Claim", "payee": "nobody", "patient": [{"reference": 3}]}, set()),
    ({}, set()),
    ({"resourceType": ["Patient"]}, set()),
]


@pytest.mark.parametrize(("resource", "expected"), RESOURCES)
def test_owners(resource, expected):
    assert owners(resource).patients == expected
    assert owners(resource).whole


@pytest.mark.parametrize(
    "reference",
    [{"reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}, {"identifier": {"value": "9"}}],
)
def test_who_is_not_named_by_an_id_may_be_anybody(reference):
    assert not owners({"resourceType": "Observation", "subject": reference}).whole


def test_a_contained_subject_is_nobody_who_is_exported():
    assert owners({"resourceType": "Observation", "subject": {"reference": "#p"}}).whole


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in PARAMETERS.items() for name in names]
)
def test_each_parameter_is_published_and_its_path_finds_what_its_fhirpath_finds(kind, name):
    definition = published(kind, name)
    assert definition is not None
    assert definition.type == "reference"
    path = next(p.strip() for p in definition.expression.split("|") if p.strip().startswith(f"{kind}."))
    steps = path.partition(".where")[0].split(".")[1:]
    value = {"reference": "Patient/p"}
    for step in reversed(steps):
        value = {step: [value] if step in {"participant", "activity", "agent", "member", "link"} else value}
    resource = {"resourceType": kind, **value}
    found, whole = held_values(resource, known(kind, name))
    assert whole
    assert [held.value for held in found] == [{"reference": "Patient/p"}]
    assert owners(resource).patients == {"p"}
