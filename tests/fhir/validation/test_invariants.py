"""Invariants: evaluated in the context of their node, with the document around them, and never guessed."""

from time import process_time

import pytest
from explaining import BASE, errors, profile, validator


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


def test_an_expression_that_comes_to_no_end_is_given_up_and_in_the_end_not_tried():
    expression = "name.given.all(%context.name.given.where($this = 'b').empty())"
    row = {"key": "t-1", "severity": "error", "human": "x", "expression": expression}
    asked, fresh = (validator(profile("Patient", {"path": "", "constraint": [row]})) for _ in range(2))
    took = []
    for _ in range(5):
        start = process_time()
        found = asked.explain_resource({"resourceType": "Patient", "name": [{"given": ["a"] * 900}]})
        took.append(process_time() - start)
        assert errors(found) == []
        assert ("invariant", "t-1") in [(one.kind, one.subject) for one in found.not_evaluated]
    assert took[-1] < took[0]
    few = {"resourceType": "Patient", "name": [{"given": ["a", "b"]}]}
    assert errors(asked.explain_resource(few)) == []
    assert errors(fresh.explain_resource(few)) == [("invariant", "Patient")]


def broken(name):
    return {**profile("Patient", {"path": "nonsense", "min": 1}, name=name)}


@pytest.mark.parametrize("how", ["declared", "asked", "of a type", "by an expression", "of a target"])
def test_a_structure_that_cannot_be_used_fails_nothing_and_is_told(how):
    bad = broken("broken")
    resource = {"resourceType": "Patient", "active": True}
    asked, others = (bad["url"],), [bad]
    if how == "declared":
        asked, resource = (), {**resource, "meta": {"profile": [bad["url"]]}}
    elif how == "by an expression":
        row = {"key": "t-1", "severity": "error", "human": "x", "expression": f"conformsTo('{bad['url']}')"}
        others = [profile("Patient", {"path": "", "constraint": [row]}, name="asking"), bad]
        asked = (others[0]["url"],)
    elif how in {"of a type", "of a target"}:
        kind = (
            {"code": "Reference", "targetProfile": [bad["url"], BASE + "Organization"]}
            if how == "of a target"
            else {"code": "Reference", "profile": [bad["url"]]}
        )
        others = [profile("Patient", {"path": "link.other", "type": [kind]}, name="asking"), bad]
        asked = (others[0]["url"],)
        resource = {
            **resource,
            "contained": [{"resourceType": "Patient", "id": "c", "active": True}],
            "link": [{"type": "seealso", "other": {"reference": "#c"}}],
        }
    outcome = validator(*others, structures=asked).explain_resource(resource)
    assert errors(outcome) == []
    assert ("structure", bad["url"]) in [(one.kind, one.subject) for one in outcome.not_evaluated]
    assert any("cannot be used" in one.reason for one in outcome.not_evaluated)
