"""`meta.lastUpdated` as a fact: only ever an instant, in a form in which later is greater."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.scale.piece import when

FIRST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


@given(
    st.text(min_size=23, max_size=23).map(lambda text: f"{text}Z")
    | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z", fullmatch=True)
)
def test_what_is_told_is_an_instant(text):
    told = when(text)
    assert not told or dt.datetime.fromisoformat(told).tzinfo is dt.UTC


@pytest.mark.parametrize(
    "text",
    [
        "Jane Doe, NHS 943476591Z",
        "2026-99-99T99:99:99.999Z",
        "2026-02-30T00:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "2026-W01-1T00:00:00.000Z",
        "\u0662026-01-01T00:00:00.00Z",
    ],
)
def test_what_is_no_instant_is_not_told(text):
    assert when(text) == ""


@given(
    st.lists(
        st.integers(86_400_000, 315_537_811_200_000 - 86_400_000).map(
            lambda milliseconds: FIRST + dt.timedelta(milliseconds=milliseconds)
        ),
        min_size=2,
        max_size=2,
    ),
    st.sampled_from([0, 60, -330]),
)
def test_later_is_greater_in_every_year(moments, minutes):
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    first, second = (when(moment.astimezone(zone).isoformat()) for moment in moments)
    assert (first < second) == (moments[0] < moments[1])
    assert dt.datetime.fromisoformat(first) == moments[0]
