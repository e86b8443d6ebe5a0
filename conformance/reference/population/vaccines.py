"""Vaccinations of the made-up population as a product that records them keeps them, with what belongs to them.

Codes are facts of SNOMED CT and of dm+d, which names each product. Batches begin with TEST; schools are known by
numbers that no school has.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from conformance.reference.population.draw import Draw
from conformance.reference.population.making import population
from conformance.reference.population.places import ODS_CODES, head
from conformance.reference.population.terms import HL7, SNOMED, UCUM, Term, coding, concept
from conformance.reference.population.time import day, instant, local, moment, recorded_after

PROCEDURE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure"
SCHOOLS = "https://fhir.hl7.org.uk/Id/urn-school-number"
LEFT_UPPER_ARM = Term("368208006", "Left upper arm structure")
RIGHT_UPPER_ARM = Term("368209003", "Right upper arm structure")
INTRAMUSCULAR = Term("78421000", "Intramuscular route")
NOT_GIVEN = (
    Term("310376006", "Immunization consent not given"),
    Term("213257006", "Generally unwell"),
    Term("281399006", "Did not attend"),
)
_RECOMMENDATION_STATUS = f"{HL7}/immunization-recommendation-status"
_DUE_DATE = Term("30980-7", "Date vaccine due")
_LOINC = "http://loinc.org"
_TEAMS = ("ZT1", "ZT2")
_NOT_GIVEN_SHARE = 0.15
_VALID_DAYS = 400
_DEATH = {"deceasedBoolean", "deceasedDateTime"}
_DUE_AFTER = timedelta(days=365)


class Vaccine(NamedTuple):
    """A product with the procedure of giving it, the disease that it guards against, and who makes it."""

    product: Term
    procedure: Term
    disease: Term
    maker: str


VACCINES = (
    Vaccine(
        Term(
            "39566211000001103",
            "Supemtek Quadrivalent vaccine (recombinant) solution for injection 0.5ml pre-filled syringes (Sanofi)",
        ),
        Term("822851000000102", "Seasonal influenza vaccination"),
        Term("6142004", "Influenza"),
        "Sanofi",
    ),
    Vaccine(
        Term(
            "33493111000001108",
            "Gardasil 9 vaccine suspension for injection 0.5ml pre-filled syringes (Merck Sharp & Dohme (UK) Ltd)",
        ),
        Term("761841000", "Administration of vaccine product containing only Human papillomavirus antigen"),
        Term("240532009", "Human papillomavirus infection"),
        "Merck Sharp & Dohme (UK) Ltd",
    ),
)


def vaccinated(seed: int, patients: int, base: str) -> Iterator[dict[str, Any]]:
    """The plain population, its vaccinations as a vaccination product records them, with consent and what is due."""
    for resource in population(seed, patients, base):
        kind = resource["resourceType"]
        if kind != "Immunization":
            yield resource
        if kind == "Patient" and not _DEATH & resource.keys():
            yield from _of_patient(Draw(seed, "vaccinated", resource["id"]), resource, base)


def _of_patient(draw: Draw, patient: dict[str, Any], base: str) -> Iterator[dict[str, Any]]:
    whose = {"reference": f"Patient/{patient['id']}"}
    team = draw.one_of(_TEAMS)
    for vaccine in draw.some_of(VACCINES, draw.between(1, 2)):
        when = moment(draw)
        recorded = recorded_after(draw, when)
        given = head("Immunization", draw.identity(), instant(recorded)) | {
            "extension": [{"url": PROCEDURE, "valueCodeableConcept": concept(SNOMED, vaccine.procedure)}],
            "identifier": [{"system": f"{base}/Id/vaccination", "value": draw.identity()}],
            "status": "completed",
            "vaccineCode": concept(SNOMED, vaccine.product),
            "patient": whose,
            "occurrenceDateTime": local(when),
            "recorded": local(recorded),
            "primarySource": True,
            "location": {"identifier": {"system": SCHOOLS, "value": f"999{draw.digits(3)}"}},
            "performer": [
                {"actor": {"type": "Organization", "identifier": {"system": ODS_CODES, "value": team}}}
            ],
            "protocolApplied": [
                {"targetDisease": [concept(SNOMED, vaccine.disease)], "doseNumberPositiveInt": 1}
            ],
        }
        refused = draw.chance(_NOT_GIVEN_SHARE)
        if refused:
            given |= {"status": "not-done", "statusReason": concept(SNOMED, draw.one_of(NOT_GIVEN))}
        else:
            given |= {
                "manufacturer": {"display": vaccine.maker},
                "lotNumber": f"TEST{draw.digits(5)}",
                "expirationDate": day(when + timedelta(days=draw.between(30, _VALID_DAYS))),
                "site": concept(SNOMED, draw.one_of((LEFT_UPPER_ARM, RIGHT_UPPER_ARM))),
                "route": concept(SNOMED, INTRAMUSCULAR),
                "doseQuantity": {"value": 0.5, "unit": "ml", "system": UCUM, "code": "mL"},
            }
        yield given
        yield _consent(draw, whose, instant(recorded), local(when), permitted=not refused)
    yield _due(draw, whose, draw.one_of(VACCINES), team)


def _consent(
    draw: Draw, whose: dict[str, Any], updated: str, when: str, *, permitted: bool
) -> dict[str, Any]:
    return head("Consent", draw.identity(), updated) | {
        "status": "active" if permitted else "rejected",
        "scope": {"coding": [coding(f"{HL7}/consentscope", Term("treatment", "Treatment"))]},
        "category": [{"coding": [coding(_LOINC, Term("59284-0", "Consent Document"))]}],
        "patient": whose,
        "dateTime": when,
        "policyRule": {"text": "Consent to a vaccination"},
        "provision": {"type": "permit" if permitted else "deny"},
    }


def _due(draw: Draw, whose: dict[str, Any], vaccine: Vaccine, team: str) -> dict[str, Any]:
    """What the patient is to be given next, and from when on."""
    told = moment(draw)
    return head("ImmunizationRecommendation", draw.identity(), instant(told)) | {
        "patient": whose,
        "date": local(told),
        "authority": {"identifier": {"system": ODS_CODES, "value": team}},
        "recommendation": [
            {
                "vaccineCode": [concept(SNOMED, vaccine.product)],
                "targetDisease": concept(SNOMED, vaccine.disease),
                "forecastStatus": {"coding": [coding(_RECOMMENDATION_STATUS, Term("due", "Due"))]},
                "dateCriterion": [{"code": concept(_LOINC, _DUE_DATE), "value": local(told + _DUE_AFTER)}],
            }
        ],
    }
