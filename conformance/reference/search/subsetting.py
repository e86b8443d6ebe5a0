"""Parts of resources: `_summary` and `_elements`, with the tag that says that something is missing.

See https://hl7.org/fhir/R4/search.html#summary and https://hl7.org/fhir/R4/search.html#elements.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from conformance.reference.search.shaping import Shape

Json = dict[str, Any]

SUBSETTED: Mapping[str, str] = MappingProxyType(
    {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
)
_ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})

# The top-level elements of each type that a resource must have or that change what the rest means.
_MANDATORY: Mapping[str, str] = MappingProxyType(
    {
        "AllergyIntolerance": "patient clinicalStatus verificationStatus",
        "Appointment": "status participant",
        "AuditEvent": "type recorded agent source",
        "Binary": "contentType",
        "CarePlan": "status intent subject",
        "CareTeam": "status",
        "Claim": "status type use patient created provider priority insurance",
        "Communication": "status",
        "Composition": "status type date author title",
        "Condition": "subject clinicalStatus verificationStatus",
        "Coverage": "status beneficiary payor",
        "DiagnosticReport": "status code",
        "DocumentReference": "status content",
        "Encounter": "status class",
        "ExplanationOfBenefit": "status type use patient created insurer provider outcome insurance",
        "Goal": "lifecycleStatus description subject",
        "Group": "type actual",
        "ImagingStudy": "status subject",
        "Immunization": "status vaccineCode patient occurrenceDateTime occurrenceString",
        "List": "status mode",
        "Location": "status",
        "MedicationAdministration": "status medicationCodeableConcept medicationReference subject effectiveDateTime"
        " effectivePeriod",
        "MedicationDispense": "status medicationCodeableConcept medicationReference",
        "MedicationRequest": "status intent subject doNotPerform medicationCodeableConcept medicationReference",
        "MedicationStatement": "status medicationCodeableConcept medicationReference subject",
        "Observation": "status code",
        "Patient": "active link deceasedBoolean deceasedDateTime",
        "Procedure": "status subject",
        "Provenance": "target recorded agent",
        "QuestionnaireResponse": "status",
        "RelatedPerson": "patient active",
        "RiskAssessment": "status subject",
        "ServiceRequest": "status intent subject doNotPerform",
        "Task": "status intent",
    }
)

# The top-level elements that R4 does not count to the summary of a type.
_NO_SUMMARY: Mapping[str, str] = MappingProxyType(
    {
        "AllergyIntolerance": "onsetDateTime recordedDate asserter note reaction encounter lastOccurrence",
        "Condition": "severity abatementDateTime abatementPeriod note stage",
        "Encounter": "statusHistory classHistory priority hospitalization location diagnosis account",
        "Observation": "category interpretation note bodySite method specimen device referenceRange"
        " dataAbsentReason",
        "Organization": "telecom address contact",
        "Patient": "maritalStatus multipleBirthBoolean multipleBirthInteger photo contact communication"
        " generalPractitioner",
        "Practitioner": "qualification communication",
    }
)


def subset(resource: Json, shape: Shape) -> Json:
    """What of a resource a search asks for; the resource itself where that is all of it."""
    kind = resource["resourceType"]
    mandatory = frozenset(_MANDATORY.get(kind, "").split())
    if shape.elements:
        return _only(resource, {*shape.elements, *mandatory})
    match shape.summary:
        case "text":
            return _only(resource, {"text", *mandatory})
        case "data":
            return _without(resource, {"text"})
        case "true":
            return _without(resource, {"text", *(_NO_SUMMARY.get(kind, "").split())} - mandatory)
        case _:
            return resource


def tagged(resource: Json) -> Json:
    """The resource marked as one of which parts are missing."""
    meta = resource.get("meta", {})
    return {
        "resourceType": resource["resourceType"],
        "id": resource["id"],
        **resource,
        "meta": {**meta, "tag": [*meta.get("tag", ()), dict(SUBSETTED)]},
    }


def _only(resource: Json, kept: Collection[str]) -> Json:
    # What a primitive has beside its value stands under its name with an underscore.
    return {name: value for name, value in resource.items() if name.lstrip("_") in {*kept, *_ALWAYS}}


def _without(resource: Json, dropped: Collection[str]) -> Json:
    return {name: value for name, value in resource.items() if name.lstrip("_") not in dropped}
