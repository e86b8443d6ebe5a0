"""A run in parts comes to what one run would have come to, and parts that do not fit are refused."""

import json

import pytest
from small_profiles import READING, WRITING, write_profile, write_target
from whole_runs import changed_suite, command, copied, finished_run, judged_anew, lines_of, write_lines

from conformance.catalog import built_in
from conformance.errors import Unreadable, UsageError
from conformance.outside.folders import RunFolder
from conformance.session.sharding import merge, shard
from conformance.session.suites import DEFAULT_SEED, profile_named, suite_of

DAY = ("--as-of", "2026-11-26")


def facts(report):
    """What a report says, without what differs between two runs: ids of runs and digests of evidence."""
    plain = json.loads(report.canonical())
    del plain["runId"], plain["suiteDigest"]
    for requirement in plain["requirements"]:
        for verdict in requirement.get("verdicts", ()):
            verdict["evidence"] = [reference["id"] for reference in verdict.get("evidence", ())]
    return plain


@pytest.fixture(scope="module")
def runs(reference_supplier, tmp_path_factory):
    """One run, and the same in three parts."""
    place = tmp_path_factory.mktemp("parts")
    whole = finished_run(place, reference_supplier.url, READING, *DAY)
    parts = [place / f"part{n}" for n in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        target = ("--target", place / "target.yaml", "--quiet", *DAY)
        command("run", place / "small.yaml", *target, "--shard", f"{number}/3", "--out", part)
    return whole, parts


def test_the_parts_together_are_the_whole(runs, tmp_path):
    whole, parts = runs
    assert command("reports", "merge", *parts, "--out", tmp_path / "all", "--json") == 0
    merged = RunFolder(tmp_path / "all")
    assert facts(merged.report()) == facts(RunFolder(whole).report())
    assert judged_anew(tmp_path / "all").report == merged.report()
    reordered = merge(list(reversed(parts)), tmp_path / "again", built_in()).report()
    assert facts(reordered) == facts(merged.report())


def test_parts_of_one_run_s_own_evidence_give_its_report_to_the_byte(runs, tmp_path):
    whole, _ = runs
    suite = RunFolder(whole).suite()
    parts = []
    for number in (1, 2):
        part = copied(whole, tmp_path / str(number))
        only = list(shard(suite, number, 2))
        used = {step for case in suite.cases if case.template in only for step in case.steps}

        def limited(plain, only=only, used=used):
            plain["only"] = only
            plain["cases"] = [case for case in plain["cases"] if case["id"].partition(":")[0] in only]
            plain["steps"] = [step for step in plain["steps"] if step["id"] in used]
            named = {name.rpartition("/")[0] for name in only}
            plain["notTried"] = {r: said for r, said in plain.get("notTried", {}).items() if r in named}

        changed_suite(part, limited)
        lines = lines_of(part)[:-1]
        kept = [line for line in lines[1:] if json.loads(line)["step"] in used | {"discovery"}]
        write_lines(part, [lines[0], *kept])
        parts.append(part)
    merged = merge(parts, tmp_path / "all", built_in())
    assert (merged.path / "suite.json").read_bytes() == (whole / "suite.json").read_bytes()
    assert (merged.path / "report.json").read_bytes() == (whole / "report.json").read_bytes()


def test_a_missing_or_doubled_part_is_refused_and_nothing_is_left(runs, tmp_path, capsys):
    _, (first, second, third) = runs
    assert command("reports", "merge", first, third, "--out", tmp_path / "all") == 2
    assert "part 2/3 is missing: no run tried" in capsys.readouterr().err
    assert command("reports", "merge", first, second, third, second, "--out", tmp_path / "all") == 2
    assert "a part was given twice" in capsys.readouterr().err
    assert not (tmp_path / "all").exists()


def test_parts_that_saw_different_things_are_refused(runs, tmp_path):
    _, (first, second, third) = runs
    liar = copied(second, tmp_path)
    report = json.loads((liar / "report.json").read_bytes())
    shown = [v for r in report["requirements"] for v in r.get("verdicts", ()) if v["outcome"] == "pass"]
    shown[0]["outcome"] = "fail"
    (liar / "report.json").write_text(json.dumps(report), "utf-8")
    with pytest.raises(Unreadable, match="came to fail in"):
        merge([first, liar, third], tmp_path / "all", built_in())
    assert not (tmp_path / "all").exists()


def test_parts_of_other_runs_are_refused(runs, tmp_path):
    _, (first, second, third) = runs
    other = copied(second, tmp_path)
    changed_suite(other, lambda plain: plain.update(asOf="2026-11-27"))
    with pytest.raises(UsageError, match="another as of than"):
        merge([first, other, third], tmp_path / "all", built_in())


@pytest.mark.parametrize("of", [1, 2, 5, 40])
def test_every_case_is_in_one_part_and_what_shares_a_requirement_is_together(tmp_path, of):
    profile = profile_named(str(write_profile(tmp_path, WRITING)), built_in())
    suite = suite_of(profile, DEFAULT_SEED, built_in())
    parts = [shard(suite, number, of) for number in range(1, of + 1)]
    assert sorted(name for part in parts for name in part) == sorted(t.id for t in suite.templates)
    owners = {name.rpartition("/")[0]: number for number, part in enumerate(parts) for name in part}
    assert all(
        owners[name.rpartition("/")[0]] == number for number, part in enumerate(parts) for name in part
    )


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b", "1/1000", "1/0"])
def test_a_part_that_cannot_be_is_refused(reference_supplier, tmp_path, capsys, part):
    write_target(tmp_path / "target.yaml", reference_supplier.url)
    profile = write_profile(tmp_path)
    assert command("run", profile, "--target", tmp_path / "target.yaml", "--shard", part) == 2
    assert "--shard is to be as in 2/4" in capsys.readouterr().err


def test_data_about_people_is_not_run_in_parts(reference_supplier, tmp_path, capsys):
    target = write_target(tmp_path / "target.yaml", reference_supplier.url, dataClass="live")
    assert command("run", write_profile(tmp_path), "--target", target, "--shard", "1/2") == 2
    assert "no evidence is kept" in capsys.readouterr().err
