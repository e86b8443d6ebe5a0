"""Three values: what is combined is decided exactly where every way to decide the doubtful would decide it so."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.search.answers import all_of, any_of, negated

answers = st.lists(st.sampled_from([True, False, None]), max_size=6)


def consensus(combine, given):
    """The answer that is the same however each None is decided; None where it is not."""
    ways = [[one] if one is not None else [True, False] for one in given]
    found = {combine(way) for way in itertools.product(*ways)}
    return found.pop() if len(found) == 1 else None


@pytest.mark.parametrize(("ours", "plain"), [(any_of, any), (all_of, all)])
@given(answers)
def test_a_combination_is_decided_where_doubt_makes_no_difference(ours, plain, given_answers):
    assert ours(given_answers) is consensus(plain, given_answers)


@given(answers)
def test_de_morgan(given_answers):
    assert negated(any_of(given_answers)) is all_of(map(negated, given_answers))
