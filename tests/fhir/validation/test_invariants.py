"""Invariants: evaluated in the context of their node, with the document around them, and never guessed."""

import pytest
from explaining import errors, profile, validator


def outcome(expression, resource, *others, path="", severity="error", kind="Patient"):
    row = {"key": "t-1", "severity": severity, "human": "x", "expression": expression}
    return validator(profile(kind, {"path": path, "constraint": [row]}), *others).explain_resource(
        {"resourceType": kind, **resource}
    )


@pytest.mark.parametrize(
    ("path", "expression", "resource", "places"),
    [
        ("name", "family.exists()", {"name": [{"family": "x"}, {"text": "y"}]}, ["Patient.name[1]"]),
        (
            "name.given",
            "$this.length() > 1",
            {"name": [{"given": ["ab", "c"]}]},
            ["Patient.name[0].given[1]"],
        ),
        ("name", "%resource.gender.exists()", {"name": [{"text": "y"}]}, ["Patient.name[0]"]),
        (
            "deceased[x]",
            "$this is boolean",
            {"deceasedDateTime": "2020"},
            ["Patient.deceased.ofType(dateTime)"],
        ),
        ("", "deceased.exists()", {"deceasedBoolean": False}, []),
        (
            "",
            "managingOrganization.resolve().name = 'x'",
            {
                "contained": [{"resourceType": "Organization", "id": "o", "name": "y"}],
                "managingOrganization": {"reference": "#o"},
            },
            ["Patient"],
        ),
        (
            "contained",
            "%rootResource is Patient and %resource is Organization",
            {
                "contained": [{"resourceType": "Organization", "id": "o", "name": "y"}],
                "managingOrganization": {"reference": "#o"},
            },
            [],
        ),
        (
            "gender",
            "memberOf('http://hl7.org/fhir/ValueSet/name-use')",
            {"gender": "male"},
            ["Patient.gender"],
        ),
    ],
)
def test_where_an_invariant_does_not_hold(path, expression, resource, places):
    assert errors(outcome(expression, resource, path=path)) == [("invariant", place) for place in places]


def test_a_warning_stays_one():
    found = outcome("name.exists()", {}, severity="warning")
    assert found.valid
    assert ("t-1", "warning") in [(issue.rule, str(issue.severity)) for issue in found.issues]


@pytest.mark.parametrize(
    "expression",
    [
        "name.",
        "nonsense(",
        "memberOf('http://nobody.test/vs')",
        "managingOrganization.resolve().name.exists()",
        "conformsTo('http://nobody.test/s')",
    ],
)
def test_what_cannot_be_evaluated_neither_fails_nor_passes(expression):
    found = outcome(
        expression,
        {"managingOrganization": {"reference": "Organization/1"}, "gender": "male"},
        path="" if "member" not in expression else "gender",
    )
    assert errors(found) == []
    assert ("invariant", "t-1") in [(row.kind, row.subject) for row in found.not_evaluated]


def test_conforms_to_asks_the_loaded_structure():
    named = profile("Patient", {"path": "name", "min": 1}, name="named")
    expression = f"conformsTo('{named['url']}')"
    assert errors(outcome(expression, {}, named)) == [("invariant", "Patient")]
    assert errors(outcome(expression, {"name": [{"text": "x"}]}, named)) == []


def test_an_expression_built_to_explode_ends():
    found = outcome(
        "repeat(children() | children()).repeat(children()).count() > 0 and "
        + "descendants().descendants()." * 6
        + "count() >= 0",
        {"name": [{"text": "x", "given": ["a"] * 30}] * 30},
    )
    assert errors(found) == []


def test_an_empty_answer_is_not_true():
    assert errors(outcome("gender = 'male'", {"gender": "male"})) == []
    assert errors(outcome("gender = 'male'", {})) == [("invariant", "Patient")]
