"""*How locked in are you?*: each number with its picture, definition and parts, and nothing made up beside them."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import report
from rich.console import Console

from conformance.model.measurement import MeasuredPart, Measurement
from conformance.model.report import RunRecord, Tool
from conformance.views import lock_in
from conformance.views.html import html
from conformance.views.signature import SignatureNote

RECORD = RunRecord(run_id="r", started_at="2026-01-01T00:00:00Z", tool=Tool(name="conformance", version="1"))
UNSIGNED = SignatureNote(signed=False)
SHARE = Measurement(
    id="share",
    title="Elements <b>in</b> extensions",
    group="Data",
    value="12.5",
    unit="%",
    definition="What was counted.",
    picture="share",
    note="125 of 1,000",
    parts=(MeasuredPart(label="Patient", value="3.0"),),
)
YEARS = Measurement(
    id="years",
    title="Cost by year",
    group="Money",
    value="30000.00",
    unit="GBP",
    definition="The cost.",
    picture="columns",
    parts=tuple(
        MeasuredPart(label=f"year {n}", value=v) for n, v in ((1, "30000.00"), (2, "15000.00"), (3, "0.00"))
    ),
)
UNKNOWN = Measurement(id="none", title="Time", group="Data", definition="The time.", note="nobody knows")


def page(*measurements):
    text = html(report(measurements=measurements), RECORD, UNSIGNED)
    return text[text.index('id="lock-in"') :].partition("</section>")[0] if measurements else text


def test_each_number_stands_with_unit_definition_note_and_parts():
    shown = page(SHARE)
    assert all(word in shown for word in ("12.5", "%", "What was counted.", "125 of 1,000", "Patient", "3.0"))
    assert "<b>" not in shown


def test_a_share_is_drawn_as_wide_as_it_is():
    assert 'class="part" x="0" y="0" width="12.5"' in page(SHARE)


def test_columns_are_as_high_as_their_numbers_and_start_at_zero():
    first, second, third = lock_in.columns(YEARS)
    assert (first.height, second.height, third.height) == (154.0, 77.0, 0.0)
    assert {round(each.y + each.height, 1) for each in (first, second, third)} == {176.0}
    assert "30,000.00" in page(YEARS)


def test_what_is_not_known_is_said_and_not_drawn():
    shown = page(UNKNOWN)
    assert "not known" in shown
    assert "nobody knows" in shown
    assert "<svg" not in shown


def test_an_indicative_number_says_so():
    assert "indicative" in page(SHARE.model_copy(update={"indicative": True}))
    assert "indicative" not in page(SHARE)


def test_a_report_without_measurements_has_no_such_page():
    assert 'id="lock-in"' not in page()
    assert lock_in.table(report().measurements) is None


def test_the_terminal_shows_every_number():
    out = Console(file=io.StringIO(), width=100)
    out.print(lock_in.table(report(measurements=(SHARE, YEARS, UNKNOWN)).measurements))
    said = out.file.getvalue()
    assert all(word in said for word in ("12.5%", "30,000.00 GBP", "not known"))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-3", "101", "many", ""])
def test_what_is_no_share_is_not_drawn(value):
    assert lock_in.share(SHARE.model_copy(update={"value": value})) is None


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=30))
def test_columns_stay_within_their_picture(values):
    parts = tuple(MeasuredPart(label="y", value=str(value)) for value in values)
    for column in lock_in.columns(YEARS.model_copy(update={"parts": parts})):
        assert 0 <= column.x <= column.x + column.width <= lock_in.WIDTH
        assert column.y + 0.1 >= lock_in.ABOVE
        assert column.y + column.height <= lock_in.HEIGHT - lock_in.BELOW + 0.1


def test_pictures_have_a_title_of_their_own():
    shown = page(SHARE, YEARS)
    titles = re.findall(r'<title id="(pic-[a-z]+)">', shown)
    assert titles == ["pic-share", "pic-years"]
    assert all(f'aria-labelledby="{name}"' in shown for name in titles)
