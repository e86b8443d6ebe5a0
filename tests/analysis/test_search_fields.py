"""A parameter's values over a sample: what is worked out once is what each resource alone would answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.search_rows import Field, trial
from conformance.fhir.search.judge import satisfies
from conformance.fhir.search.parameters import known

BASE = "https://ehr.example.org"
DATES = ["2024-01-01", "2024-01", "2024-01-01T10:00:00Z", "2024-02-01", "x", 7, None]
CODES = ["a", "A", "b", 7, None]


def coding(code):
    return {"coding": [{"system": "urn:c", "code": code}]}


observations = st.lists(
    st.fixed_dictionaries(
        {"resourceType": st.just("Observation")},
        optional={
            "id": st.sampled_from(["1", "2"]),
            "effectiveDateTime": st.sampled_from(DATES),
            "code": st.sampled_from(CODES).map(coding),
            "component": st.lists(
                st.builds(
                    lambda code, number: {"code": coding(code), "valueQuantity": {"value": number}},
                    st.sampled_from(CODES),
                    st.sampled_from([1, 2]),
                ),
                max_size=2,
            ),
        },
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("date", ["2024-01-01", "ge2024-01", "lt2024-01-01", "ne2024-01-01"]),
        ("code", ["a", "urn:c|a", "urn:c|A", "|a", "b,a"]),
        ("component-code-value-quantity", ["a$1", "urn:c|b$2"]),
    ],
)
@given(held=observations)
def test_each_resource_is_answered_for_as_it_would_be_alone(name, queries, held):
    field = Field("Observation", known("Observation", name), tuple(held), BASE)
    for query in [*queries, *queries]:
        assert field.answers(f"{name}={query}") == [satisfies(one, f"{name}={query}") for one in held]


@given(held=observations, there=st.sets(st.integers(0, 7)), choice=st.integers(0, 9))
def test_a_part_of_a_sample_is_searched_as_it_would_be_alone(held, there, choice):
    held = [one | {"id": str(place)} for place, one in enumerate(held)]
    named = {f"Observation/{place}" for place in there}
    parameter = known("Observation", "code")
    part = Field("Observation", parameter, tuple(held), BASE).among(named)
    alone = Field(
        "Observation", parameter, tuple(held[place] for place in sorted(there) if place < len(held)), BASE
    )
    assert [part.names, part.texts("plain")] == [alone.names, alone.texts("plain")]
    assert trial(part, "plain", choice) == trial(alone, "plain", choice)
