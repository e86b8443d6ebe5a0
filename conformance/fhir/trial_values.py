"""Values to try search parameters with: well-formed for whoever declares the parameter, expected to find little.

A server should answer a search for a code or a resource that it does not know with an empty result, but may refuse
it (https://hl7.org/fhir/R4/search.html#errors); so it is told of each value whether a refusal shows a fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

VALID_CODES: Mapping[str, str] = MappingProxyType(
    {
        "AllergyIntolerance.clinical-status": "active",
        "Appointment.status": "booked",
        "CarePlan.status": "active",
        "Composition.status": "final",
        "Condition.clinical-status": "active",
        "Condition.verification-status": "confirmed",
        "Coverage.status": "active",
        "DiagnosticReport.status": "final",
        "DocumentReference.status": "current",
        "Encounter.class": "AMB",
        "Encounter.status": "finished",
        "Goal.lifecycle-status": "active",
        "Immunization.status": "completed",
        "Location.status": "active",
        "MedicationRequest.intent": "order",
        "MedicationRequest.status": "active",
        "Observation.status": "final",
        "Organization.active": "true",
        "Patient.active": "true",
        "Patient.deceased": "false",
        "Patient.gender": "female",
        "Practitioner.active": "true",
        "Practitioner.gender": "female",
        "Procedure.status": "completed",
        "ServiceRequest.intent": "order",
        "ServiceRequest.status": "active",
        "Task.status": "requested",
    }
)
"""Type and token parameter to a code that is valid for the element searched."""

COMMON = frozenset({"_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"})
"""Of the parameters for all types, those that are searched by a plain value."""

FREE_CODES = frozenset({"_id", "_security", "_tag", "category", "code", "identifier", "type"})
"""Token parameters of which any code is a lawful value: what is searched is bound to no required value set."""

BY_KIND: Mapping[str, str] = MappingProxyType(
    {"string": "htest", "date": "2020-01-01", "reference": "htest-none", "uri": "urn:htest:none"}
)
"""Values for the other kinds of parameters."""


@dataclass(frozen=True)
class Trial:
    """A value to search by. `certain` if a server that has the parameter has no reason to refuse the value."""

    value: str
    certain: bool


def trial_value(resource_type: str, name: str, kind: str) -> Trial | None:
    """A value to try this parameter with; None where none is known."""
    if name.startswith("_") and name not in COMMON:
        return None
    if kind == "token":
        code = VALID_CODES.get(f"{resource_type}.{name}")
        return (
            Trial(code, certain=True)
            if code
            else Trial("htest-none", certain=False)
            if name in FREE_CODES
            else None
        )
    return Trial(BY_KIND[kind], certain=kind != "reference") if kind in BY_KIND else None
