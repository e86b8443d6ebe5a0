"""A stand-in for the package of UK Core: structures of its names, made up here, with three rules that it has too."""

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
PROFILE = ROOT / "profiles" / "uk-core-patient-access.yaml"
BASE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
Rows = list[dict[str, Any]]


def once(kind: str, name: str, system: str) -> Rows:
    """An identifier of this system stands once at the most."""
    slicing = {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}
    whole = f"{kind}.identifier:{name}"
    return [
        {"id": f"{kind}.identifier", "path": f"{kind}.identifier", "slicing": slicing},
        {"id": whole, "path": f"{kind}.identifier", "sliceName": name, "max": "1"},
        {"id": f"{whole}.system", "path": f"{kind}.identifier.system", "min": 1, "fixedUri": system},
    ]


RULES: dict[str, Rows] = {
    "Patient": once("Patient", "nhsNumber", "https://fhir.nhs.uk/Id/nhs-number"),
    "Organization": once("Organization", "ods", "https://fhir.nhs.uk/Id/ods-organization-code"),
    "MedicationRequest": [
        {"id": "MedicationRequest.substitution", "path": "MedicationRequest.substitution", "min": 1}
    ],
}


def stand_in(folder: Path) -> Path:
    """Write the package into this folder, under the name and version that the profile asks for."""
    profile = yaml.safe_load(PROFILE.read_text("utf-8"))
    (label,) = profile["fhir"]["packages"]
    name, _, version = label.partition("@")
    place = folder / f"{name}#{version}" / "package"
    place.mkdir(parents=True)
    manifest = {"name": name, "version": version, "fhirVersions": ["4.0.1"]}
    (place / "package.json").write_text(json.dumps(manifest), "utf-8")
    for kind in ("Patient", *types(profile)):
        (place / f"{kind}.json").write_text(json.dumps(structure(kind)), "utf-8")
    return place.parent


def types(profile: dict[str, Any]) -> list[str]:
    """The types that the profile has structures for."""
    each = (test.get("each", {}) for r in profile["requirements"] for test in r["tests"])
    return sorted({kind for one in each for kind in one.get("resource-type", {}).get("only", ())})


def structure(kind: str) -> dict[str, Any]:
    """The structure of a type."""
    root = {"id": kind, "path": kind}
    return {
        "resourceType": "StructureDefinition",
        "url": f"{BASE}{kind}",
        "name": f"UKCore{kind}",
        "status": "draft",
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": kind,
        "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "derivation": "constraint",
        "differential": {"element": [root, *RULES.get(kind, [])]},
    }
