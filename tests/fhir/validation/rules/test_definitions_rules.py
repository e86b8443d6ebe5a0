"""Questionnaires, StructureDefinitions, ValueSets and CodeSystems."""

import pytest

SYSTEM = "http://s.test/CodeSystem/c"


def when(question: str) -> list[dict]:
    return [{"question": question, "operator": "exists", "answerBoolean": True}]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([{"linkId": "a", "type": "string"}, {"linkId": "b", "type": "string", "enableWhen": when("a")}], []),
        (
            [{"linkId": "b", "type": "string", "enableWhen": when("none")}],
            [("questionnaire-condition-unknown", "item[0].enableWhen[0]")],
        ),
        (
            [
                {
                    "linkId": "g",
                    "type": "group",
                    "enableWhen": when("in"),
                    "item": [{"linkId": "in", "type": "string"}],
                },
            ],
            [("questionnaire-condition-inside", "item[0]")],
        ),
        (
            [{"linkId": "b", "type": "string", "enableWhen": when("a")}, {"linkId": "a", "type": "string"}],
            [("questionnaire-condition-later", "item[0].enableWhen[0]")],
        ),
        (
            [{"linkId": "g", "type": "group"}, {"linkId": "b", "type": "string", "enableWhen": when("g")}],
            [("questionnaire-condition-no-question", "item[1].enableWhen[0]")],
        ),
    ],
)
def test_conditions_of_a_questionnaire(told, items, expected):
    questionnaire = {"resourceType": "Questionnaire", "status": "active", "item": items}
    found = told("questionnaire-condition", questionnaire)
    assert found == [(message, f"Questionnaire.{place}") for message, place in expected]


def profile(*elements: dict, **fields) -> dict:
    return {
        "resourceType": "StructureDefinition",
        "url": "http://s.test/StructureDefinition/p",
        "name": "P",
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "derivation": "constraint",
        "differential": {"element": [{"id": one["path"], **one} for one in elements]},
        **fields,
    }


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("Patient", True),
        ("Patient.name", True),
        ("Patient.name.family", True),
        ("Patient.contact.name.given", True),
        ("Patient.deceased[x]", True),
        ("Patient.deceasedBoolean", True),
        ("Patient.extension.value[x]", True),
        ("Patient.extension.valueQuantity.unit", True),
        ("Patient.contained.id", True),
        ("Patient.link.other.identifier.value", True),
        ("Patient.nothing", False),
        ("Patient.name.nothing", False),
        ("Patient.deceasedQuantity", False),
        ("Observation.code", False),
    ],
)
def test_paths_of_a_differential(told, path, known):
    assert (told("structure-path", profile({"path": path})) == []) is known


@pytest.mark.parametrize(
    ("path", "fields", "count"),
    [
        ("Patient.maritalStatus", {}, 0),
        ("Patient.birthDate", {}, 1),
        ("Patient.deceased[x]", {"type": [{"code": "dateTime"}]}, 1),
        ("Patient.extension.value[x]", {"type": [{"code": "Coding"}]}, 0),
    ],
)
def test_bindings_of_a_differential(told, path, fields, count):
    binding = {"strength": "required", "valueSet": "http://s.test/ValueSet/v"}
    assert len(told("structure-binding", profile({"path": path, "binding": binding, **fields}))) == count


def test_a_base_of_its_own(told, judged):
    assert told("structure-base", profile({"path": "Patient.name"})) == []
    cyclic = profile({"path": "Patient.name"}, baseDefinition="http://s.test/StructureDefinition/p")
    assert told("structure-base", cyclic) == [("structure-base-cyclic", "StructureDefinition.baseDefinition")]
    unknown = judged(profile({"path": "Patient.name"}, baseDefinition="http://s.test/none"))
    assert "http://s.test/none" in {row.subject for row in unknown.not_evaluated}


CODES = {
    "resourceType": "CodeSystem",
    "url": SYSTEM,
    "status": "active",
    "content": "complete",
    "filter": [{"code": "size", "operator": ["="], "value": "a size"}],
    "property": [{"code": "size", "type": "code"}, {"code": "notSelectable", "type": "boolean"}],
    "concept": [{"code": "a", "property": [{"code": "size", "valueCode": "x"}]}],
}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"property": "size", "op": "=", "value": "x"}, []),
        ({"property": "size", "op": "not-in", "value": "x"}, ["value-set-filter-operation"]),
        ({"property": "colour", "op": "=", "value": "x"}, ["value-set-filter-property"]),
        ({"property": "notSelectable", "op": "=", "value": "true"}, []),
        ({"property": "notSelectable", "op": "=", "value": "1"}, ["value-set-filter-value"]),
        ({"property": "concept", "op": "is-a", "value": "a"}, []),
        ({"property": "concept", "op": "is-a", "value": "z"}, ["value-set-filter-concept"]),
    ],
)
def test_filters_of_a_value_set(told, row, expected):
    value_set = {
        "resourceType": "ValueSet",
        "status": "active",
        "compose": {"include": [{"system": SYSTEM, "filter": [row]}]},
    }
    assert [message for message, _ in told("value-set-filter", value_set, CODES)] == expected
    assert told("value-set-filter", value_set) == []


@pytest.mark.parametrize(("code", "count"), [("a", 0), ("z", 1)])
def test_concepts_of_a_value_set(told, code, count):
    include = {"system": SYSTEM, "concept": [{"code": code}]}
    value_set = {"resourceType": "ValueSet", "status": "active", "compose": {"include": [include]}}
    assert len(told("value-set-concept", value_set, CODES)) == count


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"code": "size", "valueCode": "x"}, []),
        ({"code": "size", "valueString": "x"}, ["code-system-property-type"]),
        ({"code": "colour", "valueCode": "x"}, ["code-system-property-undeclared"]),
    ],
)
def test_properties_of_a_code_system(told, row, expected):
    nested = {"code": "b", "concept": [{"code": "c", "property": [row]}]}
    found = told("code-system-property", CODES | {"concept": [nested]})
    assert [message for message, _ in found] == expected
