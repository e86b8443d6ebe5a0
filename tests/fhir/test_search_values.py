"""Strings, references, bundles and capability statements, whatever odd shape they come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir import bundles, capability
from conformance.fhir.references import id_in, named
from conformance.fhir.strings import composed, fold, letters, swap_case, without_accents
from conformance.fhir.trial_values import Trial, trial_value


def test_strings_fold():
    assert fold("  ÉCOLE\u00a0 Ünï ") == "ecole uni"
    assert letters("O'Neill") == letters("o neill") == "oneill"
    assert without_accents("Müller-Łódź") == "Muller-Łodz"
    assert composed("Mu\u0308ller") == "Müller"


@given(st.text(), st.text())
def test_what_is_plain_folds_as_it_does_beside_what_is_not(text, other):
    assert fold(f"{text} \u00e9 {other}") == " ".join(f"{fold(text)} e {fold(other)}".split())


@given(st.text())
def test_letters_are_letters_and_digits_only(text):
    assert all(char.isalnum() for char in letters(text))
    assert letters(text) == letters(f"- {text}_")


@given(st.text())
def test_the_other_case_is_the_same_text_to_a_search(text):
    other = swap_case(text)
    assert swap_case(other) == text
    assert len(other) == len(text)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("Patient/1", "Patient/1"),
        ("https://a.example/r4/Patient/1/_history/3", "Patient/1"),
        ("#p", None),
        ("urn:uuid:6ec2c0a5-9be1-4b52-9b7b-0c2f1ba4b6b1", None),
        ("Patient?identifier=x", None),
        (7, None),
    ],
)
def test_named(reference, name):
    assert named(reference) == name


def test_id_in():
    assert id_in("https://a.example/Patient/1/_history/1", "Patient") == "1"
    assert id_in("https://a.example/Group/1", "Patient") is None


def test_bundles():
    bundle = {
        "link": [{"relation": "next", "url": "n"}, "odd", {"relation": "self"}],
        "total": 3,
        "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}, {"resource": "odd"}, 7],
    }
    assert bundles.link(bundle, "next") == "n"
    assert bundles.link(bundle, "self") is None
    assert bundles.total(bundle) == 3
    assert bundles.total({"total": True}) is None
    assert [bundles.reference(r) for r in bundles.matches(bundle)] == ["Patient/1"]
    assert bundles.entries({"entry": {}}) == []


def test_capability():
    statement = {
        "rest": [
            {"mode": "client", "resource": [{"type": "Group", "interaction": [{"code": "search-type"}]}]},
            {
                "mode": "server",
                "interaction": [{"code": "transaction"}],
                "searchParam": [
                    {"name": "_id", "type": "token", "definition": "http://x/id|4.0.1"},
                    {"name": "x"},
                ],
                "operation": [{"name": "$export", "definition": "http://x/OperationDefinition/export|1"}],
                "resource": [
                    {"type": "Patient", "interaction": [{"code": "search-type"}], "versioning": "versioned"},
                    {
                        "type": "Group",
                        "operation": [{"name": "export", "definition": "http://x/group-export"}],
                    },
                    {"type": 7},
                    "odd",
                ],
            },
        ]
    }
    assert capability.searchable_types(statement) == ["Patient"]
    assert capability.interactions(statement) == {"transaction"}
    assert capability.search_parameters(statement, "Patient") == {"_id": "token", "x": ""}
    assert capability.operations(statement, "Group") == {"export", "group-export"}
    assert "export" in capability.operations(statement)
    assert capability.versioning(statement, "Patient") == "versioned"
    assert capability.combinations(statement, "Patient") == []
    assert capability.is_searchable_alone(statement, "Patient", "_id")


def test_trial_values_are_lawful_or_none():
    assert trial_value("Observation", "status", "token") == Trial("final", certain=True)
    assert trial_value("Observation", "code", "token") == Trial("htest-none", certain=False)
    assert trial_value("Patient", "_has", "string") is None
    assert trial_value("Slot", "status", "token") is None
    assert trial_value("Patient", "birthdate", "date")
    assert trial_value("Location", "near", "special") is None
