"""Looking up who somebody is, by demographics and by NHS number, and what vaccinations are recommended for them.

Sources: NHS England, Personal Demographics Service FHIR API, `GET /Patient`;
https://hl7.org/fhir/R4/patient-operation-match.html; https://hl7.org/fhir/R4/immunizationrecommendation.html.
"""

from typing import Any
from urllib.parse import urlencode

from conformance.fhir.capability import operations
from conformance.fhir.dates import is_full_date
from conformance.fhir.elements import values
from conformance.fhir.nhs import NHS_NUMBER_SYSTEM
from conformance.plugin import Exchange, Untestable, Wire, probe
from conformance.probes.nhs_records import test_number

OTHER_BIRTH_DATE = "1899-12-31"
"""Nobody who is vaccinated today was born on this day."""


@probe("patient-look-up")
def patient_look_up(wire: Wire, *, patient: str, number: str) -> None:
    """Look a patient up in each way that there is, and where nobody is to be found.

    The patient with this id and NHS number is read first (`patient`). Labels: `by-demographics` (family name and date
    of birth), `by-number`, `by-match` (where $match is declared), `with-other-birth-date` (the number with a date of
    birth that is not the patient's), `unknown-number`. The note `patient` holds the reference.
    """
    read = wire.send("GET", f"/Patient/{patient}", label="patient")
    resource = (read.resource("Patient") if read.ok else None) or {}
    wire.note("patient", f"Patient/{patient}")
    families = [name for name in values(resource, "name.family") if isinstance(name, str)]
    born = resource.get("birthDate")
    if not families or not isinstance(born, str):
        raise Untestable(f"{read} gave no family name or no date of birth to look the patient up by")
    numbered = f"{NHS_NUMBER_SYSTEM}|{number}"
    _search(wire, "Patient", "by-demographics", family=_escaped(families[0]), birthdate=born)
    _search(wire, "Patient", "by-number", identifier=numbered)
    if is_full_date(born):
        _search(wire, "Patient", "with-other-birth-date", identifier=numbered, birthdate=OTHER_BIRTH_DATE)
    _search(wire, "Patient", "unknown-number", identifier=f"{NHS_NUMBER_SYSTEM}|{test_number(wire.tag)}")
    answer = wire.send("GET", "/metadata", label="declared", shared=True)
    if "match" in operations((answer.resource() if answer.ok else None) or {}, "Patient"):
        wire.send("POST", "/Patient/$match", label="by-match", json=_asked(resource))


@probe("recommendations")
def recommendations(wire: Wire, *, patient: str, number: str) -> None:
    """Ask what vaccinations are recommended for a patient, by their id (`by-id`) and NHS number (`by-number`)."""
    wire.note("patient", f"Patient/{patient}")
    _search(wire, "ImmunizationRecommendation", "by-id", patient=f"Patient/{patient}")
    numbered = f"{NHS_NUMBER_SYSTEM}|{number}"
    _search(wire, "ImmunizationRecommendation", "by-number", **{"patient.identifier": numbered})


def _search(wire: Wire, kind: str, label: str, **parameters: str) -> Exchange:
    return wire.send("GET", f"/{kind}?{urlencode(parameters)}", label=label)


def _escaped(text: str) -> str:
    """A value with what separates values in FHIR escaped (https://hl7.org/fhir/R4/search.html#escaping)."""
    for mark in ("\\", ",", "$", "|"):
        text = text.replace(mark, f"\\{mark}")
    return text


def _asked(patient: dict[str, Any]) -> dict[str, Any]:
    """What $match is asked: a patient with what somebody knows of themselves, and only matches that are certain."""
    known = {name: patient[name] for name in ("name", "gender", "birthDate") if name in patient}
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "resource", "resource": {"resourceType": "Patient", **known}},
            {"name": "onlyCertainMatches", "valueBoolean": False},
        ],
    }
