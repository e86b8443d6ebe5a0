"""Comparing as a buyer does it: every report is verified first, and what is written says the same everywhere."""

import json

import openpyxl
import pytest
from small_profiles import write_profile
from whole_runs import command


@pytest.fixture(scope="module")
def bids(tmp_path_factory):
    """A run of the honest supplier, one of a faulty one, and one with another limit."""
    place = tmp_path_factory.mktemp("bids")
    profile = write_profile(place)
    assert command("demo", "--profile", profile, "--out", place / "honest", "--quiet") == 0
    fault = ("--fault", "unknown-id-answers-200")
    assert command("demo", "--profile", profile, "--out", place / "faulty", "--quiet", *fault) == 1
    return place


def test_two_bids_are_set_side_by_side_and_written_down(bids, tmp_path, capsys):
    (tmp_path / "weights.yaml").write_text('points: {"S-*": "2"}\n')
    page, book, data = (tmp_path / f"bids.{kind}" for kind in ("html", "xlsx", "json"))
    capsys.readouterr()
    code = command(
        "compare", bids / "honest", bids / "faulty", "--weights", tmp_path / "weights.yaml",
        "--out", page, "--out", book, "--out", data,
    )  # fmt: skip
    said = capsys.readouterr().out
    assert code == 0
    assert "S-UNKNOWN" in said
    found = json.loads(data.read_text())
    met = [f"{score['mandatoryMet']} of {score['mandatory']}" for score in found["scores"]]
    assert met[0] != met[1]
    html = page.read_text()
    sheets = openpyxl.load_workbook(book)
    cells = [cell for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row]
    for told in met:
        assert told in said
        assert told in html
        assert told in cells


def test_the_same_comparison_is_the_same_workbook(bids, tmp_path):
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    for file in (one, other):
        assert command("compare", bids / "honest", bids / "faulty", "--out", file) == 0
    assert one.read_bytes() == other.read_bytes()


def test_a_test_made_again_shows_what_became_worse(bids, capsys):
    capsys.readouterr()
    assert command("diff", bids / "honest", bids / "faulty", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert ("S-UNKNOWN", "worse") in {(change["id"], change["turn"]) for change in found["changes"]}
    assert command("diff", bids / "faulty", bids / "honest") == 0
    assert "Better (1)" in capsys.readouterr().out


def test_a_report_that_was_changed_is_not_compared(bids, tmp_path, capsys):
    from whole_runs import copied

    changed = copied(bids / "honest", tmp_path)
    report = changed / "report.json"
    report.write_bytes(report.read_bytes().replace(b'"pass"', b'"fail"', 1))
    assert command("compare", bids / "faulty", changed) == 1
    assert "was not verified" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("points: []", "weights.yaml:1"),
        ('points: {"Z-*": "1"}', "no requirement has"),
        ('points: {"S-*": 2}', "weights.yaml:1"),
        ("points: &a {}\nb: *a", "not accepted"),
        (None, "cannot be read"),
    ],
)
def test_weights_that_cannot_be_used_are_told(bids, tmp_path, capsys, text, told):
    file = tmp_path / "weights.yaml"
    if text is not None:
        file.write_text(text)
    assert command("compare", bids / "honest", bids / "faulty", "--weights", file) == 2
    assert told in capsys.readouterr().err


def test_nothing_is_written_in_a_format_that_there_is_not(bids, tmp_path, capsys):
    assert command("compare", bids / "honest", bids / "faulty", "--out", tmp_path / "a.docx") == 2
    assert ".xlsx" in capsys.readouterr().err
