"""Smaller cases that fail alike: found against a real supplier, with evidence of their own, beside the run."""

import json

import pytest
import yaml
from whole_runs import command

from conformance.model.minimised import Appendix
from conformance.outside.folders import RunFolder
from conformance.reference.process import Options, start

PROFILE = """\
profile: small
version: 0.1.0
title: Unknown resources
requirements:
  - id: S-UNKNOWN
    level: SHALL
    text: What is not there is not found.
    source: https://example.org/#unknown
    tests:
      - probe: {request: {path: "/Patient/{id}"}}
        draw: {id: {unknown-id: {least: 4, most: 30}}}
        examples: 3
        expect: [{outcome: {}}, {status: {code: 404}}]
  - id: S-GONE
    level: SHALL
    text: There is a capability statement.
    source: https://example.org/#meta
    tests:
      - probe: {request: {path: "/metadatum"}}
        expect: [{status: {code: 200}}]
"""


@pytest.fixture(scope="module")
def faulty(home):
    with start(Options(fault="unknown-id-answers-200", patients=5, http=True, auth="none")) as supplier:
        yield supplier


@pytest.fixture(scope="module")
def run(faulty, tmp_path_factory):
    folder = tmp_path_factory.mktemp("minimise")
    (folder / "small.yaml").write_text(PROFILE)
    told = ["run", folder / "small.yaml", "--target", faulty.target_file, "--out", folder / "run", "--quiet"]
    told += ["--only", "S-UNKNOWN/3"]  # the first that is drawn is the smallest already
    assert command(*told, "--minimise") == 1
    return folder / "run"


def appendix_of(folder):
    return Appendix.read((folder / "minimised.json").read_bytes())


def test_the_smallest_drawn_value_is_found_with_evidence_of_its_own(run):
    folder = run.with_name("run-minimised")
    appendix = appendix_of(folder)
    (found,) = appendix.found
    assert (found.requirement, found.check) == ("S-UNKNOWN", "status")
    assert found.case == "S-UNKNOWN/3"
    assert len(found.smaller["id"]) == len("htest-0000") < len(found.drawn["id"])
    assert "answered 200" in found.finding
    assert found.smaller["id"] in found.curl
    steps = {step.step: step for step in RunFolder(folder).finished_steps()}
    (shown,) = (steps[name] for name in found.steps)
    assert shown.exchanges[0].url.endswith(found.smaller["id"])
    assert shown.exchanges[0].content()
    assert 0 < appendix.requests <= 300


def test_the_run_stays_what_it_is(run):
    assert not (run / "minimised.json").exists()
    assert command("replay", run, "--json") == 1


def test_a_finished_run_can_be_gone_back_to(run, faulty, tmp_path, capsys):
    out = tmp_path / "smaller"
    assert command("replay", run, "--minimise", "--target", faulty.target_file, "--out", out) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "S-UNKNOWN/3, after" in said
    assert "(was " in said
    assert "No verdict is changed by it" in said
    assert appendix_of(out).found[0].smaller == appendix_of(run.with_name("run-minimised")).found[0].smaller


def test_a_target_that_was_mended_is_told(run, reference_supplier, tmp_path, capsys, faulty):
    target = yaml.safe_load(faulty.target_file.read_text("utf-8")) | {"endpoint": reference_supplier.url}
    (tmp_path / "target.yaml").write_text(yaml.safe_dump(target))
    assert command("replay", run, "--minimise", "--target", tmp_path / "target.yaml") == 2
    assert "the run is of another target" in capsys.readouterr().err


def test_data_that_may_not_be_stored_is_left_alone(faulty, tmp_path, capsys):
    target = yaml.safe_load(faulty.target_file.read_text("utf-8")) | {"dataClass": "live", "documents": {}}
    (tmp_path / "target.yaml").write_text(yaml.safe_dump(target))
    (tmp_path / "small.yaml").write_text(PROFILE)
    told = ["run", tmp_path / "small.yaml", "--target", tmp_path / "target.yaml", "--out", tmp_path / "run"]
    assert command(*told, "--minimise", "--quiet") == 2
    assert "on synthetic data only" in capsys.readouterr().err
    assert json.loads((tmp_path / "run" / "report.json").read_bytes())["result"] == "FAILED"
