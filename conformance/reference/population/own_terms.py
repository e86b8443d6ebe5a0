"""What the demo supplier has of its own beside the standards: one extension, one list of codes, both published.

See https://hl7.org/fhir/R4/extensibility.html and https://hl7.org/fhir/R4/codesystem.html.
"""

from typing import Any

_OWN = "https://schemas.harbour-epr.example"
ESCORT = f"{_OWN}/StructureDefinition/encounter-escort-needed"
SERVICES = f"{_OWN}/CodeSystem/hospital-service"
SERVICE_CODES = (
    ("AMB", "Ambulatory care unit"),
    ("FRA", "Frailty assessment unit"),
    ("SDE", "Same day emergency care"),
    ("VWD", "Virtual ward"),
)


def of_encounter(service: tuple[str, str], *, escort: bool) -> dict[str, Any]:
    """What an encounter says in these terms: whether an escort is needed, and the unit by its local code."""
    code, display = service
    return {
        "extension": [{"url": ESCORT, "valueBoolean": escort}],
        "serviceType": {"coding": [{"system": SERVICES, "code": code, "display": display}], "text": display},
    }


def published(version: str) -> dict[str, Any]:
    """The definitions as anybody can fetch them: a Bundle of one StructureDefinition and one CodeSystem."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": each["url"], "resource": each} for each in (_extension(version), _codes(version))
        ],
    }


def _extension(version: str) -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "url": ESCORT,
        "version": version,
        "name": "EncounterEscortNeeded",
        "title": "Whether the patient needs an escort",
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "Encounter"}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {
            "element": [
                {
                    "id": "Extension",
                    "path": "Extension",
                    "short": "Whether the patient needs an escort on the way to this encounter and home.",
                    "max": "1",
                },
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": ESCORT},
                {
                    "id": "Extension.value[x]",
                    "path": "Extension.value[x]",
                    "min": 1,
                    "type": [{"code": "boolean"}],
                },
            ]
        },
    }


def _codes(version: str) -> dict[str, Any]:
    return {
        "resourceType": "CodeSystem",
        "url": SERVICES,
        "version": version,
        "name": "HospitalService",
        "title": "Units of the hospital that are no specialty of their own",
        "status": "active",
        "caseSensitive": True,
        "content": "complete",
        "count": len(SERVICE_CODES),
        "concept": [{"code": code, "display": display} for code, display in SERVICE_CODES],
    }
