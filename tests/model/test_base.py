import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from conformance.model.base import NotJson, canonical, strict_json

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(json_values)
def test_canonical_bytes_are_those_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(json_values.filter(lambda value: "e+" not in repr(value)))
def test_what_is_written_canonically_is_read_back(value):
    assert strict_json(canonical(value)) == value


tricky = st.sampled_from(
    ['":1.5', "1.5", "null", ",2e7", "\ud7ff\ue000", "\U0001f600", "é", "\x7f", "\n", '"', "\\"]
)


@given(
    st.recursive(
        json_values | tricky | st.floats(), lambda inner: st.lists(inner) | st.dictionaries(tricky, inner)
    )
)
def test_what_only_looks_like_a_number_or_nothing_is_written_as_it_is(value):
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        with pytest.raises(rfc8785.CanonicalizationError):
            canonical(value)
    else:
        assert canonical(value) == expected


def read(text):
    """The value of a text, or the fault that is found with it."""
    try:
        return repr(strict_json(text))
    except NotJson:
        return NotJson


@given(json_values, st.data())
def test_bytes_are_read_as_strictly_as_the_text_that_they_are(value, data):
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=data.draw(st.booleans()))
    place = data.draw(st.integers(0, len(text) - 1))
    for changed in (text, text[:place] + data.draw(st.sampled_from('"{}[],:0.-eE ')) + text[place + 1 :]):
        assert read(changed.encode()) == read(changed)


def test_an_integer_that_readers_would_round_is_refused():
    with pytest.raises(rfc8785.IntegerDomainError):
        canonical({"count": 2**53})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"result": "FAILED", "result": "PASSED"}', "'result' stands twice"),
        (b'{"result":"FAILED","result":"PASSED"}', "'result' stands twice"),
        (b'[{"a":{"b":1,"b":1}}]', "'b' stands twice"),
        (b'{"a": NaN}', "NaN"),
        (b"[NaN]", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[1e400]", "too large"),
        (b"\xff{}", "UTF-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"[" * 100_000, "nested too deeply"),
        (b"{", "line 1"),
        (b"", "line 1"),
    ],
)
def test_json_that_readers_would_read_differently_is_refused(text, says):
    with pytest.raises(NotJson, match=says):
        strict_json(text)
