"""The Patient compartment: which patients' records a resource belongs to.

A resource is in the compartment of a patient if one of the search parameters that the compartment names for its type
refers to that patient (https://hl7.org/fhir/R4/compartmentdefinition-patient.html). Which elements those are is not
written down here: it is read from the FHIRPath of the parameters.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from conformance.fhir.references import named
from conformance.fhir.search.parameters import held_values, known, published

__all__ = ["COMPARTMENT_TYPES", "PARAMETERS", "Owners", "owners"]

PATIENT = "Patient"
_NAMED = """
Account subject; AdverseEvent subject; AllergyIntolerance patient recorder asserter; Appointment actor;
AppointmentResponse actor; AuditEvent patient; Basic patient author; BodyStructure patient; CarePlan patient performer;
CareTeam patient participant; ChargeItem subject; Claim patient payee; ClaimResponse patient;
ClinicalImpression subject; Communication subject sender recipient;
CommunicationRequest subject sender recipient requester; Composition subject author attester;
Condition patient asserter; Consent patient; Coverage policy-holder subscriber beneficiary payor;
CoverageEligibilityRequest patient; CoverageEligibilityResponse patient; DetectedIssue patient;
DeviceRequest subject performer; DeviceUseStatement subject; DiagnosticReport subject;
DocumentManifest subject author recipient; DocumentReference subject author; Encounter patient;
EnrollmentRequest subject; EpisodeOfCare patient; ExplanationOfBenefit patient payee; FamilyMemberHistory patient;
Flag patient; Goal patient; Group member; ImagingStudy patient; Immunization patient; ImmunizationEvaluation patient;
ImmunizationRecommendation patient; Invoice subject patient recipient; List subject source; MeasureReport patient;
Media subject; MedicationAdministration patient performer subject; MedicationDispense subject patient receiver;
MedicationRequest subject; MedicationStatement subject; MolecularSequence patient; NutritionOrder patient;
Observation subject performer; Patient link; Person patient; Procedure patient performer; Provenance patient;
QuestionnaireResponse subject author; RelatedPerson patient; RequestGroup subject participant;
ResearchSubject individual; RiskAssessment subject; Schedule actor; ServiceRequest subject performer;
Specimen subject; SupplyDelivery patient; SupplyRequest subject; VisionPrescription patient
"""
PARAMETERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: tuple(others) for name, *others in (entry.split() for entry in _NAMED.split(";"))}
)
"""For each type of R4's Patient compartment the search parameters by which its resources are in it."""
COMPARTMENT_TYPES = frozenset(PARAMETERS)

_PLAIN = re.compile(r"[A-Za-z]+((?:\.[A-Za-z]+)+?)(?:\.where\(resolve\(\) is [A-Za-z]+\))?")


@dataclass(frozen=True)
class Owners:
    """The ids of the patients in whose compartments a resource is, and whether these are known to be all.

    They are not where a reference names its target otherwise than as `Patient/id` (a URN, a search, an identifier).
    """

    patients: frozenset[str]
    whole: bool = True


_NOBODY = Owners(frozenset())


def owners(resource: Mapping[str, Any]) -> Owners:
    """Whose compartments a resource of R4 is in: nobody's, where its type is in none."""
    kind = resource.get("resourceType")
    names = PARAMETERS.get(kind) if isinstance(kind, str) else None
    if names is None:
        return _NOBODY
    found, whole = set[str](), True
    if kind == PATIENT and isinstance(resource.get("id"), str):
        found.add(resource["id"])
    for reference in _references(resource, str(kind)):
        target = named(reference)
        if target is not None:
            owner, _, identity = target.partition("/")
            if owner == PATIENT:
                found.add(identity)
        elif not reference.startswith("#"):
            whole = False
    return Owners(frozenset(found), whole)


def _references(resource: Mapping[str, Any], kind: str) -> Iterator[str]:
    for name in PARAMETERS[kind]:
        paths = _paths(kind, name)
        values = _by_expression(resource, kind, name) if paths is None else _by_paths(resource, paths)
        for value in values:
            if not isinstance(value, dict):
                continue
            text = value.get("reference")
            if isinstance(text, str):
                yield text
            elif "identifier" in value and value.get("type", PATIENT) == PATIENT:
                yield "urn:"  # somebody is meant who is not named by an id


def _by_paths(resource: Mapping[str, Any], paths: tuple[tuple[str, ...], ...]) -> Iterator[Any]:
    for path in paths:
        nodes: list[Any] = [resource]
        for step in path:
            nodes = [
                item
                for node in nodes
                if isinstance(node, dict) and step in node
                for item in (node[step] if isinstance(node[step], list) else (node[step],))
            ]
        yield from nodes


def _by_expression(resource: Mapping[str, Any], kind: str, name: str) -> Iterator[Any]:
    parameter = known(kind, name)
    if parameter is not None:
        yield from (held.value for held in held_values(dict(resource), parameter)[0])


@lru_cache(maxsize=512)
def _paths(kind: str, name: str) -> tuple[tuple[str, ...], ...] | None:
    """The elements that a parameter looks at in a type, as paths; None where its expression is more than paths.

    Walking a path is many times faster than evaluating it, and exports hold millions of resources.
    """
    definition = published(kind, name)
    parts = definition.expression.split("|") if definition is not None else []
    own = [part.strip() for part in parts if part.strip().startswith(f"{kind}.")]
    matches = [_PLAIN.fullmatch(part) for part in own]
    if not own or None in matches:
        return None
    return tuple(tuple(match[1].strip(".").split(".")) for match in matches if match is not None)
