"""Whose record a resource belongs to, and whether what is given for one patient is theirs and all of theirs."""

from typing import Any

from conformance.fhir.compartments import owners

Resource = dict[str, Any]


def is_about_another(resource: Resource, identity: str) -> bool:
    """Whether a resource is known to be about other patients than the one with this id.

    Who is named in another way than by an id is not known.
    """
    whose = owners(resource).patients
    return bool(whose) and identity not in whose


def is_about(resource: Resource, identity: str) -> bool:
    """Whether a resource is in the record of the patient with this id."""
    return identity in owners(resource).patients
