"""The walk through docs/writing-profiles.md works as it is told."""

import json
import re
import shlex
from pathlib import Path

import pytest
from whole_runs import command

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "writing-profiles.md").read_text("utf-8")
PROFILE, STATEMENTS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [
    shlex.split(line)[1:]
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
WITHOUT_NETWORK_AND_SHORT = [
    call for call in COMMANDS if "--links" not in call and call[1] not in {"try", "new"}
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ward-rules.yaml").write_text(PROFILE)
    (tmp_path / "ward-rules-1.0.0.yaml").write_text(PROFILE)
    (tmp_path / "ward-rules-statements.yaml").write_text(STATEMENTS)
    return tmp_path


@pytest.mark.parametrize("call", WITHOUT_NETWORK_AND_SHORT, ids=" ".join)
def test_each_command_of_the_walk_succeeds(folder, call):
    assert command(*call) == 0


def test_the_first_command_writes_what_the_second_lints(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command(*COMMANDS[0]) == 0
    assert command(*COMMANDS[1]) == 0


def test_the_profile_shown_lints_without_a_word_and_catches_what_is_shown(folder, home, capsys):
    assert command("profiles", "lint", "ward-rules.yaml") == 0
    assert capsys.readouterr().out == "1 profile: nothing found.\n"
    table = re.search(r"^Requirement .*?(?=^```)", PAGE, re.MULTILINE | re.DOTALL)[0]
    shown = {line.split()[0]: line.split()[-1] for line in table.splitlines()[1:]}
    faults = [part for fault in shown.values() for part in ("--faults", fault)]
    assert command("profiles", "try", "ward-rules.yaml", *faults, "--json") == 0
    found = json.loads(capsys.readouterr().out)["requirements"]
    assert {bite["id"]: ", ".join(bite["caught"]) for bite in found} == shown


def test_the_statements_shown_are_true_of_the_profile_shown(folder, capsys):
    assert command("profiles", "coverage", "./ward-rules-statements.yaml") == 0
    assert "3 binding statements: 2 tested" in " ".join(capsys.readouterr().out.split())


def test_every_rule_of_lint_is_explained():
    from conformance.model.lint import Rule

    assert [rule.value for rule in Rule if f"`{rule.value}`" not in PAGE] == []
