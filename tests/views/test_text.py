"""Strings that a server sent are shown without effects."""

import datetime as dt
import json
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_samples import RECORD, of_every_kind
from strategies import HOSTILE, reports

from conformance.model.base import strict_json
from conformance.model.report import Report
from conformance.model.verdict import Outcome
from conformance.views import text
from conformance.views.json_report import as_json
from conformance.views.signature import UNSIGNED


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain", "plain"),
        ("Grüße, 患者 ✓", "Grüße, 患者 ✓"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b2Jcleared", "cleared"),
        ("a\x1b]0;new title\x07b", "ab"),
        ("a\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x1bPq#0\x1b\\b", "ab"),
        ("a\x1bcb", "ab"),
        ("\u202egnp.exe\u2069\u200f", "gnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("nul\x00 back\x08 del\x7f", "nul back del"),
        ("line\u2028separator", "lineseparator"),
        ("half \ud800 a pair", "half  a pair"),
        ("a\r\nb\rc", "a\nbc"),
    ],
)
def test_what_has_an_effect_is_taken_out(sent, shown):
    assert text.clean(sent) == shown


@given(st.text() | st.text(st.sampled_from("\x1b[]0;m\x07\x9b\x9c\\P?hA\n")) | st.sampled_from(HOSTILE))
def test_nothing_unseen_is_left_of_any_text_and_cleaning_twice_changes_nothing(sent):
    shown = text.clean(sent)
    assert not [c for c in shown if c not in "\n\t" and unicodedata.category(c)[0] == "C"]
    assert text.clean(shown) == shown


@given(st.text(max_size=50), st.integers(1, 60))
def test_a_cut_text_says_how_much_is_missing(sent, most):
    shown = text.shortened(sent, most)
    assert shown == sent if len(sent) <= most else f"({len(sent) - most} more characters)" in shown


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (text.duration(0.42), "0.4 s"),
        (text.duration(59.7), "1 min 0 s"),
        (text.duration(192), "3 min 12 s"),
        (text.duration(7500), "2 h 5 min"),
        (text.size(999), "999 B"),
        (text.size(1_400_000), "1.4 MB"),
        (text.size(999_960), "1.0 MB"),
        (text.moment("2026-11-02T17:05:00Z"), "2 November 2026, 17:05 UTC"),
        (text.moment("2026-11-02T23:05:00-02:00"), "3 November 2026, 01:05 UTC"),
        (text.moment("2026-11-02T17:05:00"), "2 November 2026, 17:05"),
        (text.moment("soon\x1b[0m"), "soon"),
        (text.counted(1, "case"), "1 case"),
        (text.counted(1200, "case"), "1,200 cases"),
        (text.one_line(" a\n\t b "), "a b"),
    ],
)
def test_amounts_and_times_in_words(shown, expected):
    assert shown == expected


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(reports)
def test_a_report_as_json_is_visible_ascii_and_reads_back_as_the_same_report(report):
    document = as_json(report)
    assert all(" " <= c <= "~" or c == "\n" for c in document)
    assert Report.read(document) == report


def test_every_kind_of_value_has_one_json_form():
    value = {Outcome.PASS: (UNSIGNED, dt.date(2026, 11, 22)), "set": {"b", "a"}, "record": RECORD}
    read = strict_json(as_json(value))
    assert read["pass"] == [{"signed": False, "key_id": "", "role": ""}, "2026-11-22"]
    assert read["set"] == ["a", "b"]
    assert read["record"] == RECORD.plain()
    assert json.loads(as_json([of_every_kind()]))[0]["runId"] == "run-1"


@pytest.mark.parametrize("value", [object(), float("nan"), b"bytes"])
def test_what_has_no_json_form_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        as_json(value)
