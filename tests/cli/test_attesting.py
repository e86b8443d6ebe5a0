"""Attesting as a person does it: what is signed is what the check then finds, and nothing is signed by accident."""

import json

import pytest
from whole_runs import command

PROFILE = """
profile: words
version: 0.1.0
title: Words
requirements:
  - id: W-1
    level: SHALL
    text: An officer stands for the plan.
    source: house rules
    method: attested
    tests: [{probe: {documents: {attestation: true}}, expect: [{attestation: {requirement: W-1}}]}]
  - id: W-2
    level: SHALL
    text: At the end, the erasure is certified.
    source: house rules
    method: attested
    phase: exit
    tests: [{probe: {documents: {attestation: true}}, expect: [{attestation: {requirement: W-2}}]}]
"""
TARGET = """
supplier: Example Ltd
product: Records
version: "{version}"
endpoint: https://example.test
dataClass: synthetic
documents:
  exitPlan: plan.json
  attestations: [{{file: word.dsse.json, key: key.pub.pem}}]
"""
WHO = ("--name", "Jo Bloggs", "--role", "CTO", "--organisation", "Example Ltd", "--statement", "It is true.")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("CONFORMANCE_KEY_PASSWORD", "correct horse")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "words.yaml").write_text(PROFILE)
    (tmp_path / "target.yaml").write_text(TARGET.format(version="1"))
    assert command("keygen", "key", "--unencrypted") == 0
    return tmp_path


def attest(*more) -> int:
    return command(
        "attest", "target.yaml", "--profile", "./words.yaml", "--key", "key", "--allow-unencrypted-key", "--out",
        "word.dsse.json", *more,
    )  # fmt: skip


def result(place, name: str):
    code = command("run", "./words.yaml", "--target", "target.yaml", "--out", name, "--quiet")
    report = json.loads((place / name / "report.json").read_text())
    return code, {r["id"]: r for r in report["requirements"]}


def test_what_is_attested_counts_as_attested_and_names_who_did(place):
    assert attest("--yes", *WHO, "--evidence", "https://example.test/minutes") == 0
    code, found = result(place, "run")
    assert (code, found["W-1"]["outcome"], found["W-2"]["outcome"]) == (0, "pass", "inapplicable")
    (remark,) = found["W-1"]["verdicts"][0]["remarks"]
    assert "Jo Bloggs, CTO of Example Ltd" in remark
    assert "https://example.test/minutes" in remark


@pytest.mark.parametrize(
    ("changed", "outcome"), [("plan.json", "fail"), ("target.yaml", "fail"), (None, "pass")]
)
def test_a_word_is_for_one_plan_and_one_version(place, changed, outcome):
    assert attest("--yes", *WHO, "--requirement", "W-1") == 0
    if changed == "plan.json":
        (place / changed).write_text('{"later": true}')
    elif changed:
        (place / changed).write_text(TARGET.format(version="2"))
    assert result(place, "run")[1]["W-1"]["outcome"] == outcome


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (WHO, "nobody is there to agree"),
        (("--yes", *WHO[:-1], " "), "needs a statement"),
        (("--yes", "--statement", "x"), "'Your name' is not answered"),
        (("--yes", *WHO, "--requirement", "W-9"), "W-9"),
    ],
)
def test_nothing_is_signed_that_nobody_agreed_to(place, capsys, more, told):
    assert attest(*more) == 2
    assert told in capsys.readouterr().err
    assert not (place / "word.dsse.json").exists()


def test_an_attestation_is_not_overwritten(place, capsys):
    assert attest("--yes", *WHO) == 0
    before = (place / "word.dsse.json").read_bytes()
    assert attest("--yes", *WHO) == 2
    assert "already a file" in capsys.readouterr().err
    assert (place / "word.dsse.json").read_bytes() == before
