"""The options of `run` that a build uses: what fails it, what it knows of, and which cases it tries."""

import json

import pytest
from small_profiles import READING, write_profile, write_target
from whole_runs import command

WRONG = (
    READING
    + """\
  - id: S-WRONG
    level: SHALL
    text: The capability statement is not there.
    source: https://example.org/#wrong
    tests:
      - probe: {request: {path: /metadata, label: metadata}}
        expect: [{status: {code: 404}}]
"""
)


@pytest.fixture
def run(reference_supplier, tmp_path):
    """Runs the small profile with one fault of its own; the report is at `out`, or where --out says."""
    profile = write_profile(tmp_path, WRONG)
    target = write_target(tmp_path / "target.yaml", reference_supplier.url)
    given = ("run", profile, "--target", target, "--as-of", "2026-11-26", "--quiet")
    return lambda *options, out="out": command(*given, "--out", tmp_path / out, *options)


def listing(tmp_path, *entries):
    path = tmp_path / "known.yaml"
    path.write_text(json.dumps(list(entries)), "utf-8")
    return path


def entry(name, until="2026-12-31"):
    return {"requirement": name, "reason": "we are at it", "until": until}


def tried(folder):
    report = json.loads((folder / "report.json").read_bytes())
    return {
        r["id"]
        for r in report["requirements"]
        if any(v["outcome"] in {"pass", "fail"} for v in r.get("verdicts", ()))
    }


def test_a_known_failure_moves_the_exit_code_and_not_the_report(run, tmp_path, capsys):
    assert run("--baseline", listing(tmp_path, entry("S-WRONG"))) == 0
    assert "Known failure: S-WRONG (we are at it)" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "report.json").read_bytes())["result"] == "FAILED"
    known = listing(tmp_path, entry("S-WRONG", "2026-11-25"), entry("S-META"))
    assert run("--baseline", known, out="later") == 1
    said = capsys.readouterr().out
    assert "no longer excused: S-WRONG, since its entry ended on 2026-11-25" in said
    assert "Passes, though listed as a known failure: S-META" in said


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry("S-WRONGG"), entry("NONE")], "S-WRONGG; did you mean 'S-WRONG'?"),
        ([entry("S-META"), entry("S-META")], "lists S-META more than once"),
        ([{"requirement": "S-META", "until": "2026-12-31"}], "reason: "),
        ([entry("S-META", "soon")], "known.yaml:1:"),
    ],
)
def test_a_list_with_mistakes_is_refused_before_anything_is_sent(run, tmp_path, capsys, entries, said):
    assert run("--baseline", listing(tmp_path, *entries)) == 2
    told = capsys.readouterr().err
    assert said in told or ("Field required" in told and said == "reason: ")
    assert not (tmp_path / "out").exists()


def test_the_first_failure_ends_the_run_and_it_can_be_gone_on_with(run, tmp_path, capsys):
    assert run("--fail-fast") == 1
    told = capsys.readouterr().err
    assert "S-WRONG/1 failed: GET" in told
    assert "--resume" in told
    assert not (tmp_path / "out" / "report.json").exists()
    target = ("--target", tmp_path / "target.yaml", "--quiet")
    assert command("run", "--resume", tmp_path / "out", *target) == 1
    assert (tmp_path / "out" / "report.json").exists()


def test_what_failed_before_is_tried_again_alone(run, tmp_path, capsys):
    assert run() == 1
    assert run("--only", "failed", "--earlier", tmp_path / "out", out="again") == 1
    assert tried(tmp_path / "again") == {"S-WRONG"}
    assert run("--only", "S-META", "--fail-on", "failed", out="good") == 0
    assert run("--only", "failed", "--earlier", tmp_path / "good", out="none") == 5
    assert "nothing failed in" in capsys.readouterr().err


def test_what_changed_in_the_profile_is_tried_alone(run, tmp_path, capsys):
    suite = tmp_path / "old.json"
    assert command("plan", tmp_path / "small.yaml", "--out", suite) == 0
    assert run("--changed-since", suite) == 5
    changed = WRONG.replace("default: 5", "default: 6").replace("statement is not there", "statement is gone")
    write_profile(tmp_path, changed)
    assert run("--changed-since", suite, "--fail-on", "failed") == 1
    assert tried(tmp_path / "out") == {"S-SEARCH", "S-WRONG"}
    assert run("--changed-since", "small@9.9.9", out="x") == 2
    assert run("--changed-since", tmp_path / "target.yaml", out="x") == 2
    assert "holds no suite" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ("--only", "S-META", "--shard", "1/2"),
        ("--only", "failed"),
        ("--earlier", "out"),
        ("--fail-on", "always"),
        ("--baseline", "nowhere.yaml"),
    ],
)
def test_options_that_do_not_go_together_are_told(run, tmp_path, options):
    assert run(*options) == 2
    assert not (tmp_path / "out").exists()
