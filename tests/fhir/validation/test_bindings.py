"""Codes against bindings: strength decides the severity, and what cannot be told is not evaluated."""

import pytest
from explaining import base, errors, profile, validator

from conformance.fhir.definitions import r4
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept import Acceptor
from conformance.fhir.validation.issues import Severity

SYSTEM = "http://test.example/colours"
VALUE_SET = {
    "resourceType": "ValueSet",
    "url": "http://test.example/ValueSet/colours",
    "status": "draft",
    "compose": {"include": [{"system": SYSTEM, "concept": [{"code": "red"}, {"code": "blue"}]}]},
}
RED = {"system": SYSTEM, "code": "red"}
GREY = {"system": SYSTEM, "code": "grey"}


def judged(strength, concept, value_set=VALUE_SET["url"], **binding):
    row = {"path": "code", "binding": {"strength": strength, "valueSet": value_set, **binding}}
    outcome = validator(profile("Basic", row), VALUE_SET).explain_resource(
        {"resourceType": "Basic", "code": concept}
    )
    return [
        (i.message_id, str(i.severity)) for i in outcome.issues if i.message_id.startswith("code-")
    ], outcome.not_evaluated


@pytest.mark.parametrize(
    ("strength", "concept", "expected"),
    [
        ("required", {"coding": [RED]}, []),
        ("required", {"coding": [GREY, RED]}, []),
        ("required", {"coding": [GREY]}, [("code-not-in-required", "error")]),
        ("required", {"coding": [{"code": "red"}]}, [("code-not-in-required", "error")]),
        ("required", {"text": "red"}, [("code-missing-for-required", "error")]),
        ("extensible", {"coding": [GREY]}, [("code-not-in-extensible", "warning")]),
        ("extensible", {"text": "red"}, []),
        ("preferred", {"coding": [GREY]}, []),
        ("example", {"coding": [GREY]}, []),
    ],
)
def test_the_strength_of_a_binding(strength, concept, expected):
    assert judged(strength, concept)[0] == expected


def test_the_widest_value_set_is_not_left():
    widest = {
        "url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet",
        "valueCanonical": VALUE_SET["url"],
    }
    assert judged("preferred", {"coding": [GREY]}, extension=[widest])[0] == [
        ("code-not-in-maximum", "error")
    ]
    assert judged("preferred", {"text": "grey"}, extension=[widest])[0] == []


def test_a_further_binding():
    further = {
        "url": "http://hl7.org/fhir/tools/StructureDefinition/additional-binding",
        "extension": [
            {"url": "purpose", "valueCode": "required"},
            {"url": "valueSet", "valueCanonical": VALUE_SET["url"]},
        ],
    }
    assert judged("preferred", {"coding": [GREY]}, extension=[further])[0] == [
        ("code-not-in-required", "error")
    ]
    assert judged("preferred", {"coding": [RED]}, extension=[further])[0] == []


def test_a_value_set_that_is_not_loaded_is_not_evaluated():
    issues, skipped = judged("required", {"coding": [RED]}, value_set="http://nobody.test/vs")
    assert issues == []
    assert [(row.kind, row.subject, row.expression) for row in skipped] == [
        ("binding", "http://nobody.test/vs", "Basic.code")
    ]


def test_a_quantity_is_bound_by_its_unit():
    row = {"path": "value[x]", "binding": {"strength": "required", "valueSet": VALUE_SET["url"]}}
    asks = validator(profile("Observation", row), VALUE_SET)
    start = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert errors(asks.explain_resource({**start, "valueQuantity": {"value": 1, **RED}})) == []
    assert errors(asks.explain_resource({**start, "valueQuantity": {"value": 1, **GREY}})) == [
        ("code-not-in-required", "Observation.value.ofType(Quantity)")
    ]
    assert errors(asks.explain_resource({**start, "valueQuantity": {"value": 1}})) == []


def test_a_coding_without_a_code_is_named_as_such():
    row = {"path": "code", "binding": {"strength": "required", "valueSet": VALUE_SET["url"]}}
    resource = {"resourceType": "Basic", "code": {"coding": [{"system": SYSTEM, "display": "red"}]}}
    (issue,) = (
        issue
        for issue in validator(profile("Basic", row), VALUE_SET).explain_resource(resource).issues
        if issue.is_error
    )
    assert f"a coding of {SYSTEM} without a code" in issue.text
    assert "None" not in issue.text


@pytest.mark.parametrize(
    ("patient", "place"),
    [
        ({"language": "en-GB"}, None),
        ({"language": "en_GB"}, "Patient.language"),
        ({"communication": [{"language": {"text": "English"}}]}, None),
        ({"communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "cy"}]}}]}, None),
        (
            {"communication": [{"language": {"coding": [{"system": "http://test.example", "code": "en"}]}}]},
            "Patient.communication[0].language",
        ),
    ],
)
def test_no_code_lies_outside_the_widest_value_set_that_r4_allows(patient, place):
    resource = {"resourceType": "Patient", **patient}
    found = errors(base().explain_resource(resource))
    assert found == ([] if place is None else [("code-not-in-maximum", place)])
    assert Acceptor(r4(), Terminology(r4())).accepts(resource) is (place is None)


@pytest.mark.parametrize(("code", "told"), [("mm[Hg]", []), ("foo bar", [Severity.WARNING])])
def test_a_unit_that_ucum_does_not_have_is_a_warning(code, told):
    quantity = {"value": 1, "system": "http://unitsofmeasure.org", "code": code}
    resource = {
        "resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueQuantity": quantity,
    }  # fmt: skip
    issues = base().explain_resource(resource).issues
    assert [issue.severity for issue in issues if issue.message_id == "quantity-unit-unknown"] == told


@pytest.mark.parametrize(
    ("start", "end", "valid"),
    [
        ("2012-02-03", "2012-02-03", True),
        ("2012-02-03T10:00:00Z", "2012-02-03", True),
        ("2012-02", "2012", True),
        ("2012-02-04T10:00:00Z", "2012-02-03", False),
        ("2012-03", "2012-02-28", False),
    ],
)
def test_a_less_precise_end_of_a_period_includes_what_lies_within_it(start, end, valid):
    resource = {"resourceType": "Patient", "name": [{"text": "x", "period": {"start": start, "end": end}}]}
    found = errors(base().explain_resource(resource))
    assert found == ([] if valid else [("invariant", "Patient.name[0].period")])
