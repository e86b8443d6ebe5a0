"""A run by a composed profile: days and levels decide as they say, and the report tells what was changed."""

import json

import pytest
from small_profiles import READING, write_target
from whole_runs import command, judged_anew

MINE = """\
profile: mine
version: 0.1.0
title: The small one, as we ask it
extends: ["small@>=0.1,<1"]
parameters:
  page: {default: 7, basis: our pages are larger}
overrides:
  - {requirement: S-SEARCH, level: SHALL, requiredFrom: 2027-04-01, reason: wards page through lists}
  - {requirement: S-UNKNOWN, level: SHOULD, derogation: OLD-7, reason: an old gateway}
requirements:
  - id: M-NEVER
    level: SHALL
    text: There is no capability statement.
    source: house rules, 1
    requiredFrom: 2027-04-01
    tests:
      - probe: {request: {path: /metadata, label: metadata}}
        expect: [{status: {code: 404}}]
"""


@pytest.fixture
def runs(tmp_path, reference_supplier):
    """The report of a run judged at a day, and the exit code."""
    (tmp_path / "small.yaml").write_text(READING)
    (tmp_path / "mine.yaml").write_text(MINE)
    target = write_target(tmp_path / "target.yaml", reference_supplier.url)

    def run(day):
        out = tmp_path / day
        fixed = (
            "run",
            tmp_path / "mine.yaml",
            "--target",
            target,
            "--out",
            out,
            "--quiet",
            "--views",
            "none",
        )
        code = command(*fixed, "--as-of", day)
        return code, json.loads((out / "report.json").read_bytes()), out

    return run


def test_before_its_day_a_requirement_warns_and_from_its_day_it_fails(runs):
    code, report, _ = runs("2027-03-31")
    never = next(r for r in report["requirements"] if r["id"] == "M-NEVER")
    assert (code, never["outcome"], never["warning"]) == (0, "fail", True)
    assert never["advisory"] == "required from 2027-04-01"
    code, report, _ = runs("2027-04-01")
    never = next(r for r in report["requirements"] if r["id"] == "M-NEVER")
    assert (code, never["outcome"], "warning" in never, "advisory" in never) == (1, "fail", False, False)


def test_the_report_and_the_suite_tell_what_was_extended_and_changed(runs):
    _, report, out = runs("2027-01-01")
    told = {change["name"]: (change["kind"], change["was"], change["now"]) for change in report["changes"]}
    assert told == {
        "S-SEARCH": ("raised", "SHOULD", "SHALL from 2027-04-01"),
        "S-UNKNOWN": ("lowered", "SHALL", "SHOULD"),
        "page": ("parameter", 5, 7),
    }
    (base,) = json.loads((out / "suite.json").read_bytes())["profile"]["bases"]
    assert (base["profile"], base["asked"], base["version"], len(base["sha256"])) == (
        "small",
        ">=0.1,<1",
        "0.1.0",
        64,
    )
    levels = {r["id"]: r["level"] for r in report["requirements"]}
    assert (levels["S-SEARCH"], levels["S-UNKNOWN"]) == ("SHALL", "SHOULD")


def test_a_run_by_a_composed_profile_replays_to_the_same_report(runs):
    _, _, out = runs("2027-01-01")
    assert judged_anew(out).report.canonical() == (out / "report.json").read_bytes()
