"""Tokens, strings, references, bundles and capability statements, whatever odd shape they come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir import bundles, capability, tokens
from conformance.fhir.references import id_in, named
from conformance.fhir.strings import fold, may_match, swap_case
from conformance.fhir.tokens import Token
from conformance.fhir.trial_values import Trial, trial_value


@pytest.mark.parametrize(
    ("search", "held", "fits"),
    [
        ("v", Token("s", "v"), True),
        ("s|v", Token("s", "v"), True),
        ("s|v", Token("s", "V"), True),
        ("s|v", Token("t", "v"), False),
        ("|v", Token("", "v"), True),
        ("|v", Token(None, "v"), True),
        ("|v", Token("s", "v"), False),
        ("s|", Token("s", "anything"), True),
        ("s|w", Token("s", "v"), False),
    ],
)
def test_tokens_match(search, held, fits):
    assert tokens.matches(tokens.parse(search), held) is fits


def test_tokens_of_every_type():
    resource = {
        "active": True,
        "gender": "male",
        "code": {"coding": [{"system": "s", "code": "c"}, {"code": "d"}], "text": "t"},
        "identifier": [{"system": "i", "value": "1"}, {"value": 7}, "odd"],
    }
    assert list(tokens.tokens(resource, "active")) == [Token(None, "true")]
    assert list(tokens.tokens(resource, "gender")) == [Token(None, "male")]
    assert list(tokens.tokens(resource, "code")) == [Token("s", "c"), Token("", "d")]
    assert list(tokens.tokens(resource, "identifier")) == [Token("i", "1"), Token(None, "odd")]


def test_strings_fold():
    assert fold("  ÉCOLE\u00a0 Ünï ") == "ecole uni"
    assert may_match("muller", "Müller-Lüdenscheidt")
    assert may_match("O'Neill", "o neill")
    assert not may_match("muller", "Mueller")


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
                "searchParam": [{"name": "_id", "type": "token"}],
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
    assert capability.search_parameters(statement, "Patient") == {"_id": "token"}
    assert capability.operations(statement, "Group") == {"export", "group-export"}
    assert "export" in capability.operations(statement)
    assert capability.versioning(statement, "Patient") == "versioned"
    assert not capability.needs_combinations(statement, "Patient")


def test_trial_values_are_lawful_or_none():
    assert trial_value("Observation", "status", "token") == Trial("final", certain=True)
    assert trial_value("Observation", "code", "token") == Trial("htest-none", certain=False)
    assert trial_value("Patient", "_has", "string") is None
    assert trial_value("Slot", "status", "token") is None
    assert trial_value("Patient", "birthdate", "date")
    assert trial_value("Location", "near", "special") is None
