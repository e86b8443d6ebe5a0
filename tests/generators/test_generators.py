"""What is drawn is valid, and says whose it is."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.nhs import nhs_number_problem
from conformance.fhir.search.criteria import criteria
from conformance.generators.identity import unknown_id, unknown_parameter, unknown_type
from conformance.generators.people import birth_date, family_name, nhs_number
from conformance.generators.search_texts import odd_text

FORMS = [
    (unknown_id, r"htest-[a-z0-9.-]{16,40}"),
    (unknown_type, r"Htest[A-Z][a-z]+"),
    (unknown_parameter, r"htest-[a-z]+"),
    (family_name, r"HTEST-.{2,24}"),
    (nhs_number, r"999[0-9]{7}"),
]


@pytest.mark.parametrize(("make", "form"), FORMS, ids=lambda value: getattr(value, "__name__", ""))
def test_form(make, form):
    @given(make())
    def every_value(value):
        assert re.fullmatch(form, value)
        assert len(value) <= 64

    every_value()


@given(nhs_number())
def test_nhs_numbers_are_valid(number):
    assert nhs_number_problem(number) == ""


@given(birth_date(first=1950, last=1960))
def test_birth_dates_are_within(date):
    assert 1950 <= dt.date.fromisoformat(date).year <= 1960


def test_names_of_many_scripts_are_drawn():
    seen = set()

    @given(st.lists(family_name(), min_size=30, max_size=30))
    def collect(names):
        seen.update(name[6] for name in names)

    collect()
    assert any(char.isascii() for char in seen)
    assert any(not char.isascii() for char in seen)


@given(odd_text())
def test_odd_texts_are_one_value_of_a_query(text):
    assert text.isascii()
    (criterion,) = criteria(f"name={text}")
    assert len(criterion.alternatives) == 1
    assert 0 < len(text) < 16_000
