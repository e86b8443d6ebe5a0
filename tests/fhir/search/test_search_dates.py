"""Date searches against a brute formulation: intervals as sets of days, prefixes as the specification words them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.dates import interval
from conformance.fhir.search.dates import compared, date_test, prefixed, spans
from conformance.fhir.search.held import Held

days = st.dates(dt.date(1999, 1, 1), dt.date(2003, 12, 31)).map(dt.date.isoformat)
partial = days | days.map(lambda day: day[:7]) | days.map(lambda day: day[:4])


def as_days(text):
    span = interval(text)
    return range(span.low.toordinal(), span.high.toordinal())


def meant(prefix, search, target):
    """What the table of prefixes says of two sets of days."""
    inside = set(target) <= set(search)
    return {
        "eq": inside,
        "ne": not inside,
        "lt": any(day < search[0] for day in target),
        "gt": any(day > search[-1] for day in target),
        "le": inside or any(day < search[0] for day in target),
        "ge": inside or any(day > search[-1] for day in target),
        "sa": all(day > search[-1] for day in target),
        "eb": all(day < search[0] for day in target),
        "ap": bool(set(search) & set(target)),
    }[prefix]


PREFIXES = ("eq", "ne", "lt", "gt", "le", "ge", "sa", "eb", "ap")


@pytest.mark.parametrize("prefix", PREFIXES)
@given(partial, partial)
def test_what_is_decided_is_what_the_table_says(prefix, search, target):
    answer = date_test(f"{prefix}{search}")(Held("date", target))
    told = meant(prefix, as_days(search), as_days(target))
    assert answer in {told, None}
    # Doubt is for what overlaps only in part, or is told in two ways.
    if set(as_days(search)) == set(as_days(target)) or not set(as_days(search)) & set(as_days(target)):
        assert answer is told or prefix == "ap"


@given(partial, partial)
def test_from_a_date_on_or_before_it(search, target):
    left, right = interval(search), interval(target)
    assert not (compared("ge", left, right) is False and compared("lt", left, right) is False)
    assert not (compared("le", left, right) is False and compared("gt", left, right) is False)


@given(days, st.times(), st.integers(-14, 14))
def test_an_offset_makes_no_difference(day, time, hours):
    moment = dt.datetime.combine(dt.date.fromisoformat(day), time.replace(microsecond=0), dt.UTC)
    elsewhere = moment.astimezone(dt.timezone(dt.timedelta(hours=hours)))
    assert date_test(moment.isoformat())(Held("dateTime", elsewhere.isoformat())) is True
    assert date_test(f"ne{moment.isoformat()}")(Held("dateTime", elsewhere.isoformat())) is False


@pytest.mark.parametrize(
    ("text", "kind", "value", "answer"),
    [
        ("2020-01-02", "dateTime", "2020-01-02T12:00:00Z", None),  # noon in UTC may be another day elsewhere
        ("2020-01", "dateTime", "2020-01-15T12:00:00Z", True),
        ("2020-01-02", "dateTime", "2020-01-05T12:00:00Z", False),
        ("ne2020-01-02", "dateTime", "2020-01-05T12:00:00Z", True),
        ("2020", "date", "2020-05-05", True),
        ("2020-05-05", "date", "2020", False),
        ("lt2020-05-05", "date", "2020", True),
        ("gt2020-05-05", "date", "2020-05-05", False),
        ("gt2020", "date", "2020-05-05", None),
        ("sa2020-05-05T10:00:00Z", "Period", {"start": "2020-05-05T10:00:00Z"}, False),
        ("gt2020-05-05T10:00:00Z", "Period", {"start": "2020-05-05T10:00:00Z"}, True),
        ("ge2020-05-05", "Period", {"start": "2019-01-01"}, True),
        ("eb2020-05-05", "Period", {"end": "2019-01-01"}, True),
        ("eb2020-05-05", "Period", {"start": "2019-01-01"}, False),
        ("ge2020", "Period", {}, None),
        ("ge2020", "Period", {"start": "odd"}, None),
        ("ge2020", "Period", {"start": "2021", "end": "2020"}, None),
        ("2013-02", "Timing", {"event": ["2013-01-31", "2013-03-24"]}, False),
        ("ge2013-02", "Timing", {"event": ["2013-01-31", "2013-03-24"]}, True),
        ("ge2013-02", "Timing", {"repeat": {"boundsPeriod": {"start": "2013-03-01"}}}, True),
        ("ge2013-02", "Timing", {"repeat": {"frequency": 3}}, None),
        ("odd", "date", "2020", None),
        ("2020", "date", "odd", None),
    ],
)
def test_examples(text, kind, value, answer):
    assert date_test(text)(Held(kind, value)) is answer


def test_prefixes_are_told_from_values():
    assert prefixed("ge2020") == ("ge", "2020")
    assert prefixed("2020") == ("eq", "2020")
    assert prefixed("zz2020") == ("eq", "zz2020")
    assert prefixed("gt-5.5") == ("gt", "-5.5")
    assert prefixed("ebola") == ("eq", "ebola")


@given(partial, st.sampled_from(PREFIXES))
def test_times_at_the_ends_of_the_calendar_are_no_error(target, prefix):
    for edge in ("0001-01-01", "9998-12-31T23:59:59Z"):
        assert date_test(f"{prefix}{edge}")(Held("date", target)) in {True, False, None}
    assert spans("date", "9999") is None
