"""Durations compared on the calendar."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.durations import Duration, NoDuration, compare, duration


def test_two_months_are_59_to_62_days():
    assert duration("P2M").days_range == (59, 62)


@pytest.mark.parametrize(
    ("stated", "limit", "always", "never"),
    [
        ("P59D", "P2M", True, False),
        ("P60D", "P2M", False, False),
        ("P62D", "P2M", False, False),
        ("P63D", "P2M", False, True),
        ("P2M", "P2M", True, False),
        ("P8W", "P2M", True, False),
        ("P1M", "P30D", False, False),
        ("P12M", "P1Y", True, False),
        ("P6M", "P2M", False, True),
        ("P1Y", "P30D", False, True),
        ("P365D", "P1Y", True, False),
        ("P366D", "P1Y", False, False),
    ],
)
def test_comparison(stated, limit, always, never):
    compared = compare(duration(stated), duration(limit))
    assert (compared.always, compared.never) == (always, never)


def test_sixty_days_against_two_months_depend_on_the_start_date():
    compared = compare(duration("P60D"), duration("P2M"))
    assert compared.first_longer is not None
    assert compared.first_no_longer is not None
    assert duration("P60D").after(compared.first_longer) > duration("P2M").after(compared.first_longer)
    assert compared.no_longer + compared.longer == 1461


@pytest.mark.parametrize(
    "text", ["", "P", "2M", "PT5H", "P1.5M", "P-2M", "p2m", "P1D2M", "P٣M", None, 5, "P2000Y"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(NoDuration):
        duration(text)


def test_adding_clamps_to_the_last_day_of_the_month():
    assert duration("P1M").after(dt.date(2023, 1, 31)) == dt.date(2023, 2, 28)
    assert duration("P1Y").after(dt.date(2024, 2, 29)) == dt.date(2025, 2, 28)


@given(st.builds(Duration, st.integers(0, 60), st.integers(0, 400)))
def test_a_duration_is_never_longer_than_itself_and_always_shorter_than_one_day_more(length):
    assert compare(length, length).always
    assert compare(Duration(length.months, length.days + 1), length).never
