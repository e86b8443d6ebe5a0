"""Versions and ranges: what is newer, and what is accepted."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.model.versions import ANY, Version, VersionRange

IN_ORDER = [
    "0.9.9",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-11",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-beta",
    "1.0.0",
    "1.0.1",
    "1.10.0",
    "2.0.0",
]


@pytest.mark.parametrize(("older", "newer"), list(itertools.pairwise(IN_ORDER)))
def test_versions_are_ordered_by_precedence(older, newer):
    assert Version.read(older) < Version.read(newer)


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("1.2.0", ["1.2.0"], ["1.2.1", "1.2.0-draft", "1.1.9"]),
        (">=0.3,<1", ["0.3.0", "0.99.1"], ["0.2.9", "1.0.0", "1.0.0-draft", "0.3.0-draft", "0.5.0-x"]),
        (">= 0.3 , < 1.5.2", ["0.3.0", "1.5.1"], ["1.5.2"]),
        (">0.3", ["0.3.1", "7.0.0"], ["0.3.0"]),
        ("<=2", ["2.0.0", "0.0.1"], ["2.0.1"]),
        (">=1.0.0-beta,<1.0.1", ["1.0.0-beta", "1.0.0-rc", "1.0.0"], ["1.0.0-alpha", "1.0.1"]),
    ],
)
def test_a_range_says_which_versions_are_accepted(written, inside, outside):
    wanted = VersionRange.read(written)
    assert [v for v in (*inside, *outside) if wanted.holds(v)] == inside


@pytest.mark.parametrize(
    "written", ["1.x", "^1", "~>1", ">=", "1,,2", "latest", "1.2.3.4", "1 2", ">=\u0661"]
)
def test_what_is_no_range_is_refused(written):
    with pytest.raises(ValueError, match="is no bound of a version"):
        VersionRange.read(written)


def test_only_an_open_range_accepts_what_is_no_version():
    assert ANY.holds("mine")
    assert not VersionRange.read(">=0").holds("mine")


versions = st.tuples(*[st.integers(0, 30)] * 3).map(lambda v: ".".join(map(str, v)))


@given(versions, versions)
def test_a_version_is_at_least_or_below_another_and_never_both(one, other):
    assert VersionRange.read(f">={other}").holds(one) is not VersionRange.read(f"<{other}").holds(one)
