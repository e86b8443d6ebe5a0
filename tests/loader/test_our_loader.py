"""Our loader keeps what R4 can hold, refuses what it cannot, and a store that loses something is found out."""

import json
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.fhir.difference import differences
from conformance.generators.resources import resource
from conformance.loader.store import Store

RICH = {
    "resourceType": "Observation",
    "id": "o1",
    "meta": {"lastUpdated": "2020-02-29T23:59:59.120+05:30", "profile": ["http://example.org/p|1"]},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a &amp; ü</div>'},
    "contained": [{"resourceType": "Patient", "id": "c", "birthDate": "1970"}],
    "extension": [{"url": "urn:e", "extension": [{"url": "urn:f", "valueBase64Binary": "AAEC"}]}],
    "identifier": [{"system": "urn:ids", "value": " 0 "}],
    "status": "final",
    "_status": {"id": "s", "extension": [{"url": "urn:g", "valueBoolean": False}]},
    "code": {"coding": [{"system": "urn:c", "code": "a b", "display": "日本"}]},
    "subject": {"reference": "#c"},
    "effectiveDateTime": "2020-01-01T00:00:00-00:00",
    "issued": "2020-01-01T00:00:60Z",
    "component": [
        {"code": {"text": "t"}, "valueQuantity": {"value": "DECIMAL", "unit": "mg"}},
        {"code": {"text": "u"}, "valueTime": "10:00:00.50"},
        {"code": {"text": "v"}, "valueInteger": -5},
    ],
    "note": [{"text": "long\n" * 100, "time": "2020-03"}],
}
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"given": [None, "B"], "_given": [{"extension": [{"url": "urn:e", "valueCode": "c"}]}, None]}],
    "contact": [{"name": {"family": "F"}}],
    "link": [{"other": {"reference": "Patient/p2"}, "type": "seealso"}],
}
FORM = {
    "resourceType": "Questionnaire",
    "id": "q",
    "status": "draft",
    "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "1.1", "type": "group", "item": [
        {"linkId": "1.1.1", "type": "decimal", "initial": [{"valueDecimal": "DECIMAL"}]}]}]}],
}  # fmt: skip


def line_of(resource, number="1.50"):
    return json.dumps(resource).replace('"DECIMAL"', number).encode()


def value_of(line):
    return json.loads(line, parse_float=Decimal)


def round_trip(path, *lines):
    """What is refused of these lines, and what is read back, in another connection."""
    with Store(path) as store:
        refused = [(name, refusal.place, refusal.why) for _, name, refusal in store.load(lines)]
    with Store(path) as store:
        return refused, [value_of(line) for line in store.read()]


@pytest.mark.parametrize("number", ["1.50", "0.000", "-1E+3", "12345678901234567890.123456789", "7"])
def test_whatever_r4_can_say_comes_back_as_it_was(tmp_path, number):
    lines = [line_of(resource, number) for resource in (RICH, PATIENT, FORM)]
    refused, back = round_trip(tmp_path / "s", *lines)
    assert refused == []
    found = [list(differences(value_of(line), after)) for line, after in zip(lines, back, strict=True)]
    assert found == [[], [], []]


@pytest.mark.parametrize(
    ("change", "place", "why"),
    [
        ({"nhsStatus": "x"}, "Patient.nhsStatus", "R4 has no such element"),
        ({"_name": {}}, "Patient._name", "R4 has no such element"),
        ({"birthDate": "01/02/1970"}, "Patient.birthDate", "it has not the form of a date"),
        ({"birthDate": "1970-02-30"}, "Patient.birthDate", "it is on no calendar"),
        ({"deceasedDateTime": "2020-01-01T10:00"}, "Patient.deceasedDateTime", "it has not the form of a dateTime"),
        ({"deceasedDateTime": "2020-01-01T10:00:00"}, "Patient.deceasedDateTime", "it has not the form of a dateTime"),
        ({"deceasedDateTime": "2020-01-01T10:00:00+15:00"}, "Patient.deceasedDateTime",
         "its offset from universal time is out of range"),
        ({"active": "true"}, "Patient.active", "it is no boolean"),
        ({"multipleBirthInteger": 2.0}, "Patient.multipleBirthInteger", "it is no whole number"),
        ({"multipleBirthInteger": 2**31}, "Patient.multipleBirthInteger", "it is out of the range of integer"),
        ({"gender": " male"}, "Patient.gender", "it has not the form of a code"),
        ({"gender": ["male"]}, "Patient.gender", "it does not repeat"),
        ({"name": {"family": "F"}}, "Patient.name", "it repeats, and is no array"),
        ({"name": [None]}, "Patient.name[0]", "it is no HumanName"),
        ({"name": [{"text": ""}]}, "Patient.name[0].text", "it is an empty text"),
        ({"photo": [{"data": "?"}]}, "Patient.photo[0].data", "it is no base64"),
        ({"contained": [{"resourceType": "Visit"}]}, "Patient.contained[0]", "R4 has no resource type 'Visit'"),
        ({"valueString": "x"}, "Patient.valueString", "R4 has no such element"),
    ],
)  # fmt: skip
def test_what_r4_has_no_place_for_is_refused_and_shows_as_a_loss(tmp_path, change, place, why):
    sent = {"resourceType": "Patient", "id": "p", "language": "en"} | change
    refused, (back,) = round_trip(tmp_path / "s", line_of(sent))
    assert refused == [("Patient/p", place, why)]
    assert back["language"] == "en"
    assert any(found.kind == "lost" for found in differences(value_of(line_of(sent)), back))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "it is no JSON"),
        (b"[]", "it is no JSON object"),
        (
            b'{"resourceType": "Patient", "resourceType": "Patient", "id": "p"}',
            "two members of the same name",
        ),
        (b'{"resourceType": "Visit", "id": "p"}', "R4 has no resource type 'Visit'"),
        (b'{"resourceType": "DomainResource", "id": "p"}', "R4 has no resource type 'DomainResource'"),
        (b'{"resourceType": "Patient"}', "it has no id"),
        (b'{"resourceType": "Patient", "id": "a b"}', "it has not the form of a id"),
        (b'{"resourceType": "Patient", "id": "p", "multipleBirthInteger": NaN}', "NaN is no number"),
        (b"[" * 100_000, "it is no JSON"),
    ],
)
def test_a_line_that_is_no_resource_has_no_place_and_stops_nothing(tmp_path, line, why):
    good = b'{"resourceType": "Patient", "id": "good"}'
    refused, back = round_trip(tmp_path / "s", line, b"", good, good)
    assert why in refused[0][2]
    assert refused[1:] == [("Patient/good", "", "another resource has its type and id")]
    assert [resource["id"] for resource in back] == ["good"]


