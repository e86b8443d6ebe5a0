"""The GitHub Action: its step run as a runner would, and its definition."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from small_profiles import READING, write_profile, write_target

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / ".github" / "actions" / "conformance"
HOSTILE = "it said\r\n::error title=x::y %0A ::set-output name=a::b"
WRONG = """\
  - id: S-WRONG
    level: SHALL
    text: The capability statement is not there.
    source: https://example.org/#wrong
    tests:
      - probe: {request: {path: /metadata, label: metadata}}
        expect: [{status: {code: 404}}]
"""


@pytest.fixture(scope="module")
def step():
    spec = importlib.util.spec_from_file_location("action_step", ACTION / "step.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def done(reference_supplier, tmp_path):
    """Runs the step in a folder of its own; the finished process, the outputs and the summary."""

    def run(text, **inputs):
        write_profile(tmp_path, text)
        write_target(tmp_path / "target.yaml", reference_supplier.url)
        told = tmp_path / "outputs", tmp_path / "summary"
        env = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "INPUT_PROFILE": "small.yaml",
            "INPUT_TARGET": "target.yaml",
            "INPUT_OUT": "out",
            "GITHUB_OUTPUT": str(told[0]),
            "GITHUB_STEP_SUMMARY": str(told[1]),
            **inputs,
        }
        process = subprocess.run(
            [sys.executable, ACTION / "step.py"],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        outputs = dict(line.split("=", 1) for line in told[0].read_text("utf-8").splitlines())
        return process, outputs

    return run


def test_a_failure_fails_the_step_and_is_told(done, tmp_path):
    process, outputs = done(READING + WRONG, INPUT_OPTIONS="--set page=4 --quiet")
    assert process.returncode == 1, process.stderr
    assert (
        "::error title=S-WRONG (SHALL)::The capability statement is not there.%0ASource: " in process.stdout
    )
    junit = str(Path("out", "views", "junit.xml"))
    assert outputs == {"result": "FAILED", "exit-code": "1", "report": "out", "junit": junit}
    assert (tmp_path / junit).is_file()
    assert "S-WRONG" in (tmp_path / "summary").read_text("utf-8")
    assert json.loads((tmp_path / "out" / "report.json").read_bytes())["parameters"] == {"page": 4}
    first, *_, last = [
        line for line in process.stdout.splitlines() if re.fullmatch("::.*[0-9a-f]{32}.*", line)
    ]
    assert last == f"::{first.removeprefix('::stop-commands::')}::"


def test_a_run_without_a_report_leaves_no_output_that_looks_like_one(done, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.json").write_text('{"result": "PASSED", "requirements": []}', "utf-8")
    process, outputs = done(READING)
    assert process.returncode == 2
    assert "is not empty" in process.stderr
    assert outputs == {"result": "", "exit-code": "2", "report": "", "junit": ""}


def test_what_a_server_said_is_no_command(step):
    report = {"requirements": [_result("R,1:x", "SHALL", HOSTILE), _result("A", "SHOULD", HOSTILE)]}
    lines = step.annotations(report)
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::warning"]
    assert not [line for line in lines if "\n" in line or "\r" in line]
    assert lines[0].startswith("::error title=R%2C1%3Ax (SHALL)::")


def test_more_failures_than_can_be_shown_are_counted(step):
    lines = step.annotations({"requirements": [_result(f"R{n}", "SHALL", "x") for n in range(25)]})
    assert len(lines) == 10
    assert "and 16 more failures" in lines[-1]


def _result(name, level, finding):
    verdict = {"findings": [finding]}
    return {"id": name, "level": level, "outcome": "fail", "text": "t", "source": "s", "verdicts": [verdict]}


def test_the_definition_hands_every_input_to_the_step_and_none_to_the_shell():
    action = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))
    (only,) = action["runs"]["steps"]
    handed = {value[len("${{ inputs.") : -len(" }}")] for value in only["env"].values()}
    assert handed == set(action["inputs"])
    assert "${{" not in only["run"]
    read = set(re.findall(r'"([A-Z_]+)"', (ACTION / "step.py").read_text("utf-8")))
    assert {name.removeprefix("INPUT_") for name in only["env"] if name.startswith("INPUT_")} <= read
    assert {value["value"] for value in action["outputs"].values()} == {
        f"${{{{ steps.run.outputs.{name} }}}}" for name in action["outputs"]
    }


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda path: path.name)
def test_actions_of_others_are_pinned_by_digest(path):
    used = re.findall(r"uses: *(\S+)", path.read_text("utf-8"))
    assert not [name for name in used if not re.fullmatch(r"\./.+|[\w./-]+@[0-9a-f]{40}", name)]
