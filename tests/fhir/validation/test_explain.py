"""`explain` by the base definitions alone: the form of the document, what elements hold, and how it is told."""

import copy
import json
import random
from decimal import Decimal

import pytest
from explaining import base, errors
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.documents import read_json, read_xml
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.validator import Validator

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Ann</div>'},
    "name": [
        {
            "family": "Smith",
            "given": ["Ann", None],
            "_given": [
                None,
                {
                    "extension": [
                        {
                            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                            "valueCode": "unknown",
                        }
                    ]
                },
            ],
        }
    ],
    "gender": "female",
    "birthDate": "1980-02-29",
    "deceasedBoolean": False,
    "contact": [{"name": {"family": "Smith"}}],
}
NARRATIVE = PATIENT["text"]


PICTURED = '<div xmlns="http://www.w3.org/1999/xhtml"><img src="#pic" alt="x"/></div>'


def told(resource):
    return errors(base().explain_resource(resource))


def patient(**changes):
    made = copy.deepcopy(PATIENT)
    for name, value in changes.items():
        made[name] = value
    return made


def test_a_right_patient_has_no_issue():
    outcome = base().explain_resource(PATIENT)
    assert outcome.issues == ()
    assert outcome.valid


@pytest.mark.parametrize(
    ("value", "message_id"),
    [
        ([], "not-an-object"),
        ("Patient", "not-an-object"),
        (None, "not-an-object"),
        ({}, "resource-type-missing"),
        ({"resourceType": "Nobody"}, "resource-type-unknown"),
        ({"resourceType": 5}, "resource-type-unknown"),
        ({"resourceType": "HumanName"}, "resource-type-unknown"),
        ({"resourceType": "DomainResource"}, "resource-type-abstract"),
    ],
)
def test_what_is_no_resource_never_passes(value, message_id):
    assert [found for found, _ in told(value)] == [message_id]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"surname": "x"}, [("property-unknown", "Patient")]),
        ({"deceasedCode": "x"}, [("choice-type-not-allowed", "Patient")]),
        ({"deceasedDateTime": "2020"}, [("choice-repeated", "Patient")]),
        (
            {"_deceasedDateTime": {"id": "x", "extension": [{"url": "urn:x:y", "valueCode": "u"}]}},
            [("choice-repeated", "Patient")],
        ),
        ({"_name": [{}]}, [("primitive-companion-misplaced", "Patient")]),
        ({"name": {"family": "x"}}, [("array-expected", "Patient.name")]),
        ({"gender": ["male"]}, [("array-not-allowed", "Patient.gender")]),
        ({"name": []}, [("array-empty", "Patient.name")]),
        ({"name": [{}]}, [("object-empty", "Patient.name[0]")]),
        ({"name": ["x"]}, [("object-expected", "Patient.name[0]")]),
        ({"name": [None]}, [("null-not-allowed", "Patient.name[0]")]),
        ({"name": [{"given": [None]}]}, [("null-not-allowed", "Patient.name[0].given[0]")]),
        ({"gender": None}, [("null-not-allowed", "Patient.gender")]),
        ({"name": [{"id": "a"}]}, [("element-without-content", "Patient.name[0]")]),
        ({"gender": {"a": 1}}, [("type-not-allowed", "Patient.gender")]),
        ({"gender": "man"}, [("code-not-in-required", "Patient.gender")]),
        ({"birthDate": "1981-02-29"}, [("primitive-date", "Patient.birthDate")]),
        ({"id": "a b"}, [("primitive-id", "Patient.id")]),
        ({"link": [{"type": "seealso"}]}, [("missing", "Patient.link[0]")]),
        ({"extension": [{"url": "urn:x:y"}]}, [("extension-content", "Patient.extension[0]")]),
        ({"contact": [{"gender": "male"}]}, [("invariant", "Patient.contact[0]")]),
        (
            {"managingOrganization": {"reference": "#o"}},
            [("reference-not-contained", "Patient.managingOrganization")],
        ),
        (
            {
                "contained": [{"resourceType": "Binary", "id": "pic", "contentType": "image/gif"}],
                "text": {"status": "generated", "div": PICTURED},
            },
            [],
        ),
        (
            {"contained": [{"resourceType": "Organization", "id": "o", "name": "x"}]},
            [("contained-not-referred-to", "Patient.contained[0]")],
        ),
        ({"contained": [{"resourceType": "Nobody"}]}, [("resource-type-unknown", "Patient.contained[0]")]),
    ],
)
def test_one_mistake_is_told_once_and_at_its_place(changes, expected):
    assert told(patient(**changes)) == expected


def test_companions_that_end_early_are_a_warning():
    name = {"given": ["a", "b"], "_given": [{"id": "x"}]}
    outcome = base().explain_resource(patient(name=[name]))
    assert [(issue.message_id, issue.is_error) for issue in outcome.issues] == [
        ("array-lengths-differ", False)
    ]


