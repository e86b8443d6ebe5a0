"""Tokens, strings, numbers, quantities, references and uris: what one searched value finds in one held value."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.search.criteria import escaped
from conformance.fhir.search.held import Held
from conformance.fhir.search.numbers import number_test, quantity_test
from conformance.fhir.search.references import reference_test, uri_test
from conformance.fhir.search.strings import string_test
from conformance.fhir.search.tokens import token_test

BASE = "https://fhir.example.org/r4"
UCUM = "http://unitsofmeasure.org"
WEIGHT = {"value": 70.5, "unit": "kg", "system": UCUM, "code": "kg"}
codes = st.sampled_from(["a", "A", "b", "a,b", "a|b"])
systems = st.sampled_from(["", "s", "t"])


@given(systems, codes, systems | st.none(), codes | st.just(""))
def test_tokens_are_pairs(held_system, held_code, system, code):
    coding = {"code": held_code} | ({"system": held_system} if held_system else {})
    text = escaped(code) if system is None else f"{escaped(system)}|{escaped(code)}"
    answer = token_test(text, "")(Held("Coding", coding))
    if not (system or code):
        assert answer is None
        return
    of_system = system is None or system == held_system
    if not of_system or (code and code.lower() != held_code.lower()):
        assert answer is False
    elif code in {"", held_code}:
        assert answer is True
    else:
        assert answer is None


@pytest.mark.parametrize(
    ("text", "modifier", "kind", "value", "answer"),
    [
        ("true", "", "boolean", True, True),
        ("false", "", "boolean", True, False),
        ("s|true", "", "boolean", True, None),
        ("male", "", "code", "male", True),
        ("s|male", "", "code", "male", None),
        ("s|male", "", "code", "female", False),
        ("i|1", "", "Identifier", {"system": "i", "value": "1"}, True),
        ("i|1", "", "Identifier", {"value": "1"}, False),
        ("|1", "", "Identifier", {"value": "1"}, True),
        ("1", "", "Identifier", {"value": 1}, False),
        ("0113 496", "", "ContactPoint", {"system": "phone", "value": "0113 496"}, True),
        ("0113496", "", "ContactPoint", {"value": "0113 496 0000"}, None),
        ("999", "", "ContactPoint", {"value": "0113 496 0000"}, False),
        ("s|c", "", "CodeableConcept", {"coding": [{"code": "x"}, {"system": "s", "code": "c"}]}, True),
        ("s|c", "", "CodeableConcept", {"text": "c"}, False),
        ("heart", "text", "CodeableConcept", {"text": "Heart failure"}, True),
        ("failures", "text", "CodeableConcept", {"coding": [{"display": "Heart failure"}]}, None),
        ("lung", "text", "CodeableConcept", {"coding": [{"display": "Heart failure"}]}, False),
        ("mrn", "text", "Identifier", {"type": {"text": "MRN"}, "value": "1"}, True),
        ("s|c", "below", "Coding", {"system": "s", "code": "c"}, True),
        ("s|c", "below", "Coding", {"system": "s", "code": "d"}, None),
        (
            "s|MR|7",
            "of-type",
            "Identifier",
            {"value": "7", "type": {"coding": [{"system": "s", "code": "MR"}]}},
            True,
        ),
        ("s|MR|8", "of-type", "Identifier", {"value": "7", "type": {}}, False),
        ("a|b|c", "", "Coding", {"code": "a"}, None),
        ("M", "", "Coding", {"system": "http://hl7.org/fhir/administrative-gender", "code": "m"}, False),
    ],
)
def test_tokens(text, modifier, kind, value, answer):
    assert token_test(text, modifier)(Held(kind, value)) is answer


def plain(text):
    """Another way to the same: letters alone, in one case."""
    split = unicodedata.normalize("NFD", unicodedata.normalize("NFKD", text.casefold()))
    return "".join(char for char in split if unicodedata.category(char) not in {"Mn", "Mc", "Me"})


words = st.text("aäbÅñ éÉ", min_size=1, max_size=6).filter(lambda text: plain(text).strip() != "")


@given(words, words)
def test_strings_begin_alike(search, held):
    answer = string_test(search, "")(Held("string", held))
    squeezed = " ".join(plain(held).split()).startswith(" ".join(plain(search).split()))
    assert (answer is True) is squeezed
    assert answer is not False or plain(search).replace(" ", "") not in plain(held).replace(" ", "")


@given(words, words)
def test_exact_is_the_same_to_the_letter(search, held):
    answer = string_test(search, "exact")(Held("string", held))
    assert (answer is True) is (search == held)


@pytest.mark.parametrize(
    ("text", "modifier", "kind", "value", "answer"),
    [
        ("muller", "", "string", "Müller-Lüdenscheidt", True),
        ("luden", "", "string", "Müller-Lüdenscheidt", None),
        ("luden", "contains", "string", "Müller-Lüdenscheidt", True),
        ("Mueller", "", "string", "Müller", False),
        ("müller", "exact", "string", "Müller", False),
        ("Müll", "exact", "string", "Müller", False),
        ("Mu\u0308ller", "exact", "string", "Müller", None),
        ("ana", "", "HumanName", {"family": "Smith", "given": ["Bea", "Ana"]}, True),
        ("dr", "", "HumanName", {"family": "Smith", "prefix": ["Dr"]}, None),
        ("jones", "", "HumanName", {"family": "Smith"}, False),
        ("leeds", "", "Address", {"city": "Leeds", "use": "home"}, True),
        ("home", "", "Address", {"city": "Leeds", "use": "home"}, False),
        ("x", "", "HumanName", {}, None),
        ("\u0301", "", "string", "abc", None),
    ],
)
def test_strings(text, modifier, kind, value, answer):
    assert string_test(text, modifier)(Held(kind, value)) is answer


decimals = st.decimals(-100, 100, places=2)


@given(decimals, decimals)
def test_numbers_are_in_order(search, held):
    asked = {
        prefix: number_test(f"{prefix}{search:f}")(Held("decimal", held))
        for prefix in ("gt", "ge", "lt", "le")
    }
    assert asked == {"gt": held > search, "ge": held >= search, "lt": held < search, "le": held <= search}
    assert (number_test(f"{search:f}")(Held("decimal", held)) is True) is (
        abs(held - search) < Decimal("0.005")
    )


@pytest.mark.parametrize(
    ("text", "kind", "value", "answer"),
    [
        ("5.4", "decimal", 5.35, True),
        ("5.4", "decimal", 5.45, False),
        ("100", "decimal", 99.5, True),
        ("1e2", "decimal", 104.9, True),
        ("1e2", "decimal", 120, None),
        ("1e2", "decimal", 160, False),
        ("ne5.4", "decimal", 5.4, False),
        ("ne5.4", "decimal", 5.42, None),
        ("ne5.4", "decimal", 6, True),
        ("100", "integer", 100, True),
        ("ap100", "decimal", 100, True),
        ("ap100", "decimal", 105, None),
        ("odd", "decimal", 1, None),
        ("1", "decimal", "odd", None),
        ("1e999999", "decimal", 1, None),
    ],
)
def test_numbers(text, kind, value, answer):
    assert number_test(text)(Held(kind, value)) is answer


@pytest.mark.parametrize(
    ("text", "value", "answer"),
    [
        ("70.5", WEIGHT, True),
        (f"70.5|{UCUM}|kg", WEIGHT, True),
        (f"70.5|{UCUM}|g", WEIGHT, False),
        (f"70500|{UCUM}|g", WEIGHT, None),  # the same, where the server converts
        (f"gt60000|{UCUM}|g", WEIGHT, None),
        (f"lt100|{UCUM}|g", WEIGHT, False),
        (f"70.5|{UCUM}|m", WEIGHT, False),
        ("70.5|https://other.example|kg", WEIGHT, False),
        ("70.5||kg", WEIGHT, True),
        ("70.5||lb", {"value": 70.5, "unit": "lb"}, True),
        (f"70.5|{UCUM}|kg", {"value": 70.5, "unit": "kg"}, None),
        (f"70.5|{UCUM}|kg", {**WEIGHT, "comparator": "<"}, None),
        ("70.5|kg", WEIGHT, None),
        ("odd", WEIGHT, None),
        ("70.5", {"unit": "kg"}, None),
    ],
)
def test_quantities(text, value, answer):
    assert quantity_test(text)(Held("Quantity", value)) is answer


@pytest.mark.parametrize(
    ("text", "modifier", "value", "answer"),
    [
        ("Patient/1", "", {"reference": "Patient/1"}, True),
        ("1", "", {"reference": "Patient/1"}, True),
        (f"{BASE}/Patient/1", "", {"reference": "Patient/1"}, True),
        ("Patient/1", "", {"reference": f"{BASE}/Patient/1"}, True),
        ("Patient/1", "", {"reference": "https://other.example/r4/Patient/1"}, None),
        ("Patient/1", "", {"reference": "Patient/1/_history/2"}, True),
        ("Patient/1/_history/2", "", {"reference": "Patient/1"}, None),
        ("Patient/1", "", {"reference": "Patient/10"}, False),
        ("Group/1", "", {"reference": "Patient/1"}, False),
        ("1", "Patient", {"reference": "Patient/1"}, True),
        ("1", "Group", {"reference": "Patient/1"}, False),
        ("Patient/1", "Group", {"reference": "Patient/1"}, None),
        ("Patient/1", "", {"reference": "#contained"}, None),
        ("Patient/1", "", {"identifier": {"value": "x"}}, None),
        ("urn:uuid:1", "", {"reference": "urn:uuid:1"}, True),
        ("i|x", "identifier", {"identifier": {"system": "i", "value": "x"}}, True),
        ("i|y", "identifier", {"identifier": {"system": "i", "value": "x"}}, False),
        ("i|y", "identifier", {"identifier": {"system": "i", "value": "x"}, "reference": "Patient/1"}, None),
        ("i|x", "identifier", {"reference": "Patient/1"}, None),
    ],
)
def test_references(text, modifier, value, answer):
    assert reference_test(text, modifier, BASE)(Held("Reference", value)) is answer


@pytest.mark.parametrize(
    ("text", "modifier", "value", "answer"),
    [
        ("http://a/b", "", "http://a/b", True),
        ("http://a/b", "", "http://a/B", False),
        ("http://a/b", "", "http://a/b|2", None),
        ("http://a", "below", "http://a/b", True),
        ("http://a/b", "below", "http://a/bc", None),
        ("http://a/b", "below", "http://a/c", False),
        ("http://a/b/c", "above", "http://a/b", True),
        ("urn:a", "below", "urn:a:b", None),
        ("http://a", "odd", "http://a", None),
        ("http://a", "", 7, None),
    ],
)
def test_uris(text, modifier, value, answer):
    assert uri_test(text, modifier)(Held("uri", value)) is answer
