"""What a package holds is found by canonical; what cannot be read is one message, and the rest goes on."""

import json
from typing import Any

import pytest

from conformance.fhir.definitions import DefinitionProblem, Definitions, r4
from conformance.fhir.packages.package import Package

VALUE_SET: dict[str, Any] = {
    "resourceType": "ValueSet",
    "url": "http://example.org/vs",
    "version": "1.2.0",
    "status": "active",
    "compose": {"include": [{"system": "http://example.org/cs"}]},
}
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- <Patient> in a comment is no Patient -->
<CodeSystem xmlns="http://hl7.org/fhir"><url value="http://example.org/cs"/><status value="active"/>
<caseSensitive value="true"/><content value="complete"/><concept><code value="a"/></concept></CodeSystem>"""


def package(*files: tuple[str, bytes | dict[str, Any]]) -> Package:
    rows = ((name, data if isinstance(data, bytes) else json.dumps(data).encode()) for name, data in files)
    return Package.of_files(rows, name="ours")


def over_r4(*packages: Package) -> Definitions:
    return Definitions((*packages, *r4().layers))


def test_json_and_xml_are_read_alike():
    definitions = over_r4(package(("vs.json", VALUE_SET), ("cs.xml", XML)))
    assert definitions.value_set("http://example.org/vs") == VALUE_SET
    assert definitions.code_system("http://example.org/cs") == {
        "resourceType": "CodeSystem",
        "url": "http://example.org/cs",
        "status": "active",
        "caseSensitive": True,
        "content": "complete",
        "concept": [{"code": "a"}],
    }
    assert definitions.problems == ()


@pytest.mark.parametrize(
    ("version", "found"), [("", True), ("|1.2.0", True), ("|1.2", True), ("|1", True), ("|2", False)]
)
def test_a_version_must_be_met(version: str, found: bool):  # noqa: FBT001
    definitions = over_r4(package(("vs.json", VALUE_SET)))
    assert (definitions.value_set("http://example.org/vs" + version) is not None) is found


def test_versions_of_one_url_stand_beside_each_other():
    later = VALUE_SET | {"version": "2.0.0"}
    definitions = over_r4(package(("a.json", VALUE_SET), ("b.json", later)))
    assert definitions.value_set("http://example.org/vs|2.0.0") == later
    assert definitions.value_set("http://example.org/vs|1.2.0") == VALUE_SET


def test_the_package_loaded_later_is_asked_first():
    other = VALUE_SET | {"compose": {"include": []}}
    definitions = over_r4(package(("a.json", other)), package(("b.json", VALUE_SET)))
    assert definitions.value_set("http://example.org/vs") == other


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.json", b"{", "is no JSON"),
        ("a.json", b"\xff\xfe", "is no JSON"),
        ("a.json", b'{"resourceType": "ValueSet"}', "this ValueSet has no url"),
        ("package.json", b"{", "package.json is no JSON"),
        ("a.xml", b"<CodeSystem xmlns='http://hl7.org/fhir'>", "is no XML"),
        (
            "a.xml",
            b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><ValueSet/>",
            "has a document type",
        ),
        ("a.xml", "<ValueSet/>".encode("utf-16"), "is not in UTF-8"),
        ("a.json", VALUE_SET, "two resources have this url and version"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_the_others_are_there(
    name: str, data: bytes | dict[str, Any], said: str
):
    definitions = over_r4(package(("vs.json", VALUE_SET), (name, data)))
    (problem,) = definitions.problems
    assert said in problem.message
    assert name in problem.message
    assert definitions.value_set("http://example.org/vs") == VALUE_SET


def test_what_decides_no_verdict_is_left_out():
    files: list[tuple[str, bytes | dict[str, Any]]] = [
        ("patient.json", {"resourceType": "Patient"}),
        ("list.json", b"[]"),
        ("page.xml", b"<html/>"),
        ("example.xml", b"<Patient xmlns='http://hl7.org/fhir'><unclosed>"),
        (".index.json", {"files": []}),
    ]
    definitions = over_r4(package(*files))
    assert definitions.problems == ()
    assert definitions.packages[0] == ("ours", "", package().digest)


def test_the_digest_is_of_what_decides_a_verdict():
    one, other = package(("a.json", VALUE_SET)), package(("b.json", VALUE_SET))
    changed = package(("a.json", VALUE_SET | {"version": "1.2.1"}))
    assert over_r4(one).digest == over_r4(other).digest
    assert len({over_r4(one).digest, over_r4(changed).digest, r4().digest, over_r4(one, changed).digest}) == 4


def test_a_manifest_names_the_package():
    manifest = {
        "name": "x.y",
        "version": "3.1.0",
        "fhirVersions": ["4.0.1"],
        "dependencies": {"a.b": "1.0.0"},
    }
    made = package(("package.json", manifest))
    assert (made.name, made.version, made.fhir_version) == ("x.y", "3.1.0", "4.0.1")
    assert made.dependencies == (("a.b", "1.0.0"),)


def test_a_structure_of_a_broken_file_is_refused_by_name():
    broken = {
        "resourceType": "StructureDefinition",
        "url": "http://example.org/s",
        "snapshot": {"element": [{}]},
    }
    definitions = over_r4(package(("s.json", broken)))
    for _ in range(2):
        with pytest.raises(DefinitionProblem, match="no well-formed StructureDefinition") as told:
            definitions.structure("http://example.org/s")
        assert told.value.where == "s.json"
    assert len(definitions.problems) == 1


def test_search_parameters_of_a_package_stand_beside_those_of_r4():
    added = {
        "resourceType": "SearchParameter",
        "url": "http://example.org/sp",
        "code": "colour",
        "type": "token",
        "base": ["Patient"],
        "expression": "Patient.extension",
    }
    definitions = over_r4(
        package(("sp.json", added), ("bad.json", {"resourceType": "SearchParameter", "url": "u"}))
    )
    codes = {parameter.code: parameter for parameter in definitions.search_parameters("Patient")}
    assert codes["colour"].expression == "Patient.extension"
    assert {"_id", "_text", "birthdate", "family"} <= codes.keys()
    assert "code" not in codes