def test_a_choice_that_must_be_there():
    assert told(
        {
            "resourceType": "MedicationStatement",
            "text": NARRATIVE,
            "status": "active",
            "subject": {"reference": "Patient/1"},
        }
    ) == [("missing", "MedicationStatement")]


def test_elements_that_share_the_children_of_another_are_judged_alike():
    item = {
        "linkId": "1",
        "type": "group",
        "item": [{"linkId": "2", "type": "nonsense", "item": [{"type": "group"}]}],
    }
    found = told({"resourceType": "Questionnaire", "text": NARRATIVE, "status": "draft", "item": [item]})
    assert ("code-not-in-required", "Questionnaire.item[0].item[0].type") in found
    assert ("missing", "Questionnaire.item[0].item[0].item[0]") in found


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        (
            {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [
                    {
                        "fullUrl": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
                        "resource": {"resourceType": "Patient", "gender": 1},
                    }
                ],
            },
            "Bundle.entry[0].resource.gender",
        ),
        (
            {
                "resourceType": "Parameters",
                "parameter": [{"name": "p", "resource": {"resourceType": "Patient", "gender": 1}}],
            },
            "Parameters.parameter[0].resource.gender",
        ),
        (
            patient(
                contained=[{"resourceType": "Organization", "id": "o", "name": "x", "active": 1}],
                managingOrganization={"reference": "#o"},
            ),
            "Patient.contained[0].active",
        ),
    ],
)
def test_resources_within_resources_are_judged(resource, place):
    assert [found for _, found in told(resource)] == [place]


def test_a_reference_in_a_contained_resource_may_lead_to_its_container():
    organization = {
        "resourceType": "Provenance",
        "id": "o",
        "target": [{"reference": "#"}],
        "recorded": "2020-01-01T00:00:00Z",
        "agent": [{"who": {"reference": "#"}}],
    }
    assert told(patient(contained=[organization])) == []
    assert ("reference-to-itself", "Patient.managingOrganization") in told(
        patient(managingOrganization={"reference": "#"})
    )


def test_place_order_and_definition_of_an_issue():
    raw = b'{\n "resourceType": "Patient",\n "birthDate": "x",\n "name": [{"use": "y"}],\n "wrong": 1\n}'
    issues = [issue for issue in base().explain(read_json(raw)).issues if issue.is_error]
    assert [(issue.line, issue.pointer) for issue in issues] == [
        (3, "/birthDate"),
        (4, "/name/0/use"),
        (5, "/wrong"),
    ]
    assert issues[0].column == 15
    assert issues[1].structure == "http://hl7.org/fhir/StructureDefinition/HumanName"
    assert issues[1].code == "code-invalid"


def test_xml_is_judged_alike():
    raw = b'<Patient xmlns="http://hl7.org/fhir"><gender value="man"/><birthDate value="1980-13"/></Patient>'
    validator = base()
    document = read_xml(raw, validator.definitions)
    assert (
        errors(validator.explain(document))
        == errors(validator.explain(raw))
        == [
            ("code-not-in-required", "Patient.gender"),
            ("primitive-date", "Patient.birthDate"),
        ]
    )


def test_text_that_cannot_be_read_is_fatal_and_a_comment_is_told():
    assert base().explain(b"{").issues[0].severity is Severity.FATAL
    assert not base().explain(b"").valid
    assert not base().explain(b"\xff\xfe").valid


def test_decimals_keep_what_was_written():
    raw = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.10}}'
    )
    assert read_json(raw).value["valueQuantity"]["value"] == Decimal("1.10")
    assert base().explain(read_json(raw)).valid


def test_nesting_has_a_bound():
    item: dict[str, object] = {"linkId": "0", "type": "group"}
    for depth in range(300):
        item = {"linkId": str(depth + 1), "type": "group", "item": [item]}
    found = told({"resourceType": "Questionnaire", "status": "draft", "item": [item]})
    assert "too-deep" in {message_id for message_id, _ in found}


def test_without_terminology_no_binding_fails():
    assert errors(Validator(base().definitions).explain_resource(patient(gender="man"))) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(PATIENT)) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_has_an_outcome(value):
    for given_value in (
        value,
        patient(name=value),
        patient(contained=value),
        {**PATIENT, "extension": value, "_gender": value},
    ):
        outcome = base().explain_resource(given_value)
        assert not any(issue.message_id in {"internal-error", "too-deep"} for issue in outcome.issues)


@given(st.integers(0, 2**32))
def test_dropping_a_property_never_raises(seed):
    chance = random.Random(seed)
    resource = copy.deepcopy(PATIENT)
    resource.pop(chance.choice(sorted(resource)))
    outcome = base().explain(json.dumps(resource).encode())
    assert outcome.valid is not ("resourceType" not in resource)
