"""No JSON upsets a rule: whatever stands where, the judge answers, and its own faults would be told."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.fhir.validation.rules import RULES

NAME_WORDS = (
    "resourceType id meta contained extension modifierExtension url valueString valueCoding "
    "valueQuantity text div reference type identifier system code value display entry fullUrl "
    "resource link relation request method questionnaire status item linkId answer enableWhen "
    "question operator answerBoolean answerInteger answerOption answerValueSet required repeats "
    "maxLength data size hash contentType content compose include filter property op concept "
    "differential element path binding baseDefinition derivation subject section author name "
    "versionId note "
)
TEXT_WORDS = (
    "Patient Bundle Questionnaire QuestionnaireResponse document transaction collection completed "
    "string choice group #a a # Patient/1 http://s.test/Patient/1 urn:uuid:1 Patient?x=1 stylesheet "
    "self = exists is-a constraint Patient.name.family valueSet "
    "http://hl7.org/fhir/StructureDefinition/regex http://unitsofmeasure.org "
)
NAMES, TEXTS = NAME_WORDS.split(), TEXT_WORDS.split()
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(TEXTS), st.text(max_size=12)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)
RESOURCES = (
    "Bundle",
    "Questionnaire",
    "QuestionnaireResponse",
    "StructureDefinition",
    "ValueSet",
    "CodeSystem",
)
TYPES = (*RESOURCES, "Patient", "Observation", "Media", "Composition", "Communication")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(TYPES), fields=st.dictionaries(st.sampled_from(NAMES), anything, max_size=8))
def test_any_fields(core_validator, kind, fields):
    outcome = core_validator.explain_resource({**fields, "resourceType": kind})
    assert [issue.text for issue in outcome.issues if issue.message_id == "internal-error"] == []


WHOLE = {
    "Bundle": {
        "type": "document",
        "link": [{"relation": "stylesheet", "url": "Binary/a"}],
        "entry": [
            {
                "fullUrl": "http://s.test/Composition/c",
                "resource": {
                    "resourceType": "Composition",
                    "id": "c",
                    "subject": {"reference": "Patient/1", "type": "Patient"},
                    "section": [{"entry": [{"reference": "Patient/1"}]}],
                },
                "request": {"method": "POST"},
            }
        ],
    },
    "QuestionnaireResponse": {
        "status": "completed",
        "questionnaire": "#a",
        "contained": [
            {
                "resourceType": "Questionnaire",
                "id": "a",
                "item": [
                    {
                        "linkId": "a",
                        "type": "choice",
                        "required": True,
                        "maxLength": 3,
                        "answerOption": [{"valueCoding": {"code": "a"}}],
                        "enableWhen": [{"question": "a", "operator": ">", "answerInteger": 1}],
                        "extension": [
                            {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 1},
                            {
                                "url": "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces",
                                "valueInteger": 1,
                            },
                        ],
                    }
                ],
            }
        ],
        "item": [{"linkId": "a", "answer": [{"valueQuantity": {"value": 1, "system": "a", "code": "b"}}]}],
    },
    "ValueSet": {
        "compose": {"include": [{"system": "http://hl7.org/fhir/item-type", "filter": [{"op": "="}]}]}
    },
    "StructureDefinition": {
        "type": "Patient",
        "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": {"element": [{"path": "Patient.name", "binding": {"strength": "required"}}]},
    },
    "Patient": {
        "text": {"status": "generated", "div": "<div/>"},
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {}}
        ],
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": "a"}],
        "photo": [{"data": "AAAA", "size": 1, "hash": "AAAA"}],
        "managingOrganization": {"reference": "#a", "type": "Organization"},
        "contained": [{"resourceType": "Organization", "id": "a"}],
    },
}


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from places(inner, (*path, at))


def replaced(value, path, new):
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


ALL = [(kind, path) for kind, fields in WHOLE.items() for path in places(fields) if path]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(ALL), new=anything)
def test_anything_in_the_place_of_one_field(core_validator, place, new):
    kind, path = place
    resource = {**replaced(WHOLE[kind], path, new), "resourceType": kind}
    outcome = core_validator.explain_resource(resource)
    assert [issue.text for issue in outcome.issues if issue.message_id == "internal-error"] == []


@pytest.mark.parametrize("entry", [{}, [None], [[]], "x", [{}, None], [{"resource": []}]], ids=repr)
def test_entries_of_any_kind(core_validator, entry):
    document = {"resourceType": "Bundle", "type": "document", "entry": entry}
    outcome = core_validator.explain_resource(document)
    assert [issue.text for issue in outcome.issues if issue.message_id == "internal-error"] == []


def nested_items(depth: int) -> dict:
    item: dict = {"linkId": "0", "type": "group"}
    for level in range(1, depth):
        item = {"linkId": str(level), "type": "group", "item": [item]}
    return item


def test_depth_is_no_matter(core_validator):
    form = {"resourceType": "Questionnaire", "id": "a", "item": [nested_items(3_000)]}
    held = {
        "resourceType": "QuestionnaireResponse",
        "contained": [form],
        "questionnaire": "#a",
        "item": [nested_items(3_000)],
    }
    outcome = core_validator.explain_resource(held)
    assert [issue.text for issue in outcome.issues if issue.message_id == "internal-error"] == []


def test_cyclic_contained_references_end(core_validator):
    contained = [
        {"resourceType": "Organization", "id": one, "name": one, "partOf": {"reference": f"#{other}"}}
        for one, other in (("a", "b"), ("b", "a"))
    ]
    patient = {"resourceType": "Patient", "contained": contained, "managingOrganization": {"reference": "#a"}}
    assert core_validator.explain_resource(patient).valid


@pytest.mark.parametrize("kind", ["document", "collection"])
def test_large_bundles_take_time_in_proportion(core_validator, kind):
    def seconds(count: int) -> float:
        return min(once(count) for _ in range(3))

    def once(count: int) -> float:
        entries = [
            {"fullUrl": f"http://s.test/Patient/{at}", "resource": {"resourceType": "Patient", "id": str(at)}}
            for at in range(count)
        ]
        bundle = {"resourceType": "Bundle", "type": kind, "entry": entries}
        started = time.process_time()
        core_validator.explain_resource(bundle)
        return time.process_time() - started

    seconds(50)
    assert seconds(3_200) < 100 * max(
        seconds(200), 0.01
    )  # 16 times as many; 256 times as long if it were quadratic


def test_every_type_with_rules_is_one_of_fhir(core):
    assert [name for name in RULES if core.type(name) is None] == []
