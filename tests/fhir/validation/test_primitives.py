"""Which JSON values each primitive type may have, and words for the others."""

import base64
import calendar
import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.fhir.definitions import r4
from conformance.fhir.validation.primitives import VALID, is_valid, problem

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
GOOD = [
    ("boolean", [True, False]),
    ("integer", [0, -1, 2147483647, -2147483648]),
    ("unsignedInt", [0, 2147483647]),
    ("positiveInt", [1, 2147483647]),
    ("decimal", [0, -1, 1.5, Decimal("1.10"), Decimal("1E-22"), 10**30]),
    ("string", ["a", " ", "é\n\t\r", "x" * 1048576, "\u00a0"]),
    ("markdown", ["# a", "<b>"]),
    ("code", ["a", "a b", "é"]),
    ("id", ["a", "A-1.b", "x" * 64]),
    (
        "uri",
        [
            "a",
            "http://a",
            "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            "urn:oid:1.2.3",
            "urn:ietf:rfc:3986",
        ],
    ),
    ("url", ["http://a/b?c=d#e", "Patient/1"]),
    ("canonical", ["http://a", "http://a|1.0#b", "#a", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520|1"]),
    ("oid", ["urn:oid:2.16.840.1", "urn:oid:0.0"]),
    ("uuid", ["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"]),
    ("date", ["2020", "2020-12", "2020-02-29", "2000-02-29", "0001-01-01"]),
    (
        "dateTime",
        ["2020", "2020-02", "2020-02-29", "2020-02-29T23:59:60Z", "2020-01-31T00:00:00.123456789+14:00"],
    ),
    ("instant", ["2015-02-07T13:28:17.239+02:00", "2016-12-31T23:59:60Z"]),
    ("time", ["00:00:00", "23:59:60", "12:00:00.5"]),
    ("base64Binary", ["AAAA", "AAA=", "AA==", "AA AA\nBB =="]),
    ("integer64", ["0", "-9223372036854775808", "9223372036854775807"]),
    ("xhtml", ['<div xmlns="http://www.w3.org/1999/xhtml">a</div>']),
]

BAD = [
    ("boolean", "true", "primitive-kind"),
    ("boolean", 1, "primitive-boolean"),
    ("boolean", "yes", "primitive-boolean"),
    ("boolean", None, "primitive-kind"),
    ("integer", 2147483648, "primitive-integer"),
    ("integer", 1.0, "primitive-integer"),
    ("integer", Decimal("1.0"), "primitive-integer"),
    ("integer", True, "primitive-integer"),
    ("integer", "1", "primitive-kind"),
    ("integer", "007", "primitive-integer"),
    ("unsignedInt", -1, "primitive-unsignedInt"),
    ("positiveInt", 0, "primitive-positiveInt"),
    ("decimal", "1.0", "primitive-kind"),
    ("decimal", "1.", "primitive-decimal"),
    ("decimal", False, "primitive-decimal"),
    ("decimal", Decimal("NaN"), "primitive-decimal"),
    ("string", "", "primitive-empty"),
    ("string", 1, "primitive-kind"),
    ("string", ["a"], "primitive-kind"),
    ("string", {}, "primitive-kind"),
    ("string", "x" * 1048577, "primitive-too-long"),
    ("string", "a\x00", "primitive-control"),
    ("markdown", "a\x0bb", "primitive-control"),
    ("code", " a", "primitive-code"),
    ("code", "a  b", "primitive-code"),
    ("code", "a\tb", "primitive-code"),
    ("code", "", "primitive-empty"),
    ("id", "x" * 65, "primitive-id"),
    ("id", "a_b", "primitive-id"),
    ("uri", "a b", "primitive-uri"),
    ("uri", "oid:1.2", "primitive-uri"),
    ("uri", "uuid:1", "primitive-uri"),
    ("uri", "urn:uuid:C757873D-EC9A-4326-A141-556F43239520", "primitive-uri"),
    ("uri", "urn:oid:1.02", "primitive-uri"),
    ("canonical", "Library/a", "primitive-canonical"),
    ("canonical", "http://a b", "primitive-canonical"),
    ("oid", "2.16.840.1", "primitive-oid"),
    ("uuid", "c757873d-ec9a-4326-a141-556f43239520", "primitive-uuid"),
    ("date", "2021-02-29", "primitive-date"),
    ("date", "1900-02-29", "primitive-date"),
    ("date", "2020-04-31", "primitive-date"),
    ("date", "2020-13", "primitive-date"),
    ("date", "0000", "primitive-date"),
    ("date", "2020-01-01T00:00:00Z", "primitive-date"),
    ("date", "\u0662\u0660\u0662\u0660", "primitive-date"),
    ("dateTime", "2020-01-01T00:00:00", "primitive-dateTime"),
    ("dateTime", "2020-01-01T24:00:00Z", "primitive-dateTime"),
    ("dateTime", "2020-01-01T10:00Z", "primitive-dateTime"),
    ("dateTime", "2020-02-30T10:00:00Z", "primitive-dateTime"),
    ("dateTime", "2020-01-01T10:00:00+14:30", "primitive-dateTime"),
    ("dateTime", "2020-01-01\n", "primitive-dateTime"),
    ("instant", "2020-01-01", "primitive-instant"),
    ("instant", "2020-01-01T00:00:00", "primitive-instant"),
    ("time", "24:00:00", "primitive-time"),
    ("time", "10:00", "primitive-time"),
    ("base64Binary", "%%%2@()()", "primitive-base64Binary"),
    ("base64Binary", "AAA", "primitive-base64Binary"),
    ("base64Binary", "A=AA", "primitive-base64Binary"),
    ("base64Binary", " ", "primitive-base64Binary"),
    ("integer64", "9223372036854775808", "primitive-integer64"),
    ("xhtml", "<p/>", "xhtml-namespace"),
    ("xhtml", 1, "primitive-kind"),
]

DOUBTFUL = [
    ("string", " a", "primitive-whitespace"),
    ("string", " ", "primitive-whitespace"),
    ("base64Binary", "AA AA", "primitive-base64-whitespace"),
    ("decimal", Decimal("1E400"), "primitive-decimal-range"),
    ("decimal", Decimal("0.1234567890123456789"), "primitive-decimal-digits"),
]


@pytest.mark.parametrize(("type_name", "value"), [(name, value) for name, values in GOOD for value in values])
def test_values_that_conform(type_name: str, value: object):
    assert is_valid(type_name, value)
    found = problem(type_name, value)
    assert found is None or not found.is_error


@pytest.mark.parametrize(("type_name", "value", "message_id"), BAD)
def test_values_that_do_not_conform(type_name: str, value: object, message_id: str):
    assert not is_valid(type_name, value)
    found = problem(type_name, value)
    assert found is not None
    assert (found.severity, found.message_id) == ("error", message_id)
    assert found.words.endswith(".")


@pytest.mark.parametrize(("type_name", "value", "message_id"), DOUBTFUL)
def test_values_that_conform_but_ask_for_a_word(type_name: str, value: object, message_id: str):
    assert is_valid(type_name, value)
    found = problem(type_name, value)
    assert found is not None
    assert (found.severity, found.message_id) == ("warning", message_id)


@pytest.mark.parametrize(
    ("type_name", "value", "said"),
    [
        ("date", "2021-02-29", "'2021-02-29' is no date: the month has no such day."),
        ("dateTime", "2020-01-01T00:00:00", "a time must have its zone (Z or +hh:mm)."),
        ("id", "x" * 65, "it is too long (65 characters; at most 64)."),
        ("integer", "12", "'12' is no integer: it must be a whole number, without quotes in JSON."),
        ("code", 5, "A code is a string in JSON: it must be written '5', not 5."),
    ],
)
def test_words(type_name: str, value: object, said: str):
    found = problem(type_name, value)
    assert found is not None
    assert found.words.endswith(said)


def test_nothing_is_known_of_other_types():
    assert not is_valid("HumanName", "a")
    assert problem("HumanName", "a") is None


def test_every_primitive_of_r4_is_known():
    names = [name for name in VALID if name != "integer64"]
    assert all(r4().type(name).kind == "primitive-type" for name in names)
    assert len(names) == 20


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@QUICK
@given(st.sampled_from([*VALID, "Patient"]), json_values)
def test_any_json_value_has_one_answer(type_name: str, value: object):
    found = problem(type_name, value)
    if type_name == "xhtml":
        assert not is_valid(type_name, value) or found is None or not found.is_error
    elif type_name in VALID:
        assert is_valid(type_name, value) == (found is None or not found.is_error)
    assert found is None or (found.words and found.message_id and found.code)


TEXTUAL = [name for name, values in GOOD if isinstance(values[0], str) and name not in {"xhtml", "integer64"}]


def published(type_name: str) -> re.Pattern[str]:
    """The regular expression of the definitions; Java's \\S, for which it was written, knows ASCII only."""
    return re.compile(r4().type(type_name).regex, re.ASCII)


@pytest.mark.parametrize("type_name", TEXTUAL)
@QUICK
@given(data=st.data())
def test_what_is_valid_has_the_published_form(type_name: str, data: st.DataObject):
    pattern = published(type_name)
    value = data.draw(st.text(max_size=30) | st.from_regex(pattern, fullmatch=True))
    if len(value) < 1000 and is_valid(type_name, value):
        assert pattern.fullmatch(value)


@pytest.mark.parametrize("type_name", ["id", "oid", "uuid", "time"])
@QUICK
@given(data=st.data())
def test_where_the_published_form_says_all_it_is_what_is_valid(type_name: str, data: st.DataObject):
    assert is_valid(type_name, data.draw(st.from_regex(published(type_name), fullmatch=True)))


@pytest.mark.parametrize("type_name", ["date", "dateTime", "instant"])
@QUICK
@given(data=st.data())
def test_dates_of_the_published_form_are_valid_where_the_calendar_has_the_day(
    type_name: str, data: st.DataObject
):
    value = data.draw(st.from_regex(published(type_name), fullmatch=True))
    day = value[8:10]
    exists = not day or int(day) <= calendar.monthrange(int(value[:4]), int(value[5:7]))[1]
    assert is_valid(type_name, value) == exists


words = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=5)


@QUICK
@given(st.lists(words, min_size=1).map(" ".join))
def test_codes_are_words_with_single_spaces_between(value: str):
    assert published("code").fullmatch(value)
    assert is_valid("code", value)
    assert not is_valid("code", value + " ")
    assert not is_valid("code", value + "  x")


@QUICK
@given(st.binary(min_size=1))
def test_all_bytes_have_a_valid_base64(raw: bytes):
    assert is_valid("base64Binary", base64.b64encode(raw).decode())


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("code", "a " * 200_000),
        ("base64Binary", "A" * 400_001 + "!"),
        ("uri", "urn:oid:1" + ".1" * 200_000 + "x"),
        ("string", "a" * 1_000_000 + "\x00"),
        ("markdown", "<a" * 200_000),
        ("dateTime", "2020-01-01T00:00:00." + "1" * 400_000),
    ],
)
def test_long_values_are_judged_in_linear_time(type_name: str, value: str):
    found = problem(type_name, value)
    assert found is None or len(found.words) < 300
