"""Whose record a resource belongs to, and whether what is given for one patient is theirs and all of theirs."""

from typing import Any

from conformance.fhir.compartments import owners
from conformance.fhir.elements import values
from conformance.fhir.nhs import NHS_NUMBER_SYSTEM

Resource = dict[str, Any]


def is_about_another(resource: Resource, identity: str, number: str = "") -> bool:
    """Whether a resource is known to be about other patients than the one with this id, and NHS number if it is known.

    Who is named in another way than by an id or an NHS number is not known.
    """
    whose = owners(resource)
    if whose.patients:
        return identity not in whose.patients
    numbers = {
        one.get("value")
        for path in ("contained.identifier", "patient.identifier", "subject.identifier")
        for one in values(resource, path)
        if isinstance(one, dict) and one.get("system") == NHS_NUMBER_SYSTEM
    }
    return bool(number and numbers) and number not in numbers


def is_about(resource: Resource, identity: str) -> bool:
    """Whether a resource is in the record of the patient with this id."""
    return identity in owners(resource).patients
