"""An exit plan's faults as SARIF: each at its line, what was not judged apart."""

import json

import pytest
from jsonschema import Draft202012Validator

from conformance.cli.main import run

REQUIRED = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "results": {
                        "items": {
                            "required": ["ruleId", "level", "message", "locations"],
                            "properties": {"level": {"enum": ["error", "warning", "note"]}},
                        }
                    }
                },
            }
        },
    },
}


def sarif(file, capsys, *more: str) -> tuple[int, dict]:
    capsys.readouterr()
    code = run(["exit-plan", "check", str(file), "--format", "sarif", *more])
    log = json.loads(capsys.readouterr().out)
    Draft202012Validator(REQUIRED).validate(log)
    return code, log["runs"][0]


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_a_finding_stands_at_the_line_of_what_it_names(tmp_path, capsys, kind):
    file = tmp_path / f"plan.{kind}"
    run(["exit-plan", "new", str(file), "--example"])
    file.write_text(file.read_text("utf-8").replace(".example", ".nhs.uk"), encoding="utf-8")
    code, found = sarif(file, capsys, "--set", "notice_max=P1M")
    assert code == 1
    (result,) = [one for one in found["results"] if one["level"] == "error"]
    assert result["ruleId"] == "EXIT-TRM-01"
    (place,) = result["locations"]
    line = place["physicalLocation"]["region"]["startLine"]
    assert "switchNotice" in file.read_text("utf-8").splitlines()[line - 1]
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "termination.switchNotice"
    assert {rule["id"] for rule in found["tool"]["driver"]["rules"]} >= {"EXIT-TRM-01"}


def test_a_plan_without_faults_has_no_error(tmp_path, capsys):
    file = tmp_path / "plan.yaml"
    run(["exit-plan", "new", str(file), "--example"])
    file.write_text(file.read_text("utf-8").replace(".example", ".nhs.uk"), encoding="utf-8")
    code, found = sarif(file, capsys)
    assert code == 0
    assert not [one for one in found["results"] if one["level"] == "error"]


def test_what_cannot_be_judged_is_told_and_is_no_finding(tmp_path, capsys):
    file = tmp_path / "plan.yaml"
    file.write_text("[]\n")
    code, found = sarif(file, capsys)
    assert code == 1
    told = found["invocations"][0]["toolExecutionNotifications"]
    assert told or found["results"]


def test_another_format_is_told(tmp_path, capsys):
    assert run(["exit-plan", "check", str(tmp_path / "plan.yaml"), "--format", "srif"]) == 2
    assert "did you mean 'sarif'?" in capsys.readouterr().err
