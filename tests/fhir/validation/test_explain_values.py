"""Comparing values: fixed, pattern, and bounds on numbers, dates and amounts."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from explaining import base
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.definitions.table import Typed
from conformance.fhir.validation.values import contains, equal, order

NOW = datetime(2026, 6, 15, tzinfo=UTC)
JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_what_is_equal_is_contained_and_equality_is_symmetric(one, other):
    assert equal(one, one)
    assert contains(one, one)
    assert equal(one, other) is equal(other, one)
    assert not equal(one, other) or contains(one, other)


@pytest.mark.parametrize(
    ("found", "expected", "same"),
    [
        (Decimal("1.0"), 1, True),
        (1.5, Decimal("1.5"), True),
        (True, 1, False),
        ("1", 1, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ([1, 2], [2, 1], False),
        (None, "x", False),
    ],
)
def test_equality(found, expected, same):
    assert equal(found, expected) is same


def test_a_pattern_is_met_item_by_item_in_any_order():
    found = {"coding": [{"code": "a", "system": "s"}, {"code": "b"}], "text": "x"}
    assert contains(found, {"coding": [{"code": "b"}, {"system": "s"}]})
    assert not contains(found, {"coding": [{"code": "a"}, {"code": "c"}]})
    assert not contains(found, {"coding": {"code": "a"}})


@pytest.mark.parametrize(
    ("found", "bound", "answer"),
    [
        (1, Typed("integer", 2), -1),
        (Decimal("2.0"), Typed("decimal", 2), 0),
        (3, Typed("decimal", 2.5), 1),
        ("x", Typed("integer", 2), None),
        ("2020-01-02", Typed("date", "2020-01-01"), 1),
        ("2020", Typed("date", "2020-06-01"), None),
        ("2020", Typed("date", "2021-06-01"), -1),
        ("2020-01-01T00:00:00+05:00", Typed("dateTime", "2020-01-01T00:00:00Z"), -1),
        ("2020-13", Typed("date", "2020-01-01"), None),
        ("10:00:00", Typed("time", "09:00:00"), 1),
        ({"value": 5, "code": "kg"}, Typed("Quantity", {"value": 6, "code": "kg"}), -1),
        ({"value": 5, "code": "g"}, Typed("Quantity", {"value": 6, "code": "kg"}), None),
    ],
)
def test_order(found, bound, answer):
    assert order(found, bound, NOW) == answer


def test_an_amount_of_time_is_relative_to_now():
    ten = Typed("Quantity", {"value": 10, "code": "a"})
    assert order("2010-01-01", ten, NOW, lowest=True) == -1
    assert order("2020-01-01", ten, NOW, lowest=True) == 1
    assert order("2030-01-01", ten, NOW) == -1
    assert order("2100-01-01", ten, NOW) == 1
    assert order("2100-01-01", Typed("Quantity", {"value": 10, "code": "lightyears"}), NOW) is None


@pytest.mark.parametrize("name", ["Duration", "Age"])
def test_a_bound_of_a_type_that_r4_has_none_of_limits_nothing(name):
    assert order("2100-01-01", Typed(name, {"value": 10, "code": "a"}), NOW) is None


@pytest.mark.parametrize(
    ("div", "words"),
    [
        ("<div>x", "an element is not closed"),
        ("<div><b>x</div></b>", "an end tag does not belong"),
        ("<div>x</div><p/>", "something follows after the div"),
        ("<div>x < y</div>", "a character stands where it may not"),
    ],
)
def test_a_narrative_that_is_no_xhtml_is_told_once_with_its_place(div, words):
    text = {"status": "generated", "div": div.replace("<div>", '<div xmlns="http://www.w3.org/1999/xhtml">')}
    outcome = base().explain_resource({"resourceType": "Basic", "code": {"text": "x"}, "text": text})
    (issue,) = (issue for issue in outcome.issues if issue.is_error)
    assert issue.message_id == "xhtml-syntax"
    assert words in issue.text
    assert "(line 1, column " in issue.text
