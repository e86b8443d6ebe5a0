"""Some of a stream, spread evenly over it."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.spread import Spread


@given(st.integers(0, 3000), st.integers(1, 6))
def test_what_is_kept_is_spread_evenly_from_the_first_on(length, most):
    spread = Spread(most)
    for number in range(length):
        spread.take(number)
    few = spread.few()
    assert few == sorted(set(few))
    assert len(few) == min(length, most)
    assert few[:1] == list(range(length))[:1]
    if most > 1 and length > most:
        gap = (length - 1) / (most - 1)
        assert all(abs(place * gap - found) <= max(1, gap) for place, found in enumerate(few))
        assert few[-1] >= (length - 1) * 0.7
