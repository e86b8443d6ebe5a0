"""Queries are read as they were meant: cut where nothing escapes, and whole again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.search.criteria import criteria, escaped, query, split, unescaped


@given(st.text())
def test_what_is_escaped_is_one_value(text):
    assert split(escaped(text), ",") == [escaped(text)]
    assert unescaped(escaped(text)) == text


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_values_between_commas_are_told_apart(texts):
    joined = ",".join(map(escaped, texts))
    assert [unescaped(part) for part in split(joined, ",")] == texts


@given(st.text(min_size=1), st.text())
def test_a_query_is_plain_ascii_and_says_what_was_meant(name, value):
    (pair,) = [query([(name, value)])]
    assert pair.isascii()
    assert not set(pair) & set(" #")


@pytest.mark.parametrize(
    ("text", "name", "modifier", "chain", "values"),
    [
        ("code=a,b", "code", "", "", ("a", "b")),
        ("family:exact=a%5C%2Cb", "family", "exact", "", ("a\\,b",)),
        ("subject:Patient.name:contains=x", "subject", "Patient", "name:contains", ("x",)),
        ("_has:Observation:patient:code=x", "_has", "", "Observation:patient:code", ("x",)),
        ("code=", "code", "", "", ("",)),
    ],
)
def test_criteria(text, name, modifier, chain, values):
    (found,) = criteria(text)
    assert (found.name, found.modifier, found.chain, found.alternatives) == (name, modifier, chain, values)


def test_parameters_about_the_result_are_no_criteria():
    assert [one.name for one in criteria("_count=1&code=x&_sort=date&_include:iterate=A:b")] == ["code"]


@pytest.mark.parametrize(("text", "plain"), [("a\\", "a\\"), ("\\a", "\\a"), ("\\\\,", "\\,"), ("\\$", "$")])
def test_a_backslash_before_nothing_special_is_itself(text, plain):
    assert unescaped(text) == plain
