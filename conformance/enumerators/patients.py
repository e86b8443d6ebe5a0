"""Patients of whom the target holds something, so that it can be asked for for one patient."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.analysis.samples import samples
from conformance.fhir.capability import interactions, search_parameters
from conformance.fhir.compartments import owners
from conformance.fhir.elements import values
from conformance.fhir.nhs import NHS_NUMBER_SYSTEM
from conformance.plugin import Evidence, NoData, NotApplicable, Row, enumerator

PATIENT = "Patient"


@dataclass(frozen=True)
class PatientRow(Row):
    """A type, and a patient of whom discovery saw resources of it: the id, and the NHS number where it was seen."""

    resource: str = ""
    patient: str = ""
    number: str = ""


@enumerator("patient-with", alike=True)
def patient_with(
    evidence: Evidence, choice: int, *, only: list[str], numbered: bool = False
) -> Iterator[PatientRow]:
    """Each of these types that is declared as searchable by patient, with a patient who has resources of it.

    Of the patients with the most resources of the type in the sample one is chosen. `numbered` takes patients whose
    NHS number was seen, and only such.
    """
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    declared = [
        kind
        for kind in sorted(only)
        if "search-type" in interactions(statement, kind) and "patient" in search_parameters(statement, kind)
    ]
    if not declared:
        raise NotApplicable(f"the target declares no search by patient for {', '.join(sorted(only))}")
    held = samples(evidence.discovery)
    numbers = {patient["id"]: number for patient in held.of(PATIENT) if (number := nhs_number(patient))}
    for kind in declared:
        counted = Counter(
            owner
            for resource in held.of(kind)
            for owner in owners(resource).patients
            if owner in numbers or not numbered
        )
        if not counted:
            whose = "a patient whose NHS number was seen" if numbered else "a patient"
            yield PatientRow(key=kind, lacking=f"no resource of the type about {whose} was seen in discovery")
            continue
        most = max(counted.values())
        best = sorted(owner for owner, number in counted.items() if number == most)
        chosen = best[choice % len(best)]
        yield PatientRow(key=kind, resource=kind, patient=chosen, number=numbers.get(chosen, ""))


def nhs_number(patient: dict[str, Any]) -> str:
    """The NHS number of a patient; empty where there is none."""
    held = [one for one in values(patient, "identifier") if isinstance(one, dict)]
    found = [one.get("value") for one in held if one.get("system") == NHS_NUMBER_SYSTEM]
    return next((value for value in found if isinstance(value, str)), "")
