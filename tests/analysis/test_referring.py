"""References found in any resource, and a choice among them that is fair and always the same."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.referring import Referring, chosen, literal_references

BASE = "https://fhir.example.org/r4"


def test_references_are_found_wherever_they_stand_and_sorted_by_where_they_lead():
    resource = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/1"},
        "contained": [{"resourceType": "Practitioner", "id": "p", "photo": [{"x": {"reference": "#"}}]}],
        "evidence": [{"detail": [{"reference": f"{BASE}/Observation/2/_history/3"}]}],
        "note": [
            {"authorReference": {"reference": "https://elsewhere.example/Practitioner/4"}},
            {"authorReference": {"reference": "urn:uuid:5"}},
            {"authorReference": {"reference": 7, "identifier": {"value": "logical"}}},
        ],
    }
    found = {(each.path, each.reference): each.leads(BASE) for each in literal_references(resource)}
    assert found == {
        ("Condition.subject", "Patient/1"): "here",
        ("Condition.contained.photo.x", "#"): "contained",
        ("Condition.evidence.detail", f"{BASE}/Observation/2/_history/3"): "here",
        ("Condition.note.authorReference", "https://elsewhere.example/Practitioner/4"): "elsewhere",
        ("Condition.note.authorReference", "urn:uuid:5"): "unresolvable",
    }


references = st.builds(
    Referring,
    st.sampled_from(["Condition/1", "Condition/2"]),
    st.sampled_from(["Condition.subject", "Condition.recorder"]),
    st.sampled_from(["Patient/1", "Patient/2", "Practitioner/1", f"{BASE}/Patient/1", "#x", "urn:uuid:1"]),
)


@given(st.lists(references), st.integers(0, 5), st.randoms())
def test_the_choice_does_not_depend_on_order_and_takes_each_target_once(found, most, random):
    once = chosen(found, BASE, most)
    random.shuffle(found)
    assert chosen(found, BASE, most) == once
    targets = [each.target(BASE) for each in once]
    assert len(set(targets)) == len(targets)
    there = {each.target(BASE) for each in found} - {""}
    assert len(once) == min(most, len(there))


def test_the_choice_is_dealt_over_elements():
    many = [Referring(f"Condition/{n}", "Condition.subject", f"Patient/{n}") for n in range(20)]
    one = Referring("Condition/0", "Condition.recorder", "Practitioner/1")
    assert one in chosen([*many, one], BASE, 2)
