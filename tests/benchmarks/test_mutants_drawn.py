"""The draw of changes by which the tests of checks, `fhir/` and verification are measured."""

import pytest

pytest.importorskip("mutmut", reason="the dependency group `mutation` is not installed")

from benchmarks import mutants_drawn as drawn

DECORATED = drawn.ROOT / "conformance" / "checks" / "identity.py"


@pytest.mark.parametrize(
    ("noticed", "of", "least", "most"), [(8, 10, 49.0, 94.3), (80, 100, 71.1, 86.7), (100, 100, 96.3, 100.0)]
)
def test_the_interval_is_that_of_wilson(noticed, of, least, most):
    assert drawn.interval(noticed, of) == pytest.approx((least, most), abs=0.05)


def test_checks_are_changed_though_they_are_decorated():
    code = DECORATED.read_text("utf-8").splitlines()
    places = {change.starts for change, _ in drawn.changes(DECORATED)}
    assert any(code[line - 1].startswith("@") for line in places)


def test_each_change_is_one_that_compiles_and_is_drawn_by_a_rank_of_its_own():
    found = list(drawn.changes(DECORATED))
    assert len({change.rank("one") for change, _ in found}) == len(found)
    before = DECORATED.read_text("utf-8")
    for change, text in found[:20]:
        assert text() != before, change
        compile(text(), change.file, "exec")


def test_the_same_changes_are_drawn_again():
    area = drawn.Area("identity", ("checks/identity.py",), (), 5)
    first, second = drawn.draw(area, "one"), drawn.draw(area, "one")
    assert first == second
    assert len(first[1]) == 5 < first[0]


def test_another_seed_draws_other_changes():
    area = drawn.Area("identity", ("checks/identity.py",), (), 5)
    assert drawn.draw(area, "one")[1] != drawn.draw(area, "another")[1]
