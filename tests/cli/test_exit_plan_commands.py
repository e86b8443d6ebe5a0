"""`conformance exit-plan`: what a supplier and a buyer do with it at a terminal."""

import io
import json

import pytest
from typer.testing import CliRunner

from conformance.cli.app import app
from conformance.cli.commands import COMMANDS
from conformance.cli.main import run

runner = CliRunner()
ANSWERS = "Acme Ltd\n\n123\nAcme EPR\n1.0\nhttps://fhir.acme.nhs.uk/r4\nT1\nsoon\n2026-01-01\n"


def real(path):
    """The example as if it were a supplier's own: at addresses that can lead somewhere."""
    path.write_text(path.read_text("utf-8").replace(".example", ".nhs.uk"), encoding="utf-8")


def test_an_example_is_written_and_can_be_judged(tmp_path, capsys):
    assert COMMANDS
    for name in ("plan.yaml", "plan.json"):
        file = tmp_path / name
        assert run(["exit-plan", "new", str(file), "--example"]) == 0
        assert run(["exit-plan", "check", str(file)]) == 1
        assert "reserved for" in capsys.readouterr().out
        real(file)
        assert run(["exit-plan", "check", str(file)]) == 0
        assert "NO ERROR FOUND" in capsys.readouterr().out


def test_a_plan_that_is_there_is_never_written_over(tmp_path, capsys):
    (tmp_path / "plan.yaml").write_text("mine")
    assert run(["exit-plan", "new", str(tmp_path / "plan.yaml"), "--example"]) == 2
    assert (tmp_path / "plan.yaml").read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


def test_answers_that_run_out_are_asked_for_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("Acme Ltd\n"))
    assert run(["exit-plan", "new", str(tmp_path / "plan.yaml")]) == 2
    assert "nobody is here to be asked" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_answers_are_asked_for_again_until_they_fit(tmp_path):
    file = tmp_path / "plan.yaml"
    asked = runner.invoke(app, ["exit-plan", "new", str(file)], input=ANSWERS + "\n" * 40)
    assert '"soon" does not fit: A calendar date' in asked.output or "soon" in asked.output
    text = file.read_text("utf-8")
    assert 'name: "Acme Ltd"' in text
    assert 'start: "2026-01-01"' in text
    assert 'switchNotice: "P2M"' in text
    assert "includedDays: 5" in text
    assert "continuity: null" in text
    assert "# How the service is kept up meanwhile." in text


def test_json_has_every_answer_with_its_limits(tmp_path, capsys):
    file = tmp_path / "plan.yaml"
    run(["exit-plan", "new", str(file), "--example"])
    real(file)
    capsys.readouterr()
    code = run(["exit-plan", "check", str(file), "--json", "--set", "notice_max=P1M"])
    shown = json.loads(capsys.readouterr().out)
    assert (code, shown["met"]) == (1, False)
    (answer,) = [a for a in shown["review"]["answers"] if a["outcome"] == "fail"]
    assert answer["id"] == "EXIT-TRM-01"
    assert answer["limits"][0]["setBy"] == "--set"


def test_the_buyers_contract_stands_beside_the_plan(tmp_path, capsys):
    file, contract = tmp_path / "plan.yaml", tmp_path / "contract.yaml"
    run(["exit-plan", "new", str(file), "--example"])
    real(file)
    contract.write_text('schemaVersion: "1.0"\nreference: OTHER\nparameters: {notice_max: P1M}\n')
    assert run(["exit-plan", "check", str(file), "--contract", str(contract)]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "the plan states TRUST-EPR-014 at contract.reference; the contract says OTHER" in said
    assert "notice_max = P1M (ISO 8601 duration): set by your contract; the default is P2M" in said
    assert "1 contradiction of the contract" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.yaml"], "cannot be read: no such file or directory"),
        (["PLAN", "--profile", "exit-cor"], "did you mean 'exit-core'"),
        (["PLAN", "--profile", "fhir-r4-base"], "asks nothing that an exit plan could answer"),
        (["PLAN", "--phase", "exti"], "did you mean 'exit'"),
        (["PLAN", "--set", "notice_max"], "NAME=VALUE"),
        (["PLAN", "--set", "notice_maxx=P1M"], "did you mean 'notice_max'"),
        (["PLAN", "--as-of", "tomorrow"], "--as-of takes a day"),
        (["PLAN", "--contract", "nowhere.yaml"], "the contract file nowhere.yaml cannot be read"),
        (["."], "cannot be read: is a directory"),
    ],
)
def test_mistakes_of_use_end_with_two_and_a_sentence(tmp_path, capsys, arguments, said):
    file = tmp_path / "plan.json"
    file.write_text("{}")
    assert run(["exit-plan", "check", *(str(file) if a == "PLAN" else a for a in arguments)]) == 2
    assert said in capsys.readouterr().err


def test_the_schemas_are_printed(capsys):
    for options in ([], ["--contract"]):
        assert run(["exit-plan", "schema", *options]) == 0
        assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")
