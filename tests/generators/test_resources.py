"""Whatever resource is drawn is valid, by our own validator, and shows what a server may lose."""

import json
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.shipped import Shipped
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.validator import Validator
from conformance.generators.choosing import Choices
from conformance.generators.resources import made, resource, written

TYPES = (
    "AllergyIntolerance", "Appointment", "CarePlan", "CareTeam", "Condition", "Device", "DiagnosticReport",
    "DocumentReference", "Encounter", "Goal", "Immunization", "Location", "Medication", "MedicationRequest",
    "Observation", "Organization", "Patient", "Practitioner", "PractitionerRole", "Procedure", "RelatedPerson",
    "ServiceRequest", "Specimen",
)  # fmt: skip
EVERYTHING = bytes(range(256)) * 6


@cache
def validator():
    definitions = Definitions([Shipped()])
    return Validator(definitions, Terminology(definitions))


def errors(text):
    outcome = validator().explain(text.encode())
    return [str(issue) for issue in outcome.issues if issue.severity.name in {"ERROR", "FATAL"}]


@pytest.mark.parametrize("kind", TYPES)
def test_the_least_and_the_most_are_valid(kind):
    assert errors(written(made(kind, Choices(b""), "minimal"))) == []
    for choice in range(12):
        assert errors(written(made(kind, Choices(EVERYTHING[choice:]), "maximal", choice))) == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(TYPES), drawn=st.binary(max_size=1500))
def test_every_one_is_valid(kind, drawn):
    assert errors(written(made(kind, Choices(drawn)))) == []


@pytest.mark.nightly
@settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(TYPES),
    drawn=st.binary(min_size=200, max_size=1500),
    shape=st.sampled_from(["mixed", "maximal"]),
)
def test_thousands_are_valid(kind, drawn, shape):
    assert errors(written(made(kind, Choices(drawn), shape))) == []


def test_each_type_of_a_value_has_its_turn():
    names = {
        name
        for choice in range(11)
        for name in made("Observation", Choices(EVERYTHING), "maximal", choice)
        if name.startswith("value")
    }
    assert len(names) == 11


def test_what_a_server_may_lose_is_there():
    texts = [
        written(made(kind, Choices(EVERYTHING[n:]), "maximal")) for kind in TYPES for n in range(0, 250, 7)
    ]
    whole = "\n".join(texts)
    for part in ("1.0,", "0.010", "+05:30", "Zoe\u0308", "\U0001fa7a", '"_', "contained", "null", "2019-12"):
        assert part in whole, part
    assert max(map(len, whole.split('"'))) > 1_000


def test_it_is_marked_and_names_its_run():
    patient = made("Patient", Choices(b""), "minimal")
    assert patient["meta"]["tag"][0]["code"] == "HTEST"
    assert patient["identifier"] == [
        {"system": "https://conformance-harness.org/run", "value": "htest-this-run"}
    ]
    assert set(patient) == {"resourceType", "meta", "identifier"}


def test_decimals_are_written_as_they_were_made():
    text = written(made("Observation", Choices(b"\x00" * 9 + EVERYTHING), "maximal", 0))
    assert '"value":' in text
    assert any(f":{number}" in text for number in ("1.0", "61.50", "0.010", "100.000"))


def test_it_is_drawn_as_a_text_that_shrinks_to_the_least():
    from hypothesis import find

    found = find(resource(type="Condition"), lambda text: "subject" in text)
    assert json.loads(found) == json.loads(written(made("Condition", Choices(b""), "minimal")))


def test_there_are_types_of_r4_only():
    with pytest.raises(KeyError):
        made("Nothing", Choices(b""))
