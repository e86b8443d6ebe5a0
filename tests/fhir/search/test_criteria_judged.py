"""Resources judged by whole queries: the published parameters, modifiers, composites, chains; and never a crash."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.fhir.definitions import r4
from conformance.fhir.search.judge import Around, satisfies

PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "active": True,
    "name": [{"family": "Müller", "given": ["Ana"]}],
    "telecom": [{"system": "phone", "value": "0113"}, {"system": "email", "value": "a@example.org"}],
    "gender": "female",
    "birthDate": "1980-02",
    "deceasedDateTime": "2020-03-04",
    "generalPractitioner": [{"reference": "Practitioner/dr"}],
}
PRESSURE = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"coding": [{"system": "l", "code": "bp"}], "text": "Blood pressure"},
    "subject": {"reference": "Patient/p"},
    "component": [
        {
            "code": {"coding": [{"system": "l", "code": "sys"}]},
            "valueQuantity": {"value": 120, "unit": "mmHg"},
        },
        {
            "code": {"coding": [{"system": "l", "code": "dia"}]},
            "valueQuantity": {"value": 80, "unit": "mmHg"},
        },
    ],
}


@pytest.mark.parametrize(
    ("resource", "query", "answer"),
    [
        (PATIENT, "family=mull&gender=female", True),
        (PATIENT, "family=mull&gender=male", False),
        (PATIENT, "family=smith,muller", True),
        (PATIENT, "gender:not=male", True),
        (PATIENT, "gender:not=female", False),
        (PATIENT, "gender:not=male,other", None),
        (PATIENT, "language:not=x", True),
        (PATIENT, "birthdate:missing=false&language:missing=true", True),
        (PATIENT, "birthdate:missing=true", False),
        (PATIENT, "birthdate:missing=perhaps", None),
        (PATIENT, "deceased=true", True),
        (PATIENT, "death-date=2020", True),
        (PATIENT, "birthdate=ne1900", True),
        ({"resourceType": "Patient", "id": "q"}, "birthdate=ne1900", None),
        ({"resourceType": "Patient", "id": "q"}, "birthdate=gt1900", False),
        (PRESSURE, "value-quantity=ne1", None),
        (PATIENT, "phone=0113", True),
        (PATIENT, "email=0113", False),
        (PATIENT, "_id=p", True),
        (PATIENT, "_id=P", None),
        (PATIENT, "general-practitioner:Practitioner=dr", True),
        (PATIENT, "general-practitioner=Organization/dr", False),
        (PATIENT, "near=1", None),
        (PATIENT, "no-such-parameter=1", None),
        (PATIENT, "gender:exact=female", None),
        (PATIENT, "family=", None),
        (PATIENT, "", True),
        (PRESSURE, "patient=p", True),
        (PRESSURE, "patient=q", False),
        (PRESSURE, "component-code-value-quantity=l|sys$120", True),
        (PRESSURE, "component-code-value-quantity=l|sys$80", False),
        (PRESSURE, "component-code-value-quantity=l|sys$gt100,l|x$1", True),
        (PRESSURE, "combo-code-value-quantity=l|dia$80", True),
        (PRESSURE, "component-code-value-quantity=l|sys", None),
        (PRESSURE, "code:text=blood", True),
        (PRESSURE, "code:in=http://x", None),
        (PRESSURE, "subject:Patient.family=muller", True),
        (PRESSURE, "subject:Patient.family=smith", False),
        (PRESSURE, "subject:Patient.general-practitioner.family=x", None),
        (PRESSURE, "subject:Group.code=x", False),
        (PRESSURE, "_has:Provenance:target:agent=x", None),
        ({"resourceType": "Observation", "subject": {"identifier": {"value": "1"}}}, "patient=p", None),
        ({"resourceType": "Observation", "subject": {"reference": "Group/p"}}, "patient=p", False),
        ({"resourceType": 7}, "code=x", None),
    ],
)
def test_queries(resource, query, answer):
    around = Around(resolve={"Patient/p": PATIENT}.get)
    assert satisfies(resource, query, around) is answer


def test_a_chain_needs_what_it_leads_to():
    assert satisfies(PRESSURE, "subject:Patient.family=muller") is None


TYPES = ("Patient", "Observation", "Encounter", "Provenance", "Location", "ValueSet", "Task")
NAMES = sorted({row.code for kind in TYPES for row in r4().search_parameters(kind)})
ELEMENTS = (
    "id", "meta", "lastUpdated", "name", "family", "given", "code", "coding", "system", "value", "subject",
    "reference", "identifier", "period", "start", "end", "birthDate", "valueQuantity", "unit", "component",
    "telecom", "address", "city", "deceasedBoolean", "effectiveDateTime", "target", "text", "display", "status",
    "useContext", "position", "url", "for", "extension",
)  # fmt: skip
WORDS = (
    "Patient/1",
    "s|c",
    "2020-01-01",
    "ge2020",
    "1$2",
    "true",
    "5.4|u|mg",
    "\\",
    ",",
    "$",
    "|",
    "#x",
    "urn:x",
)
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=8)
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ELEMENTS), inner, max_size=4),
    max_leaves=12,
)
resources = st.builds(
    lambda kind, more: more | {"resourceType": kind},
    st.sampled_from(TYPES) | st.text(max_size=5) | st.none(),
    st.dictionaries(st.sampled_from(ELEMENTS), trees, max_size=8),
)
modifiers = st.sampled_from(
    ["", ":exact", ":not", ":missing", ":text", ":identifier", ":Patient", ":below", ":x"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(resources, st.sampled_from(NAMES), modifiers, st.sampled_from(WORDS) | st.text(max_size=10))
def test_no_resource_and_no_criterion_is_too_odd(resource, name, modifier, value):
    from conformance.fhir.search.criteria import query

    assert satisfies(resource, query([(name + modifier, value)]) if value.isprintable() else "") in {
        True,
        False,
        None,
    }


def test_every_published_parameter_can_be_evaluated():
    from conformance.fhir.search.parameters import held_values, known

    without = []
    for kind in TYPES:
        for row in r4().search_parameters(kind):
            parameter = known(kind, row.code)
            if parameter is None:
                without.append(row.code)
            else:
                assert held_values({"resourceType": kind}, parameter)[1]
    own_ways = {"_content", "_filter", "_list", "_query", "_text"}
    assert set(without) <= own_ways | {"age", "birthOrderBoolean", "part-agree", "item-subject"}, (
        "what has no expression for the type"
    )


@pytest.mark.parametrize(
    ("query", "found"), [("phonetic=Jon", True), ("phonetic=Jahn", None), ("given=Jahn", False)]
)
def test_what_sounds_alike_is_for_the_server_to_say(query, found):
    assert (
        satisfies({"resourceType": "Patient", "id": "1", "name": [{"given": ["Jonathan"]}]}, query) is found
    )


def test_a_name_that_is_not_there_sounds_like_nothing():
    assert satisfies({"resourceType": "Patient", "id": "1"}, "phonetic=Jon") is False
