"""Which patients a resource is about: the Patient compartment.

See https://hl7.org/fhir/R4/compartmentdefinition-patient.html. A reference counts if it points at a patient by
`Patient/id`; one written `urn:uuid:id` may point at anything, so whoever reads the candidates compares them with
the patients that there are.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from conformance.reference.records.parameters import Step, values

_ELEMENTS = {
    "AllergyIntolerance": "patient recorder asserter",
    "Appointment": "participant.actor",
    "AuditEvent": "agent.who entity.what",
    "CarePlan": "subject activity.detail.performer",
    "CareTeam": "subject participant.member",
    "Claim": "patient payee.party",
    "Condition": "subject asserter",
    "Consent": "patient",
    "DiagnosticReport": "subject",
    "DocumentReference": "subject author",
    "Encounter": "subject",
    "ExplanationOfBenefit": "patient payee.party",
    "Group": "member.entity",
    "ImagingStudy": "subject",
    "Immunization": "patient",
    "ImmunizationRecommendation": "patient",
    "MedicationRequest": "subject",
    "Observation": "subject performer",
    "Procedure": "subject performer.actor",
    "Provenance": "target",
    "RelatedPerson": "patient",
    "RiskAssessment": "subject",
}
_PATHS: Mapping[str, tuple[tuple[Step, ...], ...]] = MappingProxyType(
    {
        name: tuple(
            (*(Step(element) for element in path.split(".")), Step("reference")) for path in text.split()
        )
        for name, text in _ELEMENTS.items()
    }
)

COMPARTMENT_TYPES = frozenset({"Patient", *_ELEMENTS})


def compartments(resource: Mapping[str, Any]) -> set[str]:
    """The ids of the patients in whose compartment a resource may lie."""
    resource_type = resource["resourceType"]
    if resource_type == "Patient":
        return {resource["id"]}
    return {
        patient
        for path in _PATHS.get(resource_type, ())
        for reference in values(resource, path)
        if isinstance(reference, str) and (patient := _patient(reference))
    }


def members(group: Mapping[str, Any]) -> set[str]:
    """The ids of those who are in a group now: entries marked inactive are left out."""
    return {
        patient
        for member in group.get("member", ())
        if member.get("inactive") is not True
        and (patient := _patient(member.get("entity", {}).get("reference", "")))
    }


def _patient(reference: str) -> str:
    if reference.startswith("urn:uuid:"):
        return reference.removeprefix("urn:uuid:")
    parts = reference.split("/_history/", maxsplit=1)[0].split("/")
    return parts[-1] if len(parts) > 1 and parts[-2] == "Patient" else ""
