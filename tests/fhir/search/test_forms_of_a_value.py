"""What each form of a search makes out of a held value, and what the judge then says of that value."""

import pytest

from conformance.fhir.search.dates import date_test
from conformance.fhir.search.form import Text
from conformance.fhir.search.forms import FORMS, OTHER_SYSTEM
from conformance.fhir.search.held import Held
from conformance.fhir.search.numbers import number_test, quantity_test
from conformance.fhir.search.references import reference_test, uri_test
from conformance.fhir.search.strings import string_test
from conformance.fhir.search.tokens import token_test

BASE = "https://fhir.example.org/r4"
CODING = Held("Coding", {"system": "urn:s", "code": "a|b", "display": "A or b"})
BARE = Held("Coding", {"code": "a"})
WEIGHT = Held("Quantity", {"value": 70.5, "unit": "kilo", "system": "urn:u", "code": "kg"})
REFERENCE = Held(
    "Reference", {"reference": "Practitioner/p1", "identifier": {"system": "urn:i", "value": "7"}}
)
PATIENT = Held("Reference", {"reference": "Patient/1"})
LONG = "x" * 121


@pytest.mark.parametrize(
    ("kind", "form", "held", "made"),
    [
        ("token", "plain", CODING, [Text(r"urn:s|a\|b")]),
        ("token", "plain", BARE, [Text("a")]),
        ("token", "plain", Held("Coding", {"system": "urn:s"}), []),
        ("token", "code", CODING, [Text(r"a\|b")]),
        ("token", "code", BARE, []),
        ("token", "system", CODING, [Text("urn:s|")]),
        ("token", "system", BARE, []),
        ("token", "other-system", CODING, [Text(rf"{OTHER_SYSTEM}|a\|b", control=r"urn:s|a\|b")]),
        ("token", "other-system", BARE, []),
        ("token", "no-system", CODING, [Text(r"|a\|b", control=r"urn:s|a\|b")]),
        ("token", "not", CODING, [Text(r"urn:s|a\|b", "not", r"urn:s|a\|b")]),
        ("token", "text", CODING, [Text("A or b", "text")]),
        ("string", "plain", Held("string", "Ann, Lee"), [Text(r"Ann\, Lee")]),
        ("string", "plain", Held("string", LONG[1:]), [Text(LONG[1:])]),
        ("string", "plain", Held("string", LONG), []),
        ("string", "plain", Held("string", " Ann"), []),
        ("string", "exact", Held("string", "Ann"), [Text("Ann", "exact")]),
        ("string", "exact-swapped", Held("string", "Ann"), [Text("aNN", "exact", "Ann")]),
        ("string", "exact-swapped", Held("string", "12"), []),
        ("string", "swapped", Held("string", "Ann"), [Text("aNN")]),
        ("string", "unaccented", Held("string", "Ren\u00e9e"), [Text("Renee")]),
        ("string", "unaccented", Held("string", "Renee"), []),
        ("string", "contains", Held("string", "Thomas"), [Text("homa", "contains")]),
        ("string", "contains", Held("string", "Margaret"), [Text("rgar", "contains")]),
        ("string", "contains", Held("string", "Jane"), []),
        ("string", "contains", Held("string", "O'Hara"), []),
        ("number", "plain", Held("decimal", 0.25), [Text("0.25")]),
        ("number", "gt", Held("decimal", 0.25), [Text("gt0.25")]),
        ("number", "rounded", Held("decimal", 0.26), [Text("0.3")]),
        ("number", "rounded", Held("integer", 3), []),
        ("number", "plain", Held("string", "x"), []),
        ("quantity", "plain", WEIGHT, [Text("70.5")]),
        ("quantity", "unit", WEIGHT, [Text("70.5||kg")]),
        ("quantity", "system-unit", WEIGHT, [Text("70.5|urn:u|kg")]),
        ("quantity", "le", WEIGHT, [Text("le70.5|urn:u|kg")]),
        ("quantity", "other-unit", WEIGHT, [Text(f"70.5|{OTHER_SYSTEM}|kg", control="70.5|urn:u|kg")]),
        ("quantity", "rounded", WEIGHT, [Text("70|urn:u|kg")]),
        ("quantity", "plain", Held("Quantity", {**WEIGHT.value, "comparator": "<"}), []),
        ("quantity", "other-unit", Held("Quantity", {"value": 1, "unit": "kg"}), []),
        ("reference", "plain", REFERENCE, [Text("Practitioner/p1")]),
        ("reference", "id", REFERENCE, [Text("p1")]),
        ("reference", "absolute", REFERENCE, [Text(f"{BASE}/Practitioner/p1")]),
        ("reference", "typed", REFERENCE, [Text("p1", "Practitioner")]),
        ("reference", "typed-other", REFERENCE, [Text("p1", "Patient", "Practitioner/p1")]),
        ("reference", "other-type", REFERENCE, [Text("Patient/p1", control="Practitioner/p1")]),
        (
            "reference",
            "other-type",
            Held("Reference", {"reference": "Patient/1"}),
            [Text("Practitioner/1", control="Patient/1")],
        ),
        ("reference", "versioned", REFERENCE, []),
        (
            "reference",
            "versioned",
            Held("Reference", {"reference": "Patient/1/_history/2"}),
            [Text("Patient/1")],
        ),
        ("reference", "plain", Held("Reference", {"reference": "Patient/1/_history/2"}), []),
        ("reference", "plain", Held("Reference", {"reference": "https://other.example/Patient/1"}), []),
        ("reference", "identifier", REFERENCE, [Text("urn:i|7", "identifier")]),
        ("uri", "plain", Held("uri", "http://a/b"), [Text("http://a/b")]),
        ("uri", "plain", Held("uri", "http://a\x07"), []),
        ("uri", "below", Held("uri", "http://a/b/c"), [Text("http://a/b", "below")]),
        ("uri", "below", Held("uri", "http://a/b"), []),
        ("uri", "below", Held("uri", "a/b/c/d/e"), []),
        ("uri", "above", Held("uri", "http://a/b"), [Text("http://a/b/htest", "above")]),
        ("uri", "above", Held("uri", "urn:a"), []),
        ("uri", "swapped", Held("uri", "http://a"), [Text("HTTP://A", control="http://a")]),
        ("uri", "swapped", Held("uri", "1"), []),
    ],
)
def test_a_form_makes_these_criteria(kind, form, held, made):
    assert list(FORMS[kind][form](held, BASE)) == made


