"""The faults of a supplier whose records of vaccinations lack what others need of them."""

from typing import Any

from conformance.reference.fault import Change, Fault, rest
from conformance.reference.fault_records import lacking, shown_as
from conformance.reference.population_people import NHS_NUMBERS

Json = dict[str, Any]
_PROFILE = "nhs-vaccination-record"
_OWN_CODES = "https://harbour-epr.example/CodeSystem/vaccine"


def vaccination_fault(
    name: str,
    number: str,
    summary: str,
    change: Change,
    level: str = "SHALL",
    also: tuple[str, ...] = (),
) -> Fault:
    """A fault of a supplier that records vaccinations, noticed by the requirement `VACC-number`."""
    exit_code = 1 if level == "SHALL" or also else 0
    others = tuple(f"VACC-{each}" for each in also)
    return Fault(name, _PROFILE, f"VACC-{number}", level, exit_code, summary, others, change=change)


def _in_own_codes(record: Json) -> None:
    record["vaccineCode"] = {"coding": [{"system": _OWN_CODES, "code": "FLU-1"}], "text": "Flu jab"}


def _status_by_name(patient: Json) -> None:
    for one in patient.get("identifier", []):
        for extension in one.get("extension", []):
            extension["valueCodeableConcept"] = {"text": "OK"}


def _without_when(recommendation: Json) -> None:
    for part in recommendation["recommendation"]:
        part.pop("dateCriterion", None)


def _another_digit(record: Json) -> None:
    for one in record["vaccineCode"]["coding"]:
        one["code"] = f"{one['code'][:-1]}{(int(one['code'][-1]) + 1) % 10}"


def _wrong_number(patient: Json) -> None:
    for one in patient.get("identifier", []):
        if one.get("system") == NHS_NUMBERS:
            one["value"] = f"{one['value'][:-1]}{(int(one['value'][-1]) + 1) % 10}"


VACCINATION_CONTENT_FAULTS: tuple[Fault, ...] = (
    vaccination_fault(
        "vaccinations-without-identifier",
        "REC-01",
        "Vaccinations are shown without their identifier.",
        shown_as("Immunization", lacking("identifier")),
        also=("WR-02",),
    ),
    vaccination_fault(
        "vaccines-in-own-codes",
        "REC-02",
        "Vaccines are coded in a system of the supplier's own.",
        shown_as("Immunization", _in_own_codes),
        also=("WR-02",),
    ),
    vaccination_fault(
        "vaccinations-without-procedure",
        "REC-03",
        "Vaccinations are shown without the procedure.",
        shown_as("Immunization", lacking("extension")),
        also=("WR-02",),
    ),
    vaccination_fault(
        "vaccinations-without-disease",
        "REC-04",
        "Vaccinations do not say what they are against.",
        shown_as("Immunization", lacking("protocolApplied")),
        also=("WR-02",),
    ),
    vaccination_fault(
        "vaccinations-without-source",
        "REC-05",
        "Vaccinations do not say when they were recorded, and by whom.",
        shown_as("Immunization", lacking("recorded", "primarySource")),
        also=("WR-02",),
    ),
    vaccination_fault(
        "vaccinations-without-organisation",
        "REC-06",
        "Vaccinations are shown without who gave them.",
        shown_as("Immunization", lacking("performer")),
        also=("WR-02",),
    ),
    vaccination_fault(
        "vaccinations-without-place",
        "REC-07",
        "Vaccinations are shown without the place.",
        shown_as("Immunization", lacking("location")),
        also=("WR-02",),
    ),
    vaccination_fault(
        "vaccinations-without-expiry",
        "REC-08",
        "Vaccinations are shown without their expiry date.",
        shown_as("Immunization", lacking("expirationDate")),
        "SHOULD",
        also=("WR-02",),
    ),
    vaccination_fault(
        "vaccinations-without-site",
        "REC-09",
        "Vaccinations are shown without the site.",
        shown_as("Immunization", lacking("site")),
        "SHOULD",
        also=("WR-02",),
    ),
    vaccination_fault(
        "refusals-without-reason",
        "REC-10",
        "Vaccinations that were not given do not say why.",
        shown_as("Immunization", lacking("statusReason")),
        also=("WR-06",),
    ),
    vaccination_fault(
        "nhs-number-status-in-words",
        "NHS-02",
        "How far an NHS number is verified is told in words.",
        shown_as("Patient", _status_by_name),
        also=("NHS-03",),
    ),
    vaccination_fault(
        "recommendations-without-date",
        "ELIG-08",
        "A recommendation does not say from when on.",
        shown_as("ImmunizationRecommendation", _without_when),
    ),
    vaccination_fault(
        "vaccine-codes-with-wrong-digit",
        "REC-11",
        "Codes of vaccines have a wrong check digit.",
        shown_as("Immunization", _another_digit),
        also=(
            "REC-02",
            "WR-02",
        ),
    ),
    vaccination_fault(
        "nhs-numbers-with-wrong-digit",
        "NHS-01",
        "NHS numbers are shown with a wrong check digit.",
        shown_as("Patient", _wrong_number),
        also=(
            "ELIG-02",
            "ELIG-07",
            "NHS-03",
        ),
    ),
    vaccination_fault(
        "vaccination-server-follows-stu3",
        "CAP-02",
        "The capability statement of a server that records vaccinations names FHIR STU3.",
        rest(capability=lambda statement: {**statement, "fhirVersion": "3.0.2"}),
    ),
)
