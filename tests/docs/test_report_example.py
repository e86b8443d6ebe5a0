"""The example of a run and the schemas beside it: authentic, small, and of the form that is published."""

import json
from pathlib import Path

import jsonschema
import pytest

from conformance.cli.main import run
from conformance.model.base import strict_json
from conformance.model.dsse import read_envelope

REPORTS = Path(__file__).resolve().parents[2] / "reports"
EXAMPLE = REPORTS / "example"
TRUST = ("--trust", str(REPORTS / "example.trust.toml"))
AGAIN = "make reports/example anew, as reports/README.md says"


def schema(name):
    read = json.loads((REPORTS / name).read_bytes())
    jsonschema.Draft202012Validator.check_schema(read)
    return jsonschema.Draft202012Validator(read)


def predicate():
    return strict_json(read_envelope((EXAMPLE / "report.dsse.json").read_bytes()).content)["predicate"]


def test_the_example_is_authentic_and_passed(capsys):
    assert run(["verify", str(EXAMPLE), *TRUST]) == 0, f"{capsys.readouterr().out}\n{AGAIN}"
    assert "AUTHENTIC: PASSED for Harbour EPR" in capsys.readouterr().out


def test_the_example_is_small_and_names_no_place_on_a_machine():
    files = [path for path in EXAMPLE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_000_000
    for path in files:
        assert b"/tmp/" not in path.read_bytes()
        assert str(Path.home()).encode() + b"/" not in path.read_bytes()


def test_its_views_are_those_of_its_record(tmp_path):
    views = ["--render", str(tmp_path), "--views", "html,csv,md,junit"]
    assert run(["verify", str(EXAMPLE), *TRUST, *views]) == 0, AGAIN
    stale = "make its views anew, as reports/README.md says"
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (EXAMPLE / "views" / made.name).read_bytes(), stale


def test_report_and_predicate_have_the_published_form():
    schema("report-v1.schema.json").validate(json.loads((EXAMPLE / "report.json").read_bytes()))
    schema("predicate-v1.schema.json").validate(predicate())


@pytest.mark.parametrize(
    "change",
    [
        {"formatVersion": "2"},
        {"result": "EXCELLENT"},
        {"unheard": 1},
        {"runner": {"role": "friend"}},
        {"requirements": [{"id": "X"}]},
    ],
)
def test_another_form_or_version_does_not_fit_the_schema(change):
    checker = schema("predicate-v1.schema.json")
    assert checker.is_valid(predicate())
    assert not checker.is_valid(predicate() | change)


@pytest.mark.parametrize("member", ["result", "runner", "requirements", "binding", "formatVersion"])
def test_no_member_of_the_predicate_may_be_left_out(member):
    assert not schema("predicate-v1.schema.json").is_valid(
        {name: value for name, value in predicate().items() if name != member}
    )


def test_another_major_version_of_the_report_does_not_fit():
    report = json.loads((EXAMPLE / "report.json").read_bytes())
    assert not schema("report-v1.schema.json").is_valid(report | {"format": "2"})