@pytest.mark.parametrize(
    ("text", "value", "answer"),
    [
        ("eb2020-05-05", {"start": "2018-01-01", "end": "2019-01-01"}, True),
        ("sa2017-05-05", {"start": "2018-01-01", "end": "2019-01-01"}, True),
        ("sa2018-05-05", {"start": "2018-01-01", "end": "2019-01-01"}, False),
        ("2018", {"start": "2018-01-01"}, False),
        ("2018", {"start": "2018-01-01", "end": "2018-12-31"}, True),
        ("lt2018", {"end": "2018-12-31"}, True),
        ("2018", [], None),
        ("2018", "2018", None),
    ],
)
def test_a_period_is_open_at_the_end_that_it_lacks_only(text, value, answer):
    assert date_test(text)(Held("Period", value)) is answer


@pytest.mark.parametrize(("kind", "value"), [("string", WEIGHT.value), ("Quantity", 70.5), ("Range", {})])
def test_only_quantities_are_judged_as_quantities(kind, value):
    assert quantity_test("70.5")(Held(kind, value)) is None


def test_a_canonical_is_the_same_up_to_its_version_only():
    assert uri_test("http://a|1", "")(Held("canonical", "http://a|2")) is None
    assert uri_test("http://a|1", "")(Held("canonical", "http://b|1")) is False
    assert uri_test("http://a", "")(Held("canonical", "http://a|1|2")) is None


TESTS = {
    "token": token_test,
    "string": string_test,
    "number": lambda text, _: number_test(text),
    "quantity": lambda text, _: quantity_test(text),
    "reference": lambda text, modifier: reference_test(text, modifier, BASE),
    "uri": uri_test,
    "date": lambda text, _: date_test(text),
}
VALUES = {
    "token": CODING,
    "string": Held("string", "Ren\u00e9e"),
    "number": Held("decimal", 0.26),
    "quantity": WEIGHT,
    "reference": REFERENCE,
    "uri": Held("uri", "http://a/b/c"),
    "date": Held("date", "2020-05-05"),
}


@pytest.mark.parametrize("kind", FORMS)
def test_what_must_not_find_the_value_is_beside_what_must(kind):
    held, test = VALUES[kind], TESTS[kind]
    for name, form in FORMS[kind].items():
        for made in form(held, BASE):
            if made.control:
                assert test(made.control, "")(held) is not False, name
                assert made.modifier == "not" or test(made.value, made.modifier)(held) is not True, name


def test_a_value_is_read_once_by_each_reader_and_rightly_by_another():
    read = []

    def reader(kind, value):
        read.append((kind, value))
        return [kind, value]

    held = Held("string", "Ann")
    assert held.read(reader) == held.read(reader) == ["string", "Ann"]
    assert read == [("string", "Ann")]
    assert held.read(lambda kind, _: kind) == "string"
    assert held.read(reader) == ["string", "Ann"]