def test_resources_that_nest_without_end_are_cut_and_told(tmp_path):
    inner = '{"url": "u", "extension": [' * 300 + '{"url": "u"}' + "]}" * 300
    refused, _ = round_trip(
        tmp_path / "s", f'{{"resourceType": "Patient", "id": "p", "extension": [{inner}]}}'.encode()
    )
    assert [why for _, _, why in refused] == ["it is nested too deep"]


@pytest.mark.parametrize(
    ("harm", "path", "kind"),
    [
        ("DELETE FROM node WHERE element = 'identifier'", "Observation.identifier.value", "lost"),
        ("DELETE FROM node WHERE element = '_status'", "Observation.status.extension.url", "lost"),
        ("DELETE FROM string WHERE element = 'display'", "Observation.code.coding.display", "lost"),
        ("UPDATE decimal SET digits = '15', exponent = -1", "Observation.component.valueQuantity.value", "altered"),
        ("UPDATE dateTime SET hour = NULL", "Observation.effectiveDateTime", "altered"),
        ("UPDATE dateTime SET zone = 'Z', away = NULL", "Observation.effectiveDateTime", "altered"),
        ("UPDATE markdown SET value = substr(value, 1, 200)", "Observation.note.text", "altered"),
        ("UPDATE base64Binary SET value = x'00'", "Observation.extension.extension.valueBase64Binary", "altered"),
        (
            "UPDATE node SET position = 2 - position WHERE element = 'component'",
            "Observation.component.code.text",
            "altered",
        ),
    ],
)  # fmt: skip
def test_a_store_that_loses_something_is_found_out(tmp_path, harm, path, kind):
    (back,) = harmed(tmp_path / "s", line_of(RICH), harm)
    assert (path, kind) in {(one.path, one.kind) for one in differences(value_of(line_of(RICH)), back)}


def harmed(path, line, harm):
    """Do the harm, and let what hung below a lost node go with it."""
    with Store(path) as store:
        list(store.load([line]))
    with sqlite3.connect(path) as base:
        base.execute(harm)
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables.remove("resource")
        for table in tables * 5:
            base.execute(f'DELETE FROM "{table}" WHERE owner > 0 AND owner NOT IN (SELECT node FROM node)')
    base.close()
    with Store(path) as store:
        return [value_of(line) for line in store.read()]


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_any_valid_resource_comes_back_as_it_was(data):
    kind = data.draw(
        st.sampled_from(["Patient", "Observation", "Questionnaire", "Claim", "MedicationRequest"])
    )
    text = data.draw(resource(type=kind))
    line = f'{{"id":"x",{text[1:]}'.encode()
    with TemporaryDirectory() as folder:
        refused, back = round_trip(Path(folder) / "s", line)
    assert refused == []
    assert list(differences(value_of(line), back[0])) == []


def test_both_processes_share_nothing_but_the_file(tmp_path):
    def loader(verb, given=b""):
        command = [sys.executable, "-m", "conformance.loader", verb, str(tmp_path / "store")]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout

    odd = {"resourceType": "Patient", "id": "p", "colour": "red"}
    told = loader("load", line_of(RICH) + b"\n" + line_of(odd) + b"\n")
    assert json.loads(told) == {
        "line": 2, "resource": "Patient/p", "place": "Patient.colour", "why": "R4 has no such element",
    }  # fmt: skip
    back = [value_of(line) for line in loader("read").splitlines()]
    assert not list(differences(value_of(line_of(RICH)), back[0]))
    assert back[1] == {"resourceType": "Patient", "id": "p"}
