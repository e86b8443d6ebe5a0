"""What the NHS in England asks of identifiers and codes, in what searches give."""

import pytest
from saw import bundle, evidence, exchange, patient

from conformance.checks.nhs import nhs_data
from conformance.errors import NoData
from conformance.fhir.nhs import VERIFICATION_STATUS
from conformance.model.evidence import Remark

NHS, ODS = "https://fhir.nhs.uk/Id/nhs-number", "https://fhir.nhs.uk/Id/ods-organization-code"
SNOMED, DMD = "http://snomed.info/sct", "https://dmd.nhs.uk"


def told(rule, *resources):
    seen = evidence(exchange("/X", body=bundle(*resources), label="sampled"))
    return [str(each) for each in nhs_data(seen, rule=rule) if not isinstance(each, Remark)]


def with_number(value, **more):
    return patient(1, identifier=[{"system": NHS, "value": value, **more}])


def organisation(*identifiers):
    return {"resourceType": "Organization", "id": "o", "identifier": list(identifiers)}


def medicine(*codings, element="medicationCodeableConcept", kind="MedicationRequest"):
    return {"resourceType": kind, "id": "m", element: {"coding": list(codings)}}


@pytest.mark.parametrize(
    ("rule", "right", "wrong", "said"),
    [
        ("numbers", with_number("9434765919"), with_number("9434765918"), "has the check digit 8, not 9"),
        ("numbers", with_number("9434765919"), with_number("943 476 5919"), "is not ten digits"),
        (
            "verified",
            with_number("9434765919", extension=[{"url": VERIFICATION_STATUS}]),
            with_number("9434765919"),
            "without its verification status",
        ),
        (
            "organisation-codes",
            organisation({"system": ODS, "value": "RX1"}),
            organisation(),
            "has no ODS code",
        ),
        (
            "organisation-codes",
            organisation({"system": ODS, "value": "RX1"}),
            organisation({"system": ODS, "value": "rx-1"}),
            "'rx-1', which is none",
        ),
        (
            "snomed-codes",
            medicine({"system": SNOMED, "code": "319775004"}),
            medicine({"system": DMD, "code": "319775005"}),
            "wrong check digit",
        ),
        (
            "medicines",
            medicine({"system": "urn:local", "code": "1"}, {"system": DMD, "code": "319775004"}),
            medicine({"system": "urn:local", "code": "1"}),
            "whose codes are all of 'urn:local'",
        ),
        (
            "medicines",
            medicine({"system": SNOMED, "code": "319775004"}, element="code", kind="Medication"),
            medicine({"system": "urn:local"}, element="code", kind="Medication"),
            "whose codes are all of 'urn:local'",
        ),
    ],
)
def test_a_rule_is_kept_or_not(rule, right, wrong, said):
    assert told(rule, right) == []
    (finding,) = told(rule, right | {"id": "other"}, wrong)
    assert said in finding
    assert finding.startswith(f"GET /r4/X gave {wrong['resourceType']}/{wrong['id']}, which ")


@pytest.mark.parametrize("rule", ["numbers", "verified", "organisation-codes", "snomed-codes", "medicines"])
def test_what_is_not_there_shows_nothing(rule):
    with pytest.raises(NoData):
        told(rule, patient(1), medicine())


def test_many_are_counted():
    found = told("numbers", *(with_number("1") | {"id": str(n)} for n in range(9)))
    assert len(found) == 6
    assert "9 of 9 NHS numbers" in found[-1]
