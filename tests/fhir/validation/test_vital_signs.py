"""The structures that R4 asks of every vital sign, by the LOINC code that the Observation holds."""

import copy

import pytest
from explaining import BASE, base, errors

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.validation.validator import Validator
from conformance.fhir.validation.vital_signs import vital_signs

LOINC = "http://loinc.org"
RATE = {
    "resourceType": "Observation",
    "status": "final",
    "category": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                    "code": "vital-signs",
                }
            ]
        }
    ],
    "code": {"coding": [{"system": LOINC, "code": "9279-1"}]},
    "subject": {"reference": "Patient/1"},
    "effectiveDateTime": "2020-01-01",
    "valueQuantity": {"value": 12, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
}
NO_UNIT = ("missing", "Observation.value.ofType(Quantity)")


def rate(*, without_unit=False, **more):
    made = copy.deepcopy(RATE) | more
    if without_unit:
        del made["valueQuantity"]["unit"]
    return made


def test_the_codes_come_from_the_structures():
    found = vital_signs(r4())
    assert found[LOINC, "9279-1"] == f"{BASE}resprate"
    assert found[LOINC, "85354-9"] == f"{BASE}bp"
    assert len(set(found.values())) == 10


def test_another_release_asks_for_none():
    assert vital_signs(Definitions(r4().layers, "5.0.0")) == {}


@pytest.mark.parametrize(("without", "expected"), [(False, []), (True, [NO_UNIT])])
def test_a_vital_sign_meets_its_structure_though_it_declares_none(without, expected):
    outcome = base().explain_resource(rate(without_unit=without))
    assert errors(outcome) == expected
    assert {issue.structure for issue in outcome.issues if issue.is_error} == (
        {f"{BASE}resprate"} if expected else set()
    )


def test_the_code_may_be_any_of_several():
    code = {"coding": [{"system": "http://s.test/own", "code": "rr"}, *RATE["code"]["coding"]]}
    assert errors(base().explain_resource(rate(without_unit=True, code=code))) == [NO_UNIT]


def test_another_code_or_system_asks_for_nothing():
    for coding in ({"system": LOINC, "code": "8251-1"}, {"system": "http://s.test/own", "code": "9279-1"}):
        code = {"coding": [coding]}
        assert errors(base().explain_resource(rate(without_unit=True, code=code))) == []


@pytest.mark.parametrize("holder", ["contained", "entry"])
def test_vital_signs_inside_other_resources(holder):
    inner = rate(without_unit=True, id="v")
    whole = (
        {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "code": {"text": "x"},
            "contained": [inner],
            "result": [{"reference": "#v"}],
        }
        if holder == "contained"
        else {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"fullUrl": "urn:uuid:6ab8e3a2-2f1b-4f6c-9a57-6a1c7a4b6f10", "resource": inner}],
        }
    )
    found = errors(base().explain_resource(whole))
    assert [message for message, _ in found] == ["missing"]


def test_a_component_beside_a_vital_sign_may_have_another_unit():
    flow = {"value": 6, "unit": "l/min", "system": "http://unitsofmeasure.org", "code": "L/min"}
    component = [{"code": {"coding": [{"system": LOINC, "code": "3151-8"}]}, "valueQuantity": flow}]
    outcome = base().explain_resource(rate(component=component))
    assert errors(outcome) == []
    assert "code-not-in-extensible" in {issue.message_id for issue in outcome.issues}


def test_without_definitions_of_vital_signs_nothing_is_asked():
    assert (
        errors(Validator(Definitions(r4().layers, "4.3.0")).explain_resource(rate(without_unit=True))) == []
    )
