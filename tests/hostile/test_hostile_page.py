"""docs/hostile.md and the tests say the same: no test without a row, no row without its tests, no row that passes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_runs import rows

ROOT = Path(__file__).resolve().parents[2]
HERE = "tests/hostile/"
LEAST = 40
HONEST = "honest"


@pytest.fixture(scope="module")
def collected():
    """The ids of all tests in this folder."""
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", HERE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = {line for line in done.stdout.splitlines() if "::" in line}
    assert found, done.stdout + done.stderr
    return found


def test_each_test_that_a_row_names_is_there():
    for row in rows():
        for test in row.tests:
            file, _, name = test.partition("::")
            tree = ast.parse((ROOT / file).read_text("utf-8"))
            assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, test


def test_each_test_of_this_folder_has_a_row(collected):
    shown = {test for row in rows() for test in row.tests}
    cases = {(test, row.name) for row in rows() for test in row.tests}
    here = [one for one in collected if one.startswith(HERE) and "test_hostile_page.py" not in one]
    assert here
    for one in here:
        test, _, case = one.partition("[")
        assert test in shown, one
        names = {name for named, name in cases if named == test}
        assert not case or any(case.startswith(name) for name in names), one


def test_each_row_with_an_outcome_is_a_run(collected):
    for row in rows():
        if row.code != "-":
            test = row.tests[0]
            assert test.startswith(HERE), row.name
            assert test in collected or any(one.startswith(f"{test}[{row.name}") for one in collected), (
                row.name
            )
        else:
            assert not row.outcomes, row.name


def test_no_row_but_the_honest_one_ends_with_a_pass():
    for row in rows():
        if row.name != HONEST and row.code != "-":
            assert row.code != "0", row.name
            assert not row.outcomes or set(row.outcomes.values()) - {"pass"}, row.name


def test_there_are_many_and_each_once():
    names = [row.name for row in rows()]
    assert len(names) == len(set(names))
    assert sum(row.code != "-" for row in rows()) >= LEAST
