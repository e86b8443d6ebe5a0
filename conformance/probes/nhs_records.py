"""Made-up patients and vaccinations of the NHS in England: marked as test data, with numbers of the range for tests.

Elements and codes: NHS England, Immunisation FHIR API (POST /Immunization); UK Core; SNOMED CT and dm+d.
"""

import hashlib
from typing import Any

from conformance.fhir.nhs import (
    NHS_NUMBER_SYSTEM,
    ODS_CODE_SYSTEM,
    SNOMED_SYSTEM,
    VERIFICATION_STATUS,
    check_digit,
)
from conformance.probes.patients import RUN_SYSTEM, TEST_DATA, test_patient

Resource = dict[str, Any]
VERIFICATION_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
PROCEDURE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure"
NOT_TRACED = ("02", "Number present but not traced")
VERIFIED = ("01", "Number present and verified")
FAMILY = "HTEST-Marlowe"
BORN = "2011-04-19"
GIVEN = "2025-11-12T10:30:00+00:00"
UNKNOWN_SITE = "X99999"
"""The code that stands for a place that has none (Immunisation FHIR API, Immunization.location)."""


def concept(code: str, display: str, system: str = SNOMED_SYSTEM) -> Resource:
    """A CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


def test_number(tag: str) -> str:
    """An NHS number of the range for tests (999…) that belongs to a tag, so that no two steps use the same."""
    drawn = int(hashlib.sha256(tag.encode()).hexdigest(), 16)
    while (digit := check_digit(body := f"999{drawn % 1_000_000:06d}")) is None:
        drawn += 1
    return f"{body}{digit}"


def nhs_patient(tag: str, status: tuple[str, str] = VERIFIED, number: str = "") -> Resource:
    """A test patient with an NHS number, that of the tag if no other is given, and how far it is verified."""
    extension = {
        "url": VERIFICATION_STATUS,
        "valueCodeableConcept": concept(*status, system=VERIFICATION_CODES),
    }
    numbered = {
        "extension": [extension],
        "use": "official",
        "system": NHS_NUMBER_SYSTEM,
        "value": number or test_number(tag),
    }
    patient = test_patient(tag, FAMILY, BORN)
    return patient | {
        "identifier": [numbered, *patient["identifier"]],
        "address": [{"postalCode": "ZZ99 3WZ"}],
    }


def vaccination(tag: str, patient: str) -> Resource:
    """A vaccination against influenza that was given, with all that a record of it has."""
    return {
        "resourceType": "Immunization",
        "meta": {"tag": [TEST_DATA]},
        "extension": [
            {
                "url": PROCEDURE,
                "valueCodeableConcept": concept("822851000000102", "Seasonal influenza vaccination"),
            }
        ],
        "identifier": [{"system": RUN_SYSTEM, "value": tag}],
        "status": "completed",
        "vaccineCode": concept(
            "39566211000001103",
            "Supemtek Quadrivalent vaccine (recombinant) solution for injection 0.5ml pre-filled syringes (Sanofi)",
        ),
        "patient": {"reference": f"Patient/{patient}"},
        "occurrenceDateTime": GIVEN,
        "recorded": GIVEN,
        "primarySource": True,
        "location": {"identifier": {"system": ODS_CODE_SYSTEM, "value": UNKNOWN_SITE}},
        "manufacturer": {"display": "Sanofi"},
        "lotNumber": "HTEST-BATCH-1",
        "expirationDate": "2031-05-31",
        "site": concept("368208006", "Left upper arm structure"),
        "route": concept("78421000", "Intramuscular route"),
        "doseQuantity": {
            "value": 0.5,
            "unit": "ml",
            "system": "http://unitsofmeasure.org",
            "code": "mL",
        },
        "performer": [
            {
                "actor": {
                    "type": "Organization",
                    "identifier": {"system": ODS_CODE_SYSTEM, "value": "ZT1"},
                }
            }
        ],
        "protocolApplied": [{"targetDisease": [concept("6142004", "Influenza")], "doseNumberPositiveInt": 1}],
    }


def not_given(tag: str, patient: str) -> Resource:
    """A vaccination that was not given, and why."""
    record = vaccination(tag, patient)
    for element in ("lotNumber", "expirationDate", "manufacturer", "site", "route", "doseQuantity"):
        del record[element]
    return record | {
        "status": "not-done",
        "statusReason": concept("310376006", "Immunization consent not given"),
    }
