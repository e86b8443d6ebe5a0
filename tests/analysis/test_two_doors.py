"""What may differ between a read and an export of one version, and what may not."""

import copy
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.two_doors import aligned, in_one_form, narrative_adds

BASE = "https://example.org/fhir"


def test_a_reference_to_the_server_itself_is_relative_or_absolute():
    shown = {"resourceType": "Observation", "subject": {"reference": f"{BASE}/Patient/1"}}
    assert in_one_form(shown, BASE)["subject"] == {"reference": "Patient/1"}


def test_a_reference_to_another_server_stays_as_it_is():
    shown = {"subject": {"reference": "https://elsewhere.example/fhir/Patient/1"}}
    assert in_one_form(shown, BASE) == shown


def test_an_attachment_holds_its_bytes_or_says_where_they_are():
    inline = {"attachment": {"contentType": "text/plain", "data": "aGk=", "size": 2, "title": "hi"}}
    by_url = {"attachment": {"contentType": "text/plain", "url": f"{BASE}/Binary/1", "title": "hi"}}
    assert in_one_form(inline, BASE) == in_one_form(by_url, BASE)


def test_the_bytes_of_a_binary_are_its_content():
    binary = {"resourceType": "Binary", "contentType": "text/plain", "data": "aGk="}
    assert in_one_form(binary, BASE) == binary


@given(
    st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), min_size=1), max_size=5),
    st.randoms(use_true_random=False),
)
def test_objects_that_repeat_stand_in_any_order(items: list[dict[str, int]], chance: random.Random):
    other = copy.deepcopy(items)
    chance.shuffle(other)
    assert aligned({"x": items}, {"x": other}) == {"x": items}


def test_the_order_of_the_parts_of_a_name_stays():
    assert aligned({"given": ["A", "B"]}, {"given": ["B", "A"]}) == {"given": ["B", "A"]}


def test_a_decimal_with_other_digits_is_no_mere_change_of_order():
    before = [{"value": Decimal("1.50")}, {"value": Decimal(2)}]
    after = [{"value": Decimal(2)}, {"value": Decimal("1.5")}]
    assert aligned(before, after) == after


@pytest.mark.parametrize(
    ("status", "adds"), [("generated", False), ("extensions", False), ("additional", True), ("empty", True)]
)
def test_a_narrative_made_from_the_elements_adds_nothing(status, adds):
    assert narrative_adds({"text": {"status": status}}) is adds


def test_no_narrative_adds_nothing():
    assert not narrative_adds({})
