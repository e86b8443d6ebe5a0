"""FHIR dates as intervals, and what a date search rules out."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.dates import interval, is_full_date, rules_out


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1980", at(1980, 1, 1), at(1981, 1, 1)),
        ("1980-12", at(1980, 12, 1), at(1981, 1, 1)),
        ("1980-02", at(1980, 2, 1), at(1980, 3, 1)),
        ("1980-02-29", at(1980, 2, 29), at(1980, 3, 1)),
        ("1980-01-01T10:30Z", at(1980, 1, 1, 10, 30), at(1980, 1, 1, 10, 31)),
        ("1980-01-01T10:30:05+01:00", at(1980, 1, 1, 9, 30, 5), at(1980, 1, 1, 9, 30, 6)),
        ("1980-01-01T00:30:05.25-00:30", at(1980, 1, 1, 1, 0, 5, 250000), at(1980, 1, 1, 1, 0, 5, 260000)),
        ("2016-12-31T23:59:60Z", at(2017, 1, 1), at(2017, 1, 1, 0, 0, 1)),
    ],
)
def test_interval(text, low, high):
    span = interval(text)
    assert span is not None
    assert (span.low, span.high) == (low, high)


@pytest.mark.parametrize(
    "text", ["", "80", "1980-13", "1980-02-30", "1980-1-1", "9999", "0000", "now", 1980, None]
)
def test_what_is_no_date(text):
    assert interval(text) is None


def test_full_date():
    assert is_full_date("1980-02-29")
    assert not is_full_date("1980-02")
    assert not is_full_date("1980-02-30")


days = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)).map(dt.date.isoformat)
partial = days | days.map(lambda day: day[:7]) | days.map(lambda day: day[:4])


@given(partial, partial)
def test_a_value_is_never_ruled_out_on_both_sides(search, target):
    left, right = interval(search), interval(target)
    assert left is not None
    assert right is not None
    assert not (rules_out("ge", left, right) and rules_out("lt", left, right))
    assert not (rules_out("le", left, right) and rules_out("gt", left, right))


@given(days, days)
def test_full_days_are_ruled_out_as_they_are_ordered(search, target):
    left, right = interval(search), interval(target)
    assert left is not None
    assert right is not None
    assert rules_out("ge", left, right) is (target < search)
    assert rules_out("gt", left, right) is (target <= search)
    assert rules_out("lt", left, right) is (target >= search)
    assert rules_out("eq", left, right) is (target != search)
    assert not rules_out("ap", left, right)


def test_a_time_without_offset_may_be_half_a_day_away():
    local, zoned = interval("1980-01-02"), interval("1980-01-03T09:00:00Z")
    assert local is not None
    assert zoned is not None
    assert not rules_out("eq", local, zoned)
    late = interval("1980-01-03T23:00:00Z")
    assert late is not None
    assert rules_out("eq", local, late)
