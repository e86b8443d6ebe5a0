"""A small implementation guide, made up here: a capability statement with expectations, and structures."""

import io
import json
import tarfile
from typing import Any

NAME, VERSION = "example.guide", "1.2.0"
BASE = "https://example.org/guide"
EXTENSIONS = "http://hl7.org/fhir/StructureDefinition"
Json = dict[str, Any]


def expected(level: str) -> Json:
    return {"url": f"{EXTENSIONS}/capabilitystatement-expectation", "valueCode": level}


def with_level(level: str, **members: Any) -> Json:
    return {"extension": [expected(level)], **members}


def combination(level: str, *names: str) -> Json:
    return {
        "url": f"{EXTENSIONS}/capabilitystatement-search-parameter-combination",
        "extension": [expected(level), *({"url": "required", "valueString": name} for name in names)],
    }


STATEMENT: Json = {
    "resourceType": "CapabilityStatement",
    "url": f"{BASE}/CapabilityStatement/server",
    "status": "active",
    "date": "2026-01-01",
    "kind": "requirements",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [
        {"mode": "client", "resource": [{"type": "Group"}]},
        {
            "mode": "server",
            "interaction": [with_level("MAY", code="transaction"), with_level("SHOULD-NOT", code="batch")],
            "resource": [
                {
                    "type": "Patient",
                    "extension": [expected("SHALL"), combination("SHALL", "birthdate", "family")],
                    "supportedProfile": [f"{BASE}/StructureDefinition/guide-patient"],
                    "_supportedProfile": [{"extension": [expected("SHALL")]}],
                    "interaction": [with_level("SHALL", code="read"), with_level("SHOULD", code="vread")],
                    "searchParam": [
                        with_level("SHALL", name="_id", type="token"),
                        with_level(
                            "MAY",
                            name="birthdate",
                            type="date",
                            definition=f"{BASE}/SearchParameter/birthdate",
                        ),
                        {"name": "family", "type": "string"},
                    ],
                    "searchRevInclude": ["Provenance:target"],
                    "_searchRevInclude": [{"extension": [expected("SHOULD")]}],
                    "operation": [with_level("MAY", name="everything", definition="https://example.org/x")],
                },
                {
                    "type": "Observation",
                    "supportedProfile": [
                        f"{BASE}/StructureDefinition/guide-pressure",
                        f"{BASE}/StructureDefinition/elsewhere",
                    ],
                },
            ],
        },
    ],
}


def row(path: str, **members: Any) -> Json:
    identity = members.pop("id", path)
    return {"id": identity, "path": path, **members}


def structure(name: str, kind: str, *rows: Json) -> Json:
    return {
        "resourceType": "StructureDefinition",
        "url": f"{BASE}/StructureDefinition/{name}",
        "name": name.title().replace("-", ""),
        "status": "draft",
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": kind,
        "baseDefinition": f"{EXTENSIONS}/{kind}",
        "derivation": "constraint",
        "differential": {"element": [row(kind), *rows]},
    }


def slicing(kind: str, path: str) -> Json:
    return {"discriminator": [{"type": kind, "path": path}], "rules": "open"}


PATIENT = structure(
    "guide-patient",
    "Patient",
    row("Patient.extension", slicing=slicing("value", "url")),
    row(
        "Patient.extension",
        id="Patient.extension:race",
        sliceName="race",
        max="1",
        type=[{"code": "Extension", "profile": [f"{EXTENSIONS}/patient-birthPlace"]}],
        mustSupport=True,
    ),
    row("Patient.name", min=1, mustSupport=True),
    row("Patient.name.family", mustSupport=True),
    row("Patient.deceased[x]", mustSupport=True),
)
PRESSURE = structure(
    "guide-pressure",
    "Observation",
    row("Observation.category", slicing=slicing("pattern", "$this")),
    row(
        "Observation.category",
        id="Observation.category:vital",
        sliceName="vital",
        patternCodeableConcept={"coding": [{"system": "urn:categories", "code": "vital"}]},
        mustSupport=True,
    ),
    row("Observation.value[x]", slicing=slicing("type", "$this")),
    row(
        "Observation.value[x]",
        id="Observation.value[x]:valueQuantity",
        sliceName="valueQuantity",
        type=[{"code": "Quantity"}],
        mustSupport=True,
    ),
    row("Observation.component", slicing=slicing("pattern", "code")),
    row("Observation.component", id="Observation.component:upper", sliceName="upper"),
    row(
        "Observation.component.code",
        id="Observation.component:upper.code",
        patternCodeableConcept={"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
    ),
    row("Observation.component.value[x]", id="Observation.component:upper.value[x]", mustSupport=True),
    row("Observation.performer", slicing=slicing("profile", "resolve()")),
    row("Observation.performer", id="Observation.performer:who", sliceName="who", mustSupport=True),
)
BIRTHDATE = {
    "resourceType": "SearchParameter",
    "url": f"{BASE}/SearchParameter/birthdate",
    "code": "birthdate",
    "base": ["Patient"],
    "type": "date",
    "comparator": ["eq", "ge", "lt"],
    "_comparator": [{"extension": [expected("MAY")]}, {"extension": [expected("SHALL")]}, None],
}
MANIFEST = {"name": NAME, "version": VERSION, "fhirVersions": ["4.0.1"]}
FILES: dict[str, Json] = {
    "package.json": MANIFEST,
    "CapabilityStatement-server.json": STATEMENT,
    "SearchParameter-birthdate.json": BIRTHDATE,
    "StructureDefinition-patient.json": PATIENT,
    "StructureDefinition-pressure.json": PRESSURE,
}


def archive(files: dict[str, Json] = FILES) -> bytes:
    """The package as a .tgz."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            data = json.dumps(content).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return packed.getvalue()
