"""What small profiles ask, on the quick path: what meets them is accepted, what does not is not, as `explain` says."""

import pytest
from accepting import (
    ABSENT,
    GENDER,
    HOME,
    MARRIED,
    NAME_USE,
    PATIENT,
    SINGLE,
    USE,
    WORK,
    Json,
    judged,
    kilograms,
    rule,
    watched,
)
from explaining import BASE

CASES: dict[str, tuple[str, list[Json], list[Json], list[Json]]] = {
    "how often": (
        "Patient",
        [{"path": "name", "min": 1, "max": "2"}],
        [{"name": [{"text": "x"}]}, {"name": [{"text": "x"}] * 2}],
        [{}, {"name": [{"text": "x"}] * 3}],
    ),
    "not at all": ("Patient", [{"path": "gender", "max": "0"}], [{}], [{"gender": "male"}]),
    "below": (
        "Patient",
        [{"path": "name.family", "min": 1}, {"path": "name.text", "max": "0"}],
        [{}, {"name": [{"family": "x"}]}],
        [{"name": [{"given": ["x"]}]}, {"name": [{"family": "x", "text": "x"}]}],
    ),
    "a given text": (
        "Patient",
        [{"path": "gender", "fixedCode": "male"}, {"path": "language", "min": 1, "fixedCode": "en"}],
        [{"language": "en"}, {"gender": "male", "language": "en"}],
        [{}, {"gender": "male"}, {"gender": "female", "language": "en"}, {"language": "de"}],
    ),
    "given texts, many": (
        "Patient",
        [
            {"path": "gender", "fixedCode": "male"},
            {"path": "language", "min": 1, "fixedCode": "en"},
            {"path": "birthDate", "patternDate": "2000-01-01"},
            {"path": "name", "min": 1},
            {"path": "telecom", "max": "1"},
            {"path": "active", "fixedBoolean": True},
        ],
        [
            {"language": "en", "name": [{"text": "x"}]},
            {"language": "en", "gender": "male", "birthDate": "2000-01-01", "name": [{"text": "x"}]},
        ],
        [
            {"name": [{"text": "x"}]},
            {"language": "en"},
            {"language": "de", "name": [{"text": "x"}]},
            {"language": "en", "gender": "female", "name": [{"text": "x"}]},
            {"language": "en", "birthDate": "2000-01-02", "name": [{"text": "x"}]},
            {"language": "en", "telecom": [WORK, HOME], "name": [{"text": "x"}]},
            {"language": "en", "active": False, "name": [{"text": "x"}]},
        ],
    ),
    "a given object": (
        "Patient",
        [{"path": "maritalStatus", "fixedCodeableConcept": MARRIED}],
        [{}, {"maritalStatus": MARRIED}],
        [{"maritalStatus": SINGLE}, {"maritalStatus": {**MARRIED, "text": "x"}}],
    ),
    "a pattern": (
        "Patient",
        [{"path": "maritalStatus", "patternCodeableConcept": MARRIED}],
        [{}, {"maritalStatus": MARRIED}, {"maritalStatus": {**MARRIED, "text": "x"}}],
        [{"maritalStatus": SINGLE}, {"maritalStatus": {"text": "M"}}],
    ),
    "whole numbers between": (
        "Patient",
        [{"path": "multipleBirth[x]", "minValueInteger": 2, "maxValueInteger": 4}],
        [{}, *({"multipleBirthInteger": number} for number in (2, 3, 4))],
        [{"multipleBirthInteger": 1}, {"multipleBirthInteger": 5}],
    ),
    "at least": (
        "Patient",
        [{"path": "multipleBirth[x]", "minValueInteger": 2}],
        [{"multipleBirthInteger": 2}, {"multipleBirthInteger": 9}],
        [{"multipleBirthInteger": 1}],
    ),
    "at most": (
        "Patient",
        [{"path": "multipleBirth[x]", "maxValueInteger": 4}],
        [{"multipleBirthInteger": 4}, {"multipleBirthInteger": 1}],
        [{"multipleBirthInteger": 5}],
    ),
    "a quantity at least": (
        "Observation",
        [{"path": "value[x]", "minValueQuantity": kilograms(10)}],
        [{}],
        [{"valueQuantity": kilograms(9)}],
    ),
    "a quantity at most": (
        "Observation",
        [{"path": "value[x]", "maxValueQuantity": kilograms(10)}],
        [{}],
        [{"valueQuantity": kilograms(11)}],
    ),
    "a length": (
        "Patient",
        [{"path": "name.text", "maxLength": 3}],
        [{"name": [{"text": "abc"}]}],
        [{"name": [{"text": "abcd"}]}],
    ),
    "a least length": (
        "Patient",
        [{"path": "gender", "extension": [{"url": f"{BASE}minLength", "valueInteger": 5}]}],
        [{}, {"gender": "other"}],
        [{"gender": "male"}],
    ),
    "a binding": (
        "Patient",
        [{"path": "address.use", "binding": {"strength": "required", "valueSet": NAME_USE}}],
        [{}, {"address": [{"use": "temp"}]}, {"address": [{"city": "x"}]}],
        [{"address": [{"use": "home"}]}, {"address": [{"use": "temp"}, {"use": "work"}]}],
    ),
    "a binding of a concept": (
        "Observation",
        [{"path": "method", "binding": {"strength": "required", "valueSet": NAME_USE}}],
        [{}, {"method": {"coding": [{"system": USE, "code": "usual"}]}}],
        [
            {"method": {"coding": [{"system": USE, "code": "unusual"}]}},
            {"method": {"text": "usual"}},
            {"method": {"coding": [{"code": "usual"}]}},
            {"method": {"coding": [{"system": GENDER, "code": "male"}]}},
        ],
    ),
    "the widest binding": (
        "Observation",
        [
            {
                "path": "method",
                "binding": {
                    "strength": "preferred",
                    "valueSet": "http://hl7.org/fhir/ValueSet/observation-methods",
                    "extension": [
                        {"url": f"{BASE}elementdefinition-maxValueSet", "valueCanonical": NAME_USE}
                    ],
                },
            }
        ],
        [{}, {"method": {"coding": [{"system": USE, "code": "usual"}]}}, {"method": {"text": "x"}}],
        [
            {"method": {"coding": [{"system": GENDER, "code": "male"}]}},
            {"method": {"coding": [{"system": USE, "code": "unusual"}]}},
        ],
    ),
    "one type of a choice": (
        "Patient",
        [{"path": "deceased[x]", "type": [{"code": "boolean"}]}],
        [{}, {"deceasedBoolean": True}],
        [{"deceasedDateTime": "2020"}],
    ),
    "a choice that must be there": (
        "Patient",
        [{"path": "deceased[x]", "min": 1}],
        [{"deceasedBoolean": True}, {"deceasedDateTime": "2020"}],
        [{}],
    ),
    "no choice at all": (
        "Patient",
        [{"path": "deceased[x]", "max": "0"}],
        [{}],
        [{"deceasedBoolean": True}, {"deceasedDateTime": "2020"}],
    ),
    "a rule": (
        "Patient",
        [{"path": "", **rule("gender.exists() or birthDate.exists()")}],
        [{"gender": "male"}, {"birthDate": "2000"}],
        [{}],
    ),
    "a rule below": (
        "Patient",
        [{"path": "name", **rule("family.exists() implies given.count() = 2")}],
        [{}, {"name": [{"text": "x"}]}, {"name": [{"family": "x", "given": ["a", "b"]}]}],
        [{"name": [{"text": "x"}, {"family": "x", "given": ["a"]}]}],
    ),
    "a target": (
        "Patient",
        [
            {
                "path": "generalPractitioner",
                "type": [{"code": "Reference", "targetProfile": [f"{BASE}Practitioner"]}],
            }
        ],
        [
            {},
            {"generalPractitioner": [{"reference": "Practitioner/1"}]},
            {"generalPractitioner": [{"reference": "http://a.test/fhir/Practitioner/1"}]},
            {"generalPractitioner": [{"reference": "Practitioner/1/_history/2"}]},
            {"generalPractitioner": [{"display": "x"}]},
            {
                "contained": [{"resourceType": "Practitioner", "id": "p", "active": True}],
                "generalPractitioner": [{"reference": "#p"}],
            },
        ],
        [
            {"generalPractitioner": [{"reference": "Organization/1"}]},
            {"generalPractitioner": [{"reference": "http://a.test/fhir/Organization/1"}]},
            {
                "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
                "generalPractitioner": [{"reference": "#o"}],
            },
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_meets_a_profile_is_accepted_and_nothing_else(name: str):
    judged(CASES[name])


@pytest.mark.parametrize(
    ("given", "most"),
    [
        ({"_gender": {"extension": [ABSENT]}}, {"path": "gender", "fixedCode": "male"}),
        ({"_gender": {"extension": [ABSENT]}}, {"path": "gender", "max": "0"}),
        ({"_gender": {"extension": [ABSENT]}}, {"path": "gender", "min": 1}),
        ({"gender": "male", "_gender": {"extension": [ABSENT]}}, {"path": "gender", "fixedCode": "female"}),
        ({"gender": "male", "_gender": {"extension": [ABSENT]}}, {"path": "gender.extension", "max": "0"}),
        ({"gender": "male"}, {"path": "gender.extension", "min": 1}),
    ],
)
def test_where_a_primitive_has_extensions_a_profile_is_left_to_explain(given: Json, most: Json):
    asked = watched("Patient", [most])
    asked.explain_resource({**PATIENT, **given})
    assert not any(acceptor.accepts({**PATIENT, **given}) for acceptor in asked.acceptors)


@pytest.mark.parametrize(("bound", "valid"), [("> 5", True), ("< 5", False)])
def test_a_rule_that_takes_many_steps_is_left_to_explain(bound: str, *, valid: bool):
    expression = f"name.given.all(%context.name.given.where($this = 'x').count() {bound})"
    asked = watched("Patient", [{"path": "", **rule(expression)}])
    few, many = ({**PATIENT, "name": [{"given": ["x"] * count}]} for count in (6, 250))
    assert [acceptor.accepts(few) for acceptor in asked.acceptors] == [valid] * len(asked.acceptors)
    for _ in range(4):  # it is given up after some times
        assert asked.explain_resource(many).valid is valid  # `Watched`: no walk accepts what is wrong
        assert not any(acceptor.accepts(many) for acceptor in asked.acceptors)
