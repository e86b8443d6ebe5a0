"""What an appointment book tells: slots, and appointments with their patients, the same in FHIR STU3 and R4."""

from typing import Any

from conformance.fhir import bundles
from conformance.fhir.references import named
from conformance.plugin import Exchange

Json = dict[str, Any]


def resources_in(found: Exchange, kind: str) -> list[Json]:
    """The resources of this type that an answer holds, included ones too."""
    bundle = (found.resource("Bundle") if found.ok else None) or {}
    held = [one["resource"] for one in bundles.entries(bundle) if isinstance(one.get("resource"), dict)]
    return [one for one in held if one.get("resourceType") == kind and isinstance(one.get("id"), str)]


def slots_in(found: Exchange) -> list[Json]:
    """The slots of an answer, in the order of their times."""
    return sorted(resources_in(found, "Slot"), key=lambda slot: (str(slot.get("start")), slot["id"]))


def references_of(value: Any) -> list[str]:
    """`Type/id` of what a list of references names."""
    listed = value if isinstance(value, list) else []
    found = [named(one.get("reference")) for one in listed if isinstance(one, dict)]
    return [one for one in found if one is not None]


def slots_of(appointment: Json) -> list[str]:
    """The slots to which an appointment refers, as `Slot/id`."""
    return references_of(appointment.get("slot"))


def patient_in(appointment: Json) -> str:
    """The reference to the patient of an appointment; empty where it names none."""
    listed = appointment.get("participant")
    actors = [one.get("actor") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return next((one for one in references_of(actors) if one.startswith("Patient/")), "")
