"""FHIR dates as intervals."""

import datetime as dt

import pytest

from conformance.fhir.dates import interval, is_full_date


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
