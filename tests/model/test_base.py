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


def test_an_integer_that_readers_would_round_is_refused():
    with pytest.raises(rfc8785.IntegerDomainError):
        canonical({"count": 2**53})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"result": "FAILED", "result": "PASSED"}', "'result' stands twice"),
        (b'{"a": NaN}', "NaN"),
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
