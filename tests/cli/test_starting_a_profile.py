"""A new profile loads, lints clean, is laid out, and can be run, whatever was answered."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whole_runs import command

from conformance.catalog import built_in
from conformance.cli import starting
from conformance.model.marked_yaml import read_yaml
from conformance.session.authoring.layout import laid_out
from conformance.session.authoring.lint import lint
from conformance.session.authoring.starting import first_text

ANSWERS = {
    "name": "house-rules",
    "title": 'House rules: "all" of them # here',
    "publisher": "Example Trust",
    "source": "https://example.org/rules.html",
    "extends": "",
}


def options(**changed):
    return [part for name, value in (ANSWERS | changed).items() if value for part in (f"--{name}", value)]


@pytest.mark.parametrize("extends", ["", "smart-backend-services", "smart-backend-services, us-ehi-export"])
def test_a_new_profile_lints_clean_and_is_laid_out(tmp_path, extends):
    file = tmp_path / "house.yaml"
    assert command("profiles", "new", file, *options(extends=extends)) == 0
    assert lint([str(file)], built_in()) == []
    assert laid_out(file.read_text(), "x") == file.read_text()


def test_the_example_that_stands_in_comments_lints_clean_too(tmp_path):
    file = tmp_path / "house.yaml"
    command("profiles", "new", file, *options())
    text = file.read_text()
    head, mark, example = text.partition("  #\n")
    assert mark
    file.write_text(head + re.sub(r"^  # ", "  ", example, flags=re.MULTILINE))
    assert "HOUSE-RULES-02" in {r["id"] for r in read_yaml(file.read_text(), "x").value["requirements"]}
    assert lint([str(file)], built_in()) == []


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_whatever_is_answered_is_what_the_profile_says(answer):
    text = first_text(ANSWERS | {"title": answer, "publisher": answer}, "x.yaml", "s.json")
    read = read_yaml(text, "x.yaml")
    assert read.problems == []
    assert (read.value["title"], read.value["publisher"]) == (answer.strip(), answer.strip())


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_what_is_not_given_is_asked_for_until_it_fits(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        starting.sys, "stdin", Terminal("House Rules\nhouse-rules\nHouse rules\nUs\nrules, 1\n\n")
    )
    assert command("profiles", "new") == 0
    assert "does not fit: it is lowercase letters" in capsys.readouterr().out
    assert lint([str(tmp_path / "house-rules.yaml")], built_in()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (options()[2:], "nobody is here to be asked: What is the profile called"),
        (options(name="House"), "it is lowercase letters, digits"),
        (options(title=" "), "must not be empty"),
        (options(extends="exit-cor"), "did you mean 'exit-core'?"),
        (["--from-ig", "no.such.guide@1.0.0"], "no.such.guide"),
    ],
)
def test_what_does_not_fit_ends_with_2_and_writes_nothing(tmp_path, capsys, given, said):
    assert command("profiles", "new", tmp_path / "x.yaml", *given) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_written_over(tmp_path, capsys):
    (tmp_path / "x.yaml").write_text("mine")
    assert command("profiles", "new", tmp_path / "x.yaml", *options()) == 2
    assert (tmp_path / "x.yaml").read_text() == "mine"
    assert "is there already" in capsys.readouterr().err
