"""What codes and urls alone ask for is seen by the quick path as well: unknown codes, vital signs, parts, slices."""

import copy

import pytest
from explaining import profile

from conformance.fhir.definitions import r4
from conformance.fhir.packages.package import from_resources
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.validator import Validator

LOINC = "http://loinc.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
RATE = {
    "resourceType": "Observation",
    "status": "final",
    "category": [{"coding": [{"system": CATEGORY, "code": "vital-signs"}]}],
    "code": {"coding": [{"system": LOINC, "code": "9279-1"}]},
    "subject": {"reference": "Patient/1"},
    "effectiveDateTime": "2020-01-01",
    "valueQuantity": {"value": 12, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
}
WHOLE = {
    **profile(
        "Extension",
        {
            "path": "extension",
            "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"},
        },
        {"path": "extension", "id": "extension:one", "sliceName": "one"},
        {"path": "extension.url", "id": "extension:one.url", "fixedUri": "one"},
        {"path": "url", "fixedUri": "http://test.example/StructureDefinition/whole"},
        {"path": "value[x]", "max": "0"},
        name="whole",
    ),
    "context": [{"type": "element", "expression": "Patient"}],
}


def rate(path, value):
    """The respiratory rate with one place changed, or taken away where the value is None."""
    made = copy.deepcopy(RATE)
    *holders, name = path
    place = made
    for step in holders:
        place = place[step]
    if value is None:
        del place[name]
    else:
        place[name] = value
    return made


@pytest.mark.parametrize(
    ("resource", "accepted"),
    [
        (RATE, True),
        (rate(["valueQuantity", "unit"], None), False),
        (rate(["category"], None), False),
        (rate(["code", "coding"], [{"system": LOINC, "code": "9279-2"}]), False),
        (rate(["code", "coding"], [{"system": LOINC, "code": "8251-1"}]), True),
        (rate(["category", 0, "coding", 0, "code"], "vital"), False),
    ],
)
def test_codes(acceptor, validator, resource, accepted):
    assert acceptor.accepts(resource) is accepted
    assert validator.explain_resource(resource).valid is accepted


@pytest.mark.parametrize("walk", ["pure", "compiled"])
@pytest.mark.parametrize(("url", "accepted"), [("one", True), ("two", False)])
def test_parts_of_an_extension(made, walk, url, accepted):
    definitions = from_resources([WHOLE], base=r4())
    part = {"url": url, "valueString": "x"}
    resource = {"resourceType": "Patient", "extension": [{"url": WHOLE["url"], "extension": [part]}]}
    assert made(walk, definitions).accepts(resource) is accepted
    assert Validator(definitions, Terminology(definitions)).explain_resource(resource).valid is accepted


@pytest.mark.parametrize("walk", ["pure", "compiled"])
def test_a_slice_of_a_choice_that_must_be_there(made, walk):
    definition = profile("Observation", {"path": "valueCodeableConcept", "min": 1})
    acceptor = made(walk, from_resources([definition], base=r4()), (definition["url"],))
    start = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert acceptor.accepts(start | {"valueCodeableConcept": {"text": "x"}})
    assert not acceptor.accepts(start)
