"""Advice to a buyer: every answer gives profiles that load, lint clean, and ask no less than what was advised."""

import datetime as dt
import io
import itertools
import json
from pathlib import Path

import pytest
import yaml
from whole_runs import command

from conformance.catalog import built_in
from conformance.cli import advising
from conformance.model.policy import advice as only_advises
from conformance.outside.places import ProfileLibrary
from conformance.session.authoring.layout import laid_out
from conformance.session.authoring.lint import lint
from conformance.session.gallery import gallery
from conformance.session.suites import profile_named

BUYS = [one.name for one in gallery().buys]
CONNECTS = [one.name for one in gallery().connects]


def advise(capsys, *options, code=0):
    capsys.readouterr()
    assert command("advise", *options, "--json") == code
    said = capsys.readouterr()
    return json.loads(said.out) if code == 0 else said.err


def test_every_shipped_profile_stands_under_who_needs_it(capsys):
    assert {name for one in gallery().audiences for name in one.profiles} == set(ProfileLibrary().names())
    assert command("profiles", "list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["profile"] for row in rows} == set(ProfileLibrary().names())
    assert len(rows) == len({row["profile"] for row in rows})
    assert command("profiles", "list") == 0
    shown = capsys.readouterr().out
    assert (
        shown.index("Who buys a GP system") < shown.index("gp-connect-like") < shown.index("nhs-anti-lock-in")
    )


CASES = list(zip(BUYS, CONNECTS, itertools.cycle(("50000", "1,250,000")), strict=False))


@pytest.mark.parametrize(("buy", "connect", "value"), CASES)
def test_what_is_composed_lints_clean_and_asks_no_less_than_what_was_advised(
    tmp_path, capsys, buy, connect, value
):
    file = tmp_path / "tender.yaml"
    found = advise(
        capsys, "--buy", buy, "--connect", connect, "--value", value, "--threshold", "138760", "--out", file
    )
    assert found["files"]
    assert lint(found["files"], built_in()) == []
    made = [profile_named(name, built_in()) for name in found["files"]]
    for name in found["files"]:
        text = Path(name).read_text("utf-8")
        assert laid_out(text, name) == text
    assert {f"{b.profile}@{b.version}" for one in made for b in one.bases} >= set(found["profiles"])
    for label in found["profiles"]:
        wanted = profile_named(label, built_in())
        assert any(asks_no_less(one, wanted) for one in made), label


def asks_no_less(made, wanted):
    """Whether each binding requirement is there, decides wherever it decided, and each part has its result."""
    levels = {one.id: one.level for one in made.requirements}
    values = {name: one.default for name, one in made.parameters.items()}
    day = dt.date(2026, 12, 1)
    for one in wanted.requirements:
        if levels.get(one.id) is not one.level:
            return False
        softer = only_advises(made.advisories, one.id, values, day)
        if one.level.binding and softer and not only_advises(wanted.advisories, one.id, values, day):
            return False
    return made.sub_verdicts == wanted.sub_verdicts or not wanted.sub_verdicts


def test_a_small_contract_never_softens_what_other_profiles_ask(tmp_path, capsys):
    options = ("--buy", "patient-record", "--connect", "none", "--out", tmp_path / "tender.yaml")
    small = advise(capsys, *options, "--value", "50000", "--threshold", "138760")
    assert "fhir-r4-base@0.1.0" in small["profiles"]
    assert len(small["files"]) == 2
    (tmp_path / "tender.yaml").unlink()
    large = advise(capsys, *options, "--value", "250000", "--threshold", "138760")
    assert "fhir-r4-base@0.1.0" not in large["profiles"]  # nhs-anti-lock-in takes it over as it is
    assert len(large["files"]) == 1


def test_the_value_of_the_contract_is_set_and_said(tmp_path, capsys):
    file = tmp_path / "tender.yaml"
    said = advise(capsys, "--buy", "vaccination", "--connect", "none", "--value", "£1,250,000", "--out", file)
    assert yaml.safe_load(file.read_text())["parameters"]["contract_value"]["default"] == "1250000"
    assert "No threshold is set" in said["text"]
    assert "£1,250,000" in said["text"]


def test_each_interface_gets_a_file_of_its_own(tmp_path, capsys):
    file = tmp_path / "tender.yaml"
    found = advise(capsys, "--buy", "gp-system,component", "--connect", "none", "--value", "", "--out", file)
    made = [profile_named(name, built_in()) for name in found["files"]]
    assert {(one.fhir_version, str(one.discovery)) for one in made} == {
        ("3.0.1", "fhir"),
        ("4.0.1", "fhir"),
        ("", "openapi"),
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--buy", "gps", "--connect", "none", "--value", ""), "did you mean 'gp-system'"),
        (("--buy", "other", "--connect", "nhsapp", "--value", ""), "did you mean 'nhs-app'"),
        (("--buy", "other", "--connect", "none", "--value", "1.250.000"), "is no amount in pounds"),
        (("--buy", "other", "--connect", "none", "--value", "1,20"), "is no amount in pounds"),
        (("--buy", "other", "--connect", "none", "--value", "-5"), "is no amount in pounds"),
        (("--buy", " , ", "--connect", "none", "--value", ""), "what you buy is not said"),
        (("--connect", "none", "--value", ""), "Give the answer with --buy"),
        (
            ("--buy", "other", "--connect", "none", "--value", "", "--out", "Our Tender.yaml"),
            "cannot name a profile",
        ),
    ],
)
def test_answers_that_do_not_fit_are_told_and_nothing_is_written(
    tmp_path, monkeypatch, capsys, options, said
):
    monkeypatch.chdir(tmp_path)
    assert said in advise(capsys, *options, code=2)
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_written_over_and_none_half(tmp_path, capsys):
    (tmp_path / "tender-openapi.yaml").write_text("mine")
    options = ("--buy", "gp-system,component", "--connect", "none", "--value", "")
    assert "is there already" in advise(capsys, *options, "--out", tmp_path / "tender.yaml", code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["tender-openapi.yaml"]
    assert (tmp_path / "tender-openapi.yaml").read_text() == "mine"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_what_is_not_given_is_asked(monkeypatch, capsys):
    monkeypatch.setattr(advising.sys, "stdin", Terminal("3\nnhs-app, 2\n50,000\n"))
    assert command("advise") == 0
    said = capsys.readouterr()
    assert "What do you buy?" in said.out + said.err
    assert "nhs-vaccination-record@" in said.out
    assert "nhs-app-surfaceable@" in said.out
    assert "£50,000" in said.out
