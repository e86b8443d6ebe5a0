"""A stand-in for the packages of FHIR STU3 and GP Connect: a few types as tables, and structures of GP Connect's names.

Who wants more of each type than a test does has the real packages.
"""

import json
from pathlib import Path
from typing import Any

FHIR = "http://hl7.org/fhir/StructureDefinition/"
GP_CONNECT = "https://fhir.nhs.uk/STU3/StructureDefinition/"
CORE = "hl7.fhir.r3.core"
VERSION = "3.0.2"

PRIMITIVES = ("boolean", "code", "date", "dateTime", "id", "instant", "string", "uri")
TYPES: dict[str, str] = {
    "Meta": "versionId:id lastUpdated:instant profile*:uri",
    "Reference": "reference:string display:string",
    "Coding": "system:uri version:string code:code display:string",
    "CodeableConcept": "coding*:Coding text:string",
    "Period": "start:dateTime end:dateTime",
    "Identifier": "use:code system:uri value:string",
    "HumanName": "use:code text:string family:string given*:string prefix*:string",
    "Dosage": "text:string",
}
RESOURCES: dict[str, str] = {
    "Patient": "identifier*:Identifier active:boolean name*:HumanName gender:code birthDate:date "
    "generalPractitioner*:Reference managingOrganization:Reference",
    "AllergyIntolerance": "identifier*:Identifier clinicalStatus:code verificationStatus!:code type:code "
    "category*:code code:CodeableConcept patient!:Reference assertedDate:dateTime recorder:Reference",
    "MedicationStatement": "identifier*:Identifier basedOn*:Reference status!:code medicationReference:Reference "
    "effectivePeriod:Period dateAsserted:dateTime subject!:Reference taken!:code dosage*:Dosage",
    "Slot": "identifier*:Identifier serviceType*:CodeableConcept schedule!:Reference status!:code "
    "start!:instant end!:instant",
}
REFERRED_TO = ("Organization", "Practitioner", "MedicationRequest", "Medication", "Schedule")
STRUCTURES = {
    "CareConnect-GPC-Patient-1": "Patient",
    "CareConnect-GPC-AllergyIntolerance-1": "AllergyIntolerance",
    "CareConnect-GPC-MedicationStatement-1": "MedicationStatement",
    "GPConnect-Slot-1": "Slot",
}


def element(kind: str, told: str) -> dict[str, Any]:
    """One element of a table: `name:type`, with `!` if it must be there and `*` if it may be there often."""
    name, _, type_ = told.partition(":")
    bare = name.rstrip("*!")
    types = [{"code": one} for one in type_.split("|")]
    path = f"{kind}.{bare}"
    most = "*" if name.endswith("*") else "1"
    return {"id": path, "path": path, "min": int(name.endswith("!")), "max": most, "type": types}


def definition(name: str, kind: str, base: str, elements: list[dict[str, Any]]) -> dict[str, Any]:
    """A whole definition of a type."""
    root = {"id": name, "path": name, "min": 0, "max": "*"}
    return {
        "resourceType": "StructureDefinition",
        "url": f"{FHIR}{name}",
        "name": name,
        "status": "active",
        "fhirVersion": VERSION,
        "kind": kind,
        "abstract": name in {"Resource", "DomainResource"},
        "type": name,
        "derivation": "specialization",
        "snapshot": {"element": [root, *elements]},
        "differential": {"element": [root, *elements]},
    } | ({"baseDefinition": f"{FHIR}{base}"} if base else {})


def core() -> list[dict[str, Any]]:
    """The types of FHIR."""
    ids = ["id:string", "extension*:Extension"]
    made = [definition("Element", "complex-type", "", [element("Element", one) for one in ids])]
    for name in PRIMITIVES:
        value = {"id": f"{name}.value", "path": f"{name}.value", "min": 0, "max": "1"}
        rows = [*(element(name, one) for one in ids), value]
        made.append(definition(name, "primitive-type", "Element", rows))
    own = {
        "Extension": "url!:uri valueCode:code valueString:string valueDateTime:dateTime "
        "valueCodeableConcept:CodeableConcept"
    } | TYPES
    for name, table in own.items():
        rows = [element(name, one) for one in (*ids, *table.split())]
        made.append(definition(name, "complex-type", "Element", rows))
    base = ["id:id", "meta:Meta"]
    made.append(definition("Resource", "resource", "", [element("Resource", one) for one in base]))
    base = [*base, "extension*:Extension"]
    rows = [element("DomainResource", one) for one in base]
    made.append(definition("DomainResource", "resource", "Resource", rows))
    for name, table in {**RESOURCES, **dict.fromkeys(REFERRED_TO, "")}.items():
        rows = [element(name, one) for one in (*base, *table.split())]
        made.append(definition(name, "resource", "DomainResource", rows))
    return made


def structures() -> list[dict[str, Any]]:
    """The structures, which ask for what the types ask for."""
    return [
        definition(kind, "resource", kind, [])
        | {"url": f"{GP_CONNECT}{name}", "name": name.replace("-", ""), "derivation": "constraint"}
        | {"differential": {"element": [{"id": kind, "path": kind}]}}
        for name, kind in STRUCTURES.items()
    ]


def stand_in(folder: Path) -> tuple[str, str]:
    """Write both packages into this folder; what to give with --package."""
    return (
        written(folder, CORE, VERSION, core()),
        written(
            folder,
            "uk.nhs.gpconnect.stu3",
            "1.2.7",
            [{k: v for k, v in one.items() if k != "snapshot"} for one in structures()],
        ),
    )


def written(folder: Path, name: str, version: str, made: list[dict[str, Any]]) -> str:
    """Write one package."""
    place = folder / f"{name}#{version}" / "package"
    place.mkdir(parents=True)
    manifest = {"name": name, "version": version, "fhirVersions": [VERSION]}
    (place / "package.json").write_text(json.dumps(manifest), "utf-8")
    for one in made:
        (place / f"StructureDefinition-{one['url'].rpartition('/')[2]}.json").write_text(
            json.dumps(one), "utf-8"
        )
    return str(place.parent)
