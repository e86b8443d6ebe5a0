"""What begins before a command line is read: whatever was guessed, the command does what it was told."""

import subprocess
import sys

import pytest
import typer

from conformance.cli import ahead as beginning
from conformance.cli.app import app
from conformance.cli.commands import COMMANDS
from conformance.cli.main import MODULES, run

OBSERVATION = b'{"resourceType":"Observation","id":"o%d","status":"final","code":{"text":"seen"}}\n'


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """So large that workers read it."""
    folder = tmp_path_factory.mktemp("export")
    for file in range(2):
        lines = (OBSERVATION % (file * 60_000 + number) for number in range(60_000))
        (folder / f"Observation-{file}.ndjson").write_bytes(b"".join(lines))
    return folder


def test_the_options_that_take_a_value_are_those_of_the_command():
    command = typer.main.get_command(app).commands["inspect"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.is_flag]
    assert {name for one in options for name in one.opts} == beginning.TAKE_A_VALUE


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (["{}"], 0),
        (["--workers", "3", "{}", "--json"], 3),
        (["{}", "--workers=3", "--base", "https://x", "--html=page.html"], 3),
        (["--work", "{}", "{}", "-q"], 0),
        (["{}", "{}"], None),
        (["{}", "--workers", "many"], None),
        (["{}", "--engine", "dask://x"], None),
        (["{}", "--help"], None),
        (["https://x.example/manifest"], None),
        (["{}/nowhere"], None),
        ([], None),
    ],
)
def test_what_is_asked_for_is_guessed_or_nothing_is(export, words, number):
    words = [word.format(export) for word in words]
    with beginning.begun_ahead(["inspect", *words]) as ahead:
        assert (ahead and ahead.number) == number
        assert ahead is None or (ahead.source, len(ahead.export.files)) == (str(export), 2)
        assert ahead is None or ahead.workers.number == (number or ahead.workers.number)
    with beginning.begun_ahead(["validate", *words]) as ahead:
        assert ahead is None


@pytest.mark.parametrize("more", [[], ["--workers", "2"], ["--workers=1"], ["--engine", "local"]])
def test_the_facts_are_the_same_whatever_was_begun(export, tmp_path, capsys, more):
    assert run(["inspect", str(export), "--json", "--work", str(tmp_path)]) == 0
    plain = capsys.readouterr().out
    assert run(["inspect", "--json", "--work", str(tmp_path), *more, str(export)]) == 0
    assert capsys.readouterr().out == plain


def test_a_command_line_that_was_guessed_and_is_wrong_is_told(export, capsys):
    assert run(["inspect", str(export), "--no-such-option"]) == 2
    assert "--no-such-option" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_command_that_is_called_needs_no_other_and_takes_no_place_from_them(name):
    assert COMMANDS
    program = f"""
import sys
from conformance.cli.main import run
assert run(["{name}", "--help"]) == 0
assert "conformance.cli.commands" not in sys.modules
sys.stdout.flush()
print("=" * 9)
assert run(["--help"]) == 0
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    alone, _, everything = told.partition("=" * 9 + "\n")
    assert f"conformance {name}" in alone
    again = [sys.executable, "-c", "from conformance.cli.main import main; main()", "--help"]
    assert everything == subprocess.run(again, capture_output=True, text=True, check=True).stdout


def test_who_looks_after_workers_need_not_load_what_they_work_with():
    program = (
        "import sys; from conformance.session import inspect, inspection_result;"
        " from conformance.outside import example_texts; print('numpy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False"]
