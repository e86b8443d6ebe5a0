"""Corners of searching: forms of dates and of composites, numbers by whole queries, case by the code's system."""

import pytest

from conformance.fhir.search.forms_composite import composite_texts
from conformance.fhir.search.forms_dates import DATE_FORMS
from conformance.fhir.search.held import Held
from conformance.fhir.search.judge import satisfies
from conformance.fhir.search.parameters import held_values, known
from conformance.fhir.search.tokens import token_test

DAY = Held("date", "2020-05-06")
TIME = Held("dateTime", "2020-05-06T23:30:00Z")
FRACTION = Held("instant", "2020-05-06T23:30:00.250+01:00")
PERIOD = Held("Period", {"start": "2020-05-06", "end": "2020-06-07"})
OPEN = Held("Period", {"start": "2020-05-06"})
UNTIL = Held("Period", {"end": "2020-06-07"})


@pytest.mark.parametrize(
    ("form", "held", "made"),
    [
        ("plain", DAY, ["2020-05-06"]),
        ("plain", PERIOD, []),
        ("plain", Held("date", "soon"), []),
        ("month", DAY, ["2020-05"]),
        ("month", Held("date", "2020-05"), []),
        ("month", PERIOD, []),
        ("year", DAY, ["2020"]),
        ("year", Held("date", "2020"), []),
        ("day", TIME, ["gt2020-05-04", "lt2020-05-08"]),
        ("day", DAY, []),
        ("day", PERIOD, []),
        ("zone", TIME, ["2020-05-07T09:00:00+09:30"]),
        ("zone", FRACTION, ["2020-05-07T08:00:00.250+09:30"]),
        ("zone", DAY, []),
        ("zone", PERIOD, []),
        ("open", OPEN, ["gt2190-01-01"]),
        ("open", PERIOD, []),
        ("open", UNTIL, []),
        ("open", DAY, []),
        ("open", Held("Period", {"start": "soon"}), []),
        *((prefix, DAY, [f"{prefix}2020-05-06"]) for prefix in ("eq", "ne", "gt", "ge", "lt", "le", "ap")),
        ("ge", PERIOD, ["ge2020-05-06", "ge2020-06-07"]),
        ("ge", UNTIL, ["ge2020-06-07"]),
        ("sa", DAY, ["sa2020-05-06"]),
        ("sa", PERIOD, ["sa2020-05-06"]),
        ("sa", UNTIL, []),
        ("eb", PERIOD, ["eb2020-06-07"]),
        ("eb", OPEN, []),
    ],
)
def test_a_form_of_dates_makes_these_criteria(form, held, made):
    assert [(text.value, text.modifier, text.control) for text in DATE_FORMS[form](held, "")] == [
        (value, "", "") for value in made
    ]


def part(code, value, unit="mm[Hg]"):
    return {
        "code": {"coding": [{"system": "urn:l", "code": code}]},
        "valueQuantity": {"value": value, "unit": unit, "system": "urn:u", "code": unit},
    }


def pressure(*parts):
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "component": list(parts)}


def made_of(resource, form, name="component-code-value-quantity"):
    parameter = known(resource["resourceType"], name)
    held, whole = held_values(resource, parameter)
    assert whole
    return [(text.value, text.control) for text in composite_texts(parameter, held, form, "")]


def test_composites_are_made_of_what_stands_together():
    both = pressure(part("sys", 120), part("dia", 80))
    plain = ["urn:l|sys$120|urn:u|mm[Hg]", "urn:l|dia$80|urn:u|mm[Hg]"]
    assert made_of(both, "plain") == [(text, "") for text in plain]
    crossed = [
        ("urn:l|sys$80|urn:u|mm[Hg]", plain[0]),
        ("urn:l|dia$120|urn:u|mm[Hg]", plain[1]),
    ]
    assert made_of(both, "crossed") == crossed
    for text, control in crossed:
        assert satisfies(both, f"component-code-value-quantity={control}") is True
        assert satisfies(both, f"component-code-value-quantity={text}") is False


def test_what_does_not_hold_every_part_makes_no_composite():
    without = {"code": {"coding": [{"system": "urn:l", "code": "none"}]}}
    unnamed = {"code": {"text": "x"}, "valueQuantity": part("x", 1)["valueQuantity"]}
    assert made_of(pressure(without, unnamed), "plain") == []
    one = pressure(part("sys", 120), without)
    assert [text for text, _ in made_of(one, "plain")] == ["urn:l|sys$120|urn:u|mm[Hg]"]
    assert made_of(one, "crossed") == []
    same = pressure(part("sys", 120), part("dia", 120))
    assert made_of(same, "crossed") == []


RISK = {
    "resourceType": "RiskAssessment",
    "status": "final",
    "subject": {"reference": "Patient/1"},
    "prediction": [{"probabilityDecimal": 0.25}],
}


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("probability=0.25", True),
        ("probability=0.3", True),
        ("probability=0.26", False),
        ("probability=gt0.2", True),
        ("probability=gt0.25", False),
        ("probability=ge0.25", True),
        ("probability=lt0.25", False),
        ("probability=le0.25", True),
        ("probability=sa0.2", True),
        ("probability=eb0.2", False),
        ("probability=ne0.5", True),
        ("probability=ne0.25", False),
        ("probability=0.5,0.25", True),
        ("probability=x", None),
        ("probability:missing=false", True),
    ],
)
def test_numbers_are_judged_by_whole_queries(query, answer):
    assert satisfies(RISK, query) is answer


GENDER = "http://hl7.org/fhir/administrative-gender"


@pytest.mark.parametrize(
    ("searched", "kind", "held", "answer"),
    [
        (f"{GENDER}|male", "Coding", {"system": GENDER, "code": "male"}, True),
        (f"{GENDER}|MALE", "Coding", {"system": GENDER, "code": "male"}, False),
        ("MALE", "Coding", {"system": GENDER, "code": "male"}, False),
        ("MALE", "Coding", {"system": "urn:unknown", "code": "male"}, None),
        ("MALE", "Coding", {"code": "male"}, None),
        ("MALE", "code", "male", None),
        (f"{GENDER}|MALE", "code", "male", False),
        (f"{GENDER}|male", "code", "male", None),
        ("urn:unknown|MALE", "code", "male", None),
    ],
)
def test_case_counts_by_the_system_that_either_names(searched, kind, held, answer):
    assert token_test(searched, "")(Held(kind, held)) is answer
