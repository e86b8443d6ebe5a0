"""Resources judged against structures: each kind of rule by itself, and what cannot be judged never a pass."""

import pytest
from saw import bundle, evidence, exchange, patient

from conformance.checks.structures import meets_structure, valid_resources
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.shipped import Shipped
from conformance.fhir.packages.package import Package
from conformance.model.evidence import Remark

ASPECTS = ("content", "values", "codes", "extensions", "references", "contained", "invariants")
R4 = "http://hl7.org/fhir/StructureDefinition"
OWN = "https://example.org/fhir/StructureDefinition/own-patient"
BIRTH = {
    "resourceType": "StructureDefinition",
    "url": OWN,
    "name": "OwnPatient",
    "status": "draft",
    "fhirVersion": "4.0.1",
    "kind": "resource",
    "abstract": False,
    "type": "Patient",
    "baseDefinition": f"{R4}/Patient",
    "derivation": "constraint",
    "differential": {"element": [{"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1}]},
}


def sampled(*resources, **more):
    return evidence(exchange("/Patient?_count=100", body=bundle(*resources), label="sampled"), **more)


def told(findings):
    return [str(each) for each in findings if not isinstance(each, Remark)]


def with_package(*resources, lacking=()):
    seen = sampled(*resources)
    found = Definitions((Package.of_resources([BIRTH]), Shipped()))
    return type(seen)(**{**vars(seen), "definitions": found, "lacking": lacking})


@pytest.mark.parametrize(
    ("wrong", "aspect", "said"),
    [
        ({"legacyCode": "x"}, "content", "'legacyCode'"),
        ({"link": [{"other": {"reference": "Patient/2"}}]}, "content", "Patient.link.type is missing"),
        ({"multipleBirthString": "2"}, "content", "multipleBirth"),
        ({"birthDate": "1970-13-01"}, "values", "Patient.birthDate"),
        ({"gender": "man"}, "codes", "'man'"),
        (
            {"extension": [{"url": f"{R4}/questionnaire-hidden", "valueBoolean": True}]},
            "extensions",
            "may stand on",
        ),
        ({"managingOrganization": {"reference": "Patient/2"}}, "references", "leads to Patient"),
        ({"managingOrganization": {"reference": "#org"}}, "contained", "#org names no resource"),
        ({"contact": [{"gender": "male"}]}, "invariants", "pat-1"),
    ],
)
def test_each_error_is_told_by_the_requirement_of_its_kind_and_by_no_other(wrong, aspect, said):
    seen = sampled(patient(1), patient(2, **wrong))
    for each in ASPECTS:
        found = told(valid_resources(seen, aspect=each))
        assert bool(found) is (each == aspect), (each, found)
    (finding,) = told(valid_resources(seen, aspect=aspect))
    assert said in finding
    assert finding.startswith("GET /r4/Patient?_count=100 gave Patient/2 at fault: Patient")


def test_equal_problems_are_told_once_with_their_number():
    seen = sampled(*(patient(number, legacyCode="x") for number in range(30)))
    (finding,) = told(valid_resources(seen, aspect="content"))
    assert "Patient/0, Patient/1, Patient/2 and 27 more" in finding
    assert finding.endswith("30 times in 30 resources")


def test_valid_resources_pass_and_what_could_not_be_judged_is_said():
    unknown = {"url": "https://example.com/unknown-extension", "valueString": "x"}
    found = list(valid_resources(sampled(patient(1, extension=[unknown])), aspect="extensions"))
    assert all(isinstance(each, Remark) for each in found)
    assert any("1 resources were judged" in each for each in found)
    assert any(
        "not judged, 1 times: the extension https://example.com/unknown-extension" in each for each in found
    )


@pytest.mark.parametrize("aspect", [*ASPECTS, "claims", "vital-signs"])
def test_without_resources_there_is_nothing_to_judge(aspect):
    with pytest.raises(NoData):
        list(valid_resources(sampled(), aspect=aspect))
    with pytest.raises(NoData):
        list(valid_resources(sampled(patient(1)), aspect=aspect, kind="Observation"))


def weight(**more):
    return {
        "resourceType": "Observation",
        "id": "w",
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
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2024-01-01",
        "valueQuantity": {
            "value": 80,
            "unit": "kg",
            "system": "http://unitsofmeasure.org",
            "code": "kg",
        },
        **more,
    }


def test_a_vital_sign_that_is_none_is_told_as_such():
    heavy = weight(valueQuantity={"value": 80, "system": "http://unitsofmeasure.org", "code": "kg"})
    assert not told(valid_resources(sampled(weight()), aspect="vital-signs"))
    (finding,) = told(valid_resources(sampled(heavy), aspect="vital-signs"))
    assert "unit" in finding
    assert not told(valid_resources(sampled(heavy), aspect="content"))
    with pytest.raises(NotApplicable, match="vital sign"):
        list(valid_resources(sampled(patient(1)), aspect="vital-signs"))


def test_a_claim_is_held_to_and_told_as_a_claim():
    claiming = weight(meta={"profile": [f"{R4}/bp"]})
    assert told(valid_resources(sampled(claiming), aspect="claims"))
    assert not told(valid_resources(sampled(claiming), aspect="vital-signs"))
    light = weight(meta={"profile": [f"{R4}/bodyweight"]}, valueQuantity={"value": 80})
    assert told(valid_resources(sampled(light), aspect="vital-signs"))  # binds whether it is claimed or not
    assert not told(valid_resources(sampled(light), aspect="claims"))
    assert not told(valid_resources(sampled(weight(meta={"profile": [f"{R4}/bodyweight"]})), aspect="claims"))


def test_a_claim_that_nobody_makes_or_nobody_knows_is_no_pass():
    with pytest.raises(NotApplicable, match="claims"):
        list(valid_resources(sampled(patient(1)), aspect="claims"))
    unknown = patient(1, meta={"profile": ["https://example.com/fhir/StructureDefinition/x"]})
    with pytest.raises(NotJudgeable, match="defines what is claimed"):
        list(valid_resources(sampled(unknown), aspect="claims"))


def test_a_structure_of_a_package_is_met_or_not():
    assert not told(meets_structure(with_package(patient(1, birthDate="1970-01-01")), structure=OWN))
    (finding,) = told(
        meets_structure(with_package(patient(1, birthDate="1970-01-01"), patient(2)), structure=OWN)
    )
    assert "Patient/2 at fault: Patient: Patient.birthDate is missing" in finding


def test_only_those_that_claim_a_structure_are_looked_at_where_that_is_asked():
    claiming = patient(1, meta={"profile": [f"{OWN}|1.0.0"]})
    seen = with_package(claiming, patient(2))
    (finding,) = told(meets_structure(seen, structure=OWN, applies="claimed"))
    assert "Patient/1" in finding
    assert "Patient/2" not in finding
    with pytest.raises(NoData, match="that claims the structure"):
        list(meets_structure(with_package(patient(2)), structure=OWN, applies="claimed"))


def test_a_structure_that_no_package_defines_is_untested_with_the_way_out():
    lacking = ("the package own@1.0.0 is not in the package cache (~/.fhir/packages)",)
    seen = sampled(patient(1))
    with pytest.raises(NoData, match="--package"):
        list(meets_structure(seen, structure=OWN))
    seen = type(seen)(**{**vars(seen), "lacking": lacking})
    with pytest.raises(NoData, match="is not in the package cache"):
        list(meets_structure(seen, structure=OWN))
