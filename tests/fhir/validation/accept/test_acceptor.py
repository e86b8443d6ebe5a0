"""What is accepted, what is left to `explain`, and what is noted as not evaluated."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.fhir.validation.accept import Acceptor

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"family": "Ngata", "given": ["Aroha"]}],
    "gender": "female",
    "birthDate": "1974-12-25",
    "deceasedBoolean": False,
    "contact": [{"name": {"family": "Ngata"}}],
    "generalPractitioner": [{"reference": "Practitioner/1"}],
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "category": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                    "code": "vital-signs",
                }
            ]
        }
    ],
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "subject": {"reference": "Patient/1"},
    "effectivePeriod": {"start": "2020-01-01T10:00:00Z", "end": "2020-01-01T12:00:00+01:00"},
    "valueQuantity": {"value": 71.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
}
CONTAINING: dict[str, Any] = {
    "resourceType": "Patient",
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Ward"}],
    "managingOrganization": {"reference": "#o"},
}
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>'


def entry(url: str, **resource: Any) -> dict[str, Any]:
    return {"fullUrl": url, "resource": resource}


BUNDLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        entry("http://a.test/Patient/1", resourceType="Patient", id="1", active=True),
        entry("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", resourceType="Patient", active=True,
              link=[{"other": {"reference": "http://a.test/Patient/1"}, "type": "seealso"}]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "resource",
    [
        PATIENT,
        OBSERVATION,
        CONTAINING,
        BUNDLE,
        PATIENT | {"text": {"status": "generated", "div": DIV}},
        PATIENT | {"birthDate": "2020-02-29"},
        PATIENT | {"_birthDate": {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}},
        PATIENT | {"extension": [{"url": BIRTH_PLACE, "valueAddress": {"city": "Leeds"}}]},
        PATIENT | {"extension": [{"url": "http://nobody.test/x", "valueString": "x"}]},
        PATIENT | {"meta": {"profile": ["http://nobody.test/profile"]}},
    ],
    ids=lambda resource: " ".join(resource)[-60:],
)
def test_ordinary_resources_are_accepted(acceptor: Acceptor, resource: dict[str, Any]):
    assert acceptor.accepts(resource)
    assert acceptor.accepts_bytes(json.dumps(resource).encode())
    assert acceptor.accepts_bytes(json.dumps(resource, separators=(",", ":")).encode())
    assert acceptor.accepts_bytes(json.dumps(resource, indent=2).replace(":", " :\t").encode()) is (
        "http" not in json.dumps(resource) and "T1" not in json.dumps(resource)
    )


@pytest.mark.parametrize(
    "resource",
    [
        {},
        {"resourceType": "Nobody"},
        {"resourceType": "DomainResource"},
        PATIENT | {"unknown": 1},
        PATIENT | {"name": []},
        PATIENT | {"name": {"family": "x"}},
        PATIENT | {"name": [{}]},
        PATIENT | {"name": [{"id": "only"}]},
        PATIENT | {"name": [None]},
        PATIENT | {"gender": "f"},
        PATIENT | {"gender": None},
        PATIENT | {"birthDate": "2021-02-29"},
        PATIENT | {"birthDate": 1974},
        PATIENT | {"active": "true"},
        PATIENT | {"deceasedDateTime": "2020"},
        PATIENT | {"multipleBirthInteger": True},
        PATIENT | {"multipleBirthInteger": 2**31},
        PATIENT | {"contact": [{"relationship": [{"text": "x"}]}]},
        PATIENT | {"generalPractitioner": [{"reference": "Patient/1"}]},
        PATIENT | {"generalPractitioner": [{"reference": "#missing"}]},
        PATIENT | {"generalPractitioner": [{"reference": "not one"}]},
        PATIENT | {"communication": [{"preferred": True}]},
        PATIENT | {"text": {"status": "generated", "div": DIV.replace("<p>", "<script>")}},
        PATIENT | {"extension": [{"url": "http://nobody.test/x"}]},
        PATIENT | {"extension": [{"url": "http://nobody.test/x", "valueString": "x", "valueCode": "x"}]},
        PATIENT | {"extension": [{"url": BIRTH_PLACE, "valueString": "Leeds"}]},
        PATIENT
        | {"name": [{"family": "x", "extension": [{"url": BIRTH_PLACE, "valueAddress": {"city": "x"}}]}]},
        PATIENT | {"modifierExtension": [{"url": ABSENT, "valueCode": "unknown"}]},
        OBSERVATION | {"status": "done"},
        OBSERVATION | {"valueString": "x"},
        OBSERVATION | {"dataAbsentReason": {"text": "x"}},
        OBSERVATION | {"effectivePeriod": {"start": "2020-01-02", "end": "2020-01-01"}},
        OBSERVATION | {"valueQuantity": {"value": "71"}},
        OBSERVATION | {"valueQuantity": {"value": 71, "code": "kg"}},
        OBSERVATION | {"referenceRange": [{"type": {"text": "x"}}]},
        OBSERVATION | {"component": [{"code": OBSERVATION["code"], "valueInteger": 1}]},
        CONTAINING | {"managingOrganization": {"reference": "Organization/o"}},
        CONTAINING | {"contained": [*CONTAINING["contained"], {"resourceType": "Patient", "id": "o"}]},
        CONTAINING | {"contained": [CONTAINING["contained"][0] | {"meta": {"versionId": "1"}}]},
        BUNDLE | {"total": 2},
        BUNDLE | {"entry": [{"resource": PATIENT}]},
        BUNDLE | {"entry": [entry("http://a.test/Patient/2", resourceType="Patient", id="1", active=True)]},
        BUNDLE | {"entry": BUNDLE["entry"] * 2},
    ],
    ids=lambda resource: json.dumps(resource)[-60:],
)
def test_what_is_wrong_is_not_accepted(acceptor: Acceptor, resource: dict[str, Any]):
    assert not acceptor.accepts(resource)


@pytest.mark.parametrize("value", [None, [], "x", 1, [PATIENT]])
def test_what_is_no_resource_is_not_accepted(acceptor: Acceptor, value: Any):
    assert not acceptor.accepts(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xef\xbb\xbf" + json.dumps(PATIENT).encode(),
        b'{"resourceType":"Patient","active":true,"active":true}',
        b'{"resourceType":"Patient","active":true,"active" :true}',
        b'{"resourceType":"Patient","name":[{"text":"a","text":"b"}]}',
        b'{"resourceType":"Patient","name":[{"text":"\\":"}],"active":true,"active" :true}',
        b'{"resourceType":"Patient","\\u0061ctive":true,"active":true}',
        b'{"resourceType":"Patient","active":NaN}',
        b'{"resourceType":"Patient","multipleBirthInteger":1e400}',
        b'{"resourceType":"Patient","multipleBirthInteger":123456789012345678901}',
        b'{"resourceType":"Patient","name":[{"text":"\\ud800"}]}',
        b'{"resourceType":"Patient","name":[{"text":"\xff"}]}',
        b'{"resourceType":"Patient","extension":'
        + b'[{"url":"a:b","extension":' * 400
        + b"[]"
        + b"}]" * 400
        + b"}",
    ],
)
def test_bad_text_is_not_accepted(acceptor: Acceptor, raw: bytes):
    assert not acceptor.accepts_bytes(raw)


@pytest.mark.parametrize("text", ["a: b", '":', ": x", 'say \\":\\" twice', "\\\\"])
def test_colons_and_quotes_in_strings_are_no_duplicates(acceptor: Acceptor, text: str):
    raw = json.dumps({"resourceType": "Patient", "name": [{"text": text}]}).encode()
    assert acceptor.accepts_bytes(raw)
    assert acceptor.accepts_bytes(raw.replace(b'"resourceType":', b'"resourceType" :'))


def test_what_nobody_can_judge_is_noted_for_accepted_resources_only(made: Callable[..., Acceptor]):
    acceptor = made("pure")
    extended = PATIENT | {"extension": [{"url": "http://nobody.test/x", "valueString": "x"}]}
    assert acceptor.accepts(extended)
    assert acceptor.accepts(extended)
    assert not acceptor.accepts(extended | {"unknown": 1})
    assert acceptor.not_evaluated == {("extension", "http://nobody.test/x"): 2}
    assert [(rule.kind, rule.subject) for rule in acceptor.skipped] == [("extension", "http://nobody.test/x")]
    assert all(rule.reason for rule in acceptor.skipped)


def test_a_refusal_leaves_no_trace(acceptor: Acceptor):
    assert acceptor.accepts(CONTAINING)
    assert not acceptor.accepts(
        BUNDLE | {"entry": [entry("http://a.test/Patient/1", resourceType="Patient", x=1)]}
    )
    assert not acceptor.accepts({"resourceType": "Patient", "managingOrganization": {"reference": "#o"}})
    assert acceptor.accepts(CONTAINING)


def coded(**coding: Any) -> dict[str, Any]:
    return {"resourceType": "Basic", "code": {"coding": [coding]}}


def test_what_was_met_before_is_not_taken_for_what_equals_it(acceptor: Acceptor):
    """In Python 1 equals True, and an object that was right is known again by its values."""
    right = {"system": "http://a.test/s", "code": "1"}
    for _ in range(2):
        assert acceptor.accepts(coded(**right))
        assert acceptor.accepts(coded(**right, userSelected=True))
        assert not acceptor.accepts(coded(**right, userSelected=1))
        assert not acceptor.accepts(coded(**{**right, "code": 1}))
        assert not acceptor.accepts(coded(**right, display=""))
        assert not acceptor.accepts(coded(code="http://a.test/s", system="1"))


@pytest.mark.parametrize(
    ("reference", "accepted"),
    [
        ({"reference": "Patient/1"}, True),
        ({"reference": "Patient/1", "display": "x"}, True),
        ({"reference": "Patient/1", "display": " "}, False),
        ({"reference": "Patient/1", "display": 1}, False),
        ({"reference": "Patient/1", "id": "x"}, True),
        ({"reference": "Medication/1"}, False),
        ({"reference": "Patient/" + "1" * 65}, False),
        ({"reference": "http://a.test/" + "x/" * 600_000 + "Patient/1"}, False),
        ({"reference": ""}, False),
        ({"reference": 1}, False),
        ({"reference": ["Patient/1"]}, False),
        ({"display": "x"}, True),
        ({"id": "x", "display": "x"}, True),
        ({"id": "x"}, False),
    ],
)
def test_references(acceptor: Acceptor, reference: dict[str, Any], *, accepted: bool):
    resource = {"resourceType": "Patient", "link": [{"other": reference, "type": "seealso"}]}
    assert acceptor.accepts(resource) is accepted
