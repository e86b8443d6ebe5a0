"""The faults of a supplier whose records of vaccinations lack what others need of them."""

from typing import Any

from conformance.reference.faults.fault import Fault, fault, rest
from conformance.reference.faults.record_changes import lacking, shown_as
from conformance.reference.population.people import NHS_NUMBERS

Json = dict[str, Any]
_OWN_CODES = "https://harbour-epr.example/CodeSystem/vaccine"


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
    fault(
        "vaccinations-without-identifier",
        "VACC-REC-01",
        "Vaccinations are shown without their identifier.",
        shown_as("Immunization", lacking("identifier")),
        also=("VACC-WR-02",),
    ),
    fault(
        "vaccines-in-own-codes",
        "VACC-REC-02",
        "Vaccines are coded in a system of the supplier's own.",
        shown_as("Immunization", _in_own_codes),
        also=("VACC-WR-02",),
    ),
    fault(
        "vaccinations-without-procedure",
        "VACC-REC-03",
        "Vaccinations are shown without the procedure.",
        shown_as("Immunization", lacking("extension")),
        also=("VACC-WR-02",),
    ),
    fault(
        "vaccinations-without-disease",
        "VACC-REC-04",
        "Vaccinations do not say what they are against.",
        shown_as("Immunization", lacking("protocolApplied")),
        also=("VACC-WR-02",),
    ),
    fault(
        "vaccinations-without-source",
        "VACC-REC-05",
        "Vaccinations do not say when they were recorded, and by whom.",
        shown_as("Immunization", lacking("recorded", "primarySource")),
        also=("VACC-WR-02",),
    ),
    fault(
        "vaccinations-without-organisation",
        "VACC-REC-06",
        "Vaccinations are shown without who gave them.",
        shown_as("Immunization", lacking("performer")),
        also=("VACC-WR-02",),
    ),
    fault(
        "vaccinations-without-place",
        "VACC-REC-07",
        "Vaccinations are shown without the place.",
        shown_as("Immunization", lacking("location")),
        also=("VACC-WR-02",),
    ),
    fault(
        "vaccinations-without-expiry",
        "VACC-REC-08",
        "Vaccinations are shown without their expiry date.",
        shown_as("Immunization", lacking("expirationDate")),
        "SHOULD",
        also=("VACC-WR-02",),
    ),
    fault(
        "vaccinations-without-site",
        "VACC-REC-09",
        "Vaccinations are shown without the site.",
        shown_as("Immunization", lacking("site")),
        "SHOULD",
        also=("VACC-WR-02",),
    ),
    fault(
        "refusals-without-reason",
        "VACC-REC-10",
        "Vaccinations that were not given do not say why.",
        shown_as("Immunization", lacking("statusReason")),
        also=("VACC-WR-06",),
    ),
    fault(
        "nhs-number-status-in-words",
        "VACC-NHS-02",
        "How far an NHS number is verified is told in words.",
        shown_as("Patient", _status_by_name),
        also=("VACC-NHS-03",),
    ),
    fault(
        "recommendations-without-date",
        "VACC-ELIG-08",
        "A recommendation does not say from when on.",
        shown_as("ImmunizationRecommendation", _without_when),
    ),
    fault(
        "vaccine-codes-with-wrong-digit",
        "VACC-REC-11",
        "Codes of vaccines have a wrong check digit.",
        shown_as("Immunization", _another_digit),
        also=("VACC-REC-02", "VACC-WR-02"),
    ),
    fault(
        "nhs-numbers-with-wrong-digit",
        "VACC-NHS-01",
        "NHS numbers are shown with a wrong check digit.",
        shown_as("Patient", _wrong_number),
        also=("VACC-ELIG-02", "VACC-ELIG-07", "VACC-NHS-03"),
    ),
    fault(
        "vaccination-server-follows-stu3",
        "VACC-CAP-02",
        "The capability statement of a server that records vaccinations names FHIR STU3.",
        rest(capability=lambda statement: {**statement, "fhirVersion": "3.0.2"}),
    ),
)
