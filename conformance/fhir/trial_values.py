"""Values to try search parameters with: valid by FHIR for whoever declares the parameter, expected to find little.

Only what is valid under every reading is tried: a code that its required binding does not hold may lawfully be
refused (https://hl7.org/fhir/R4/search.html#errors).
"""

from collections.abc import Mapping
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

FREE_CODES = frozenset({"_id", "_tag", "category", "code", "identifier", "type"})
"""Token parameters of which any code is a lawful value: what is searched is bound to no required value set."""

BY_KIND: Mapping[str, str] = MappingProxyType(
    {"string": "htest", "date": "2020-01-01", "reference": "htest-none", "uri": "urn:htest:none"}
)
"""Values for the other kinds of parameters."""


def trial_value(resource_type: str, name: str, kind: str) -> str | None:
    """A value that a search by this parameter must accept; None where none is known."""
    if kind == "token":
        code = VALID_CODES.get(f"{resource_type}.{name}")
        return code or ("htest-none" if name in FREE_CODES else None)
    return BY_KIND.get(kind)
