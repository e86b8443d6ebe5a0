"""EXIT-FID-01 and EXIT-FID-06 where a destination fails half-way, loses things, or the run is killed meanwhile."""

import json
import sys

import pytest
from stand_in import SAID, killed_at_its_first_write
from whole_runs import command

REQUIREMENTS = ("EXIT-FID-01", "EXIT-FID-06")


@pytest.fixture
def outcomes(tmp_path):
    """Runs the requirements of destinations against a target file; their results by id."""

    def of(target):
        out = tmp_path / "run"
        chosen = [part for name in REQUIREMENTS for part in ("--only", name)]
        command("run", "exit-core", "--target", target, "--out", out, *chosen, "-q", "--views", "none")
        report = json.loads((out / "report.json").read_bytes())
        return {each["id"]: each for each in report["requirements"] if each["id"] in REQUIREMENTS}

    return of


def findings(result):
    return [text for verdict in result["verdicts"] for text in verdict.get("findings", ())]


def test_a_second_server_that_drops_elements_fails_only_what_asks_for_two(
    outcomes, going_to, elsewhere, forgetful
):
    found = outcomes(going_to(first=elsewhere, second=forgetful))
    assert [found[name]["outcome"] for name in REQUIREMENTS] == ["pass", "fail"]
    assert any("coding.display" in text for text in findings(found["EXIT-FID-06"]))
    assert forgetful.held() == [0, 0, 0]


def test_an_import_that_half_fails_is_told_in_the_servers_words_and_cleaned_up(outcomes, going_to, elsewhere):
    elsewhere.refused = b'"resourceType":"Patient"'
    try:
        found = outcomes(going_to(first=elsewhere))
    finally:
        elsewhere.refused = b""
    assert found["EXIT-FID-01"]["outcome"] == "fail"
    assert any("answered 422 to Patient/" in text and SAID in text for text in findings(found["EXIT-FID-01"]))
    assert elsewhere.held() == [0, 0, 0]


def test_a_server_that_gives_nothing_back_proves_nothing_and_is_cleaned_up(outcomes, going_to, elsewhere):
    path = going_to(first=elsewhere)
    elsewhere.failing_reads = True
    try:
        found = outcomes(path)
    finally:
        elsewhere.failing_reads = False
    assert found["EXIT-FID-01"]["outcome"] == "inconclusive"
    assert elsewhere.held() == [0, 0, 0]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_a_killed_run_left_in_a_destination_is_cleaned_up_by_command(going_to, elsewhere, tmp_path):
    target, out = going_to(first=elsewhere), tmp_path / "run"
    run = (
        "run",
        "exit-core",
        "--target",
        target,
        "--out",
        out,
        "--only",
        "EXIT-FID-01",
        "-q",
        "--views",
        "none",
    )
    assert killed_at_its_first_write(elsewhere, *run)
    assert any(elsewhere.held())
    assert command("cleanup", out, "--target", target) == 0
    assert elsewhere.held() == [0, 0, 0]
