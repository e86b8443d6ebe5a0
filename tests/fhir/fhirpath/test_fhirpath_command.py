"""`conformance fhirpath` as its user meets it."""

import gzip
import io
import json
from decimal import Decimal

import pytest

from conformance.cli.main import run

PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "active": True,
    "name": [{"family": "Ä\tB", "given": ["x", "y"]}],
    "text": {"status": "empty", "div": "<div xmlns='http://www.w3.org/1999/xhtml'><script/></div>"},
}


@pytest.fixture
def patient(tmp_path):
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(PATIENT), "utf-8")
    return str(path)


def test_results_stand_one_a_line_with_type_value_and_location(patient, capsys):
    assert run(["fhirpath", "name.given | active | name.family | 1.50 | name", patient]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "FHIR.string\tx\tPatient.name[0].given[0]",
        "FHIR.string\ty\tPatient.name[0].given[1]",
        "FHIR.boolean\ttrue\tPatient.active",
        "FHIR.string\tÄ B\tPatient.name[0].family",
        "System.Decimal\t1.50",
        'FHIR.HumanName\t{"family": "\\u00c4\\tB", "given": ["x", "y"]}\tPatient.name[0]',
    ]


def test_json_is_one_document_with_all_digits(patient, capsys):
    assert run(["fhirpath", "%resource.id | 1.50 | @2014-01", patient, "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert found == [
        {"type": "FHIR.id", "value": "p", "location": "Patient.id"},
        {"type": "System.Decimal", "value": Decimal("1.50"), "location": None},
        {"type": "System.Date", "value": "2014-01", "location": None},
    ]
    assert str(found[1]["value"]) == "1.50"


def test_nothing_found_is_no_failure(patient, capsys):
    assert run(["fhirpath", "contact", patient]) == 0
    assert run(["fhirpath", "contact", patient, "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out) == []


def test_every_line_of_ndjson_is_evaluated_though_one_is_broken(tmp_path, capsys):
    path = tmp_path / "some.ndjson.gz"
    lines = [json.dumps(PATIENT | {"id": "1"}), '{"resourceType": ', json.dumps(PATIENT | {"id": "3"})]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert run(["fhirpath", "id", str(path)]) == 2
    seen = capsys.readouterr()
    assert seen.out.splitlines() == [f"{path}:1\tFHIR.id\t1\tPatient.id", f"{path}:3\tFHIR.id\t3\tPatient.id"]
    assert f"error: {path}:2: " in seen.err


def test_xml_and_standard_input_are_read(tmp_path, capsys, monkeypatch):
    path = tmp_path / "patient.xml"
    path.write_text(
        '<Patient xmlns="http://hl7.org/fhir"><id value="x"/><active value="true"/></Patient>', "utf-8"
    )
    assert run(["fhirpath", "id | active", str(path)]) == 0
    assert capsys.readouterr().out.split() == [
        "FHIR.id",
        "x",
        "Patient.id",
        "FHIR.boolean",
        "true",
        "Patient.active",
    ]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(PATIENT).encode())))
    assert run(["fhirpath", "id", "-"]) == 0
    assert capsys.readouterr().out.endswith("FHIR.id\tp\tPatient.id\n")


def test_what_is_shipped_decides_codes_and_narratives_and_trace_is_seen(patient, capsys):
    codes = "'male'.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')"
    assert run(["fhirpath", f"{codes} and text.`div`.htmlChecks().trace('html').not()", patient]) == 0
    seen = capsys.readouterr()
    assert seen.out == "System.Boolean\ttrue\n"
    assert seen.err == "trace html: false\n"


@pytest.mark.parametrize(
    ("expression", "file", "words"),
    [
        ("name..given", "{}", "line 1 column 6"),
        ("name.gven()", "{}", "there is no function gven()"),
        ("name.given.single()", "{}", "single() found 2 items"),
        ("generalPractitioner.where(true)", "{}.nowhere", "there is no file or folder"),
        ("'a'.conformsTo('x') | %resource.conformsTo('x')", "{}", "conformance to x cannot be decided"),
        ("name is Foo", "{}", "there is no type 'Foo'"),
    ],
)
def test_what_cannot_be_used_is_told_and_ends_with_2(expression, file, words, patient, capsys):
    assert run(["fhirpath", expression, file.format(patient)]) == 2
    seen = capsys.readouterr()
    assert words in seen.err
    assert "Traceback" not in seen.err


@pytest.mark.parametrize("text", ["[1]", "7", "", "nonsense", "<a", "\x00"])
def test_what_is_no_resource_is_told(text, tmp_path, capsys):
    path = tmp_path / "it.json"
    path.write_text(text, "utf-8")
    assert run(["fhirpath", "id", str(path)]) == 2
    assert str(path) in capsys.readouterr().err
