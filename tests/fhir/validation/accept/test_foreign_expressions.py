"""Expressions become Python source only where the shipped table states them; a package's own are interpreted."""

import json

import pytest

from conformance.fhir.definitions import Definitions, r4
from conformance.fhir.packages.package import Package
from conformance.fhir.validation.accept import conditions

CORE = "http://hl7.org/fhir/StructureDefinition/"
OTHER = "birthDate.exists() implies gender.exists()"


def definitions(name: str, key: str = "pat-9") -> Definitions:
    """R4 with a Patient of a package, which calls itself as asked."""
    patient = {
        "resourceType": "StructureDefinition",
        "url": f"{CORE}Patient",
        "name": "Patient",
        "status": "active",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "derivation": "specialization",
        "baseDefinition": f"{CORE}DomainResource",
        "differential": {
            "element": [
                {
                    "id": "Patient",
                    "path": "Patient",
                    "constraint": [{"key": key, "severity": "error", "human": "x", "expression": OTHER}],
                },
                {
                    "id": "Patient.gender",
                    "path": "Patient.gender",
                    "min": 0,
                    "max": "1",
                    "type": [{"code": "code"}],
                },
                {
                    "id": "Patient.birthDate",
                    "path": "Patient.birthDate",
                    "min": 0,
                    "max": "1",
                    "type": [{"code": "date"}],
                },
            ]
        },
    }
    files = [
        (
            "package/package.json",
            json.dumps({"name": name, "version": "4.0.1", "fhirVersions": ["4.0.1"]}).encode(),
        ),
        ("package/StructureDefinition-Patient.json", json.dumps(patient).encode()),
    ]
    return Definitions((Package.of_files(files), *r4().layers))


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is compiled while a test runs."""
    seen: list[str] = []

    def compiling(text: str, *rest: str):
        seen.append(text)
        return compile(text, *rest)

    monkeypatch.setattr(conditions, "compile", compiling, raising=False)
    return seen


@pytest.mark.parametrize("walk", ["pure", "compiled"])
@pytest.mark.parametrize("name", ["hl7.fhir.r4.core", "some.other"])
def test_a_package_is_interpreted_whatever_its_name(made, sources, walk, name):
    acceptor = made(walk, definitions(name))
    assert acceptor.accepts({"resourceType": "Patient", "gender": "male", "birthDate": "1970-01-01"})
    assert not acceptor.accepts({"resourceType": "Patient", "birthDate": "1970-01-01"})
    assert not any("birthDate" in text for text in sources)


@pytest.mark.parametrize("walk", ["pure", "compiled"])
@pytest.mark.parametrize("key", ["dom-2", "ele-1", "ref-1"])
def test_a_package_cannot_hide_a_rule_behind_the_key_of_another(made, walk, key):
    assert not made(walk, definitions("some.other", key)).accepts(
        {"resourceType": "Patient", "birthDate": "1970-01-01"}
    )


@pytest.mark.parametrize("walk", ["pure", "compiled"])
def test_what_is_shipped_is_compiled(made, sources, walk):
    assert made(walk).accepts({"resourceType": "Patient", "contact": [{"name": {"text": "x"}}]})
    assert any("organization" in text for text in sources)
