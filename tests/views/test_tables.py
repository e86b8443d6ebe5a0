"""Tables and summaries of a report: complete, of a size that their readers take, and safe to open."""

import csv
import io
import shutil
import subprocess
import zipfile

import pytest
from report_samples import RECORD, SIGNED, of_every_kind, report, result

from conformance.model.measurement import MeasuredPart, Measurement
from conformance.model.report import Limit, Result
from conformance.model.verdict import Outcome
from conformance.views import matrix
from conformance.views.comma_separated import comma_separated, harmless
from conformance.views.spreadsheet import spreadsheet
from conformance.views.step_summary import MOST_BYTES, step_summary


def rows(shown):
    return list(csv.reader(io.StringIO(comma_separated(shown, RECORD, SIGNED).decode("utf-8-sig"))))


def test_the_list_has_a_line_for_each_requirement():
    found = rows(of_every_kind())
    assert found[0] == list(matrix.REQUIREMENT_COLUMNS)
    by_id = {row[0]: dict(zip(found[0], row, strict=True)) for row in found[1:11]}
    failed = by_id["REQ-2"]
    assert (failed["Level"], failed["Method"], failed["Outcome"]) == ("SHALL", "Tested", "fail")
    assert failed["Reason"] == "POST /$export answered 500"
    assert failed["Evidence"] == "exchange-2"
    assert failed["Clause"] == "https://hl7.org/fhir/R4/http.html#clause-2"
    assert failed["Evaluator's note"] == ""
    assert by_id["REQ-1"]["Reason"] == ""
    assert by_id["REQ-4"]["Decides"] == "no"
    assert by_id["REQ-10"]["Decides"] == "no: out of scope"


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-1", "'-1"),
        ("@A1", "'@A1"),
        ("\t=1", "\t'=1"),
        ("\r=1", "\r'=1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ("a=1", "a=1"),
        ("2026-11-22", "2026-11-22"),
        ("", ""),
    ],
)
def test_no_cell_begins_a_formula(cell, safe):
    assert harmless(cell) == safe


def test_parameters_stand_beside_their_defaults():
    limits = {"notice.days": Limit(value=30, default=90, unit="days", basis="Article 25")}
    found = matrix.tables(report(limits=limits), RECORD, SIGNED)[2]
    assert ("notice.days", "30", "90", "days", "yes", "Article 25") in found.rows
    assert ("export.maxHours", "24", "", "", "no", "") in found.rows


def test_measurements_stand_with_their_parts_and_definitions():
    number = Measurement(
        id="open",
        title="Open formats",
        group="Exports",
        value="97.5",
        unit="%",
        definition="files in open formats of all",
        indicative=True,
        note="one export only",
        parts=(MeasuredPart(label="PDF", value="2"),),
        case="X/1",
    )
    found = matrix.tables(report(measurements=(number,)), RECORD, SIGNED)[3]
    assert found.title == "Measurements"
    whole = (
        "Open formats",
        "",
        "97.5",
        "%",
        "files in open formats of all",
        "indicative; one export only",
        "X/1",
    )
    assert found.rows == [whole, ("Open formats", "PDF", "2", "%", "", "", "")]


def test_the_workbook_has_a_sheet_for_each_table_and_strings_only():
    said = "=HYPERLINK(1)"
    book = spreadsheet(report(result(1, Outcome.FAIL, said=said)), RECORD, SIGNED)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        names = parts.read("xl/workbook.xml").decode()
        sheets = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/")]
        assert f"<t>{said}</t>" in parts.read("xl/sharedStrings.xml").decode()
    for name in ("Summary", "Requirements", "Parameters", "Measurements", "Failures"):
        assert f'name="{name}"' in names
    assert not any("<f>" in sheet for sheet in sheets)


def test_text_that_no_cell_can_hold_is_cut_and_the_cut_told():
    book = spreadsheet(report(result(1, Outcome.FAIL, said="x" * 40_000)), RECORD, SIGNED)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert "more characters)" in parts.read("xl/sharedStrings.xml").decode()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Calc (soffice)")
def test_the_workbook_opens_elsewhere_without_warnings(tmp_path):
    (tmp_path / "report.xlsx").write_bytes(spreadsheet(of_every_kind(), RECORD, SIGNED))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    convert = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2",
    ]
    done = subprocess.run([*convert, "report.xlsx"], cwd=tmp_path, capture_output=True, text=True, check=True)
    said = (
        (done.stdout + done.stderr).lower().replace("warning: failed to launch javaldx", "")
    )  # no Java: no matter
    assert "warn" not in said
    assert "error" not in said
    (sheet,) = tmp_path.glob("*.csv")
    found = list(csv.reader(io.StringIO(sheet.read_text("utf-8"))))
    assert found[0] == list(matrix.REQUIREMENT_COLUMNS)
    assert len(found) == 11


@pytest.mark.parametrize("said", ["no answer", "<&|`*" * 200])
def test_a_summary_fits_into_a_step_and_counts_what_it_leaves_out(said):
    many = [result(n, Outcome.FAIL, said=f"{said} {n}") for n in range(3000)]
    untested = [result(n, Outcome.UNTESTED, said=f"{said} {n}") for n in range(3000, 6000)]
    made = step_summary(report(*many, *untested, overall=Result.FAILED), RECORD, SIGNED)
    assert len(made) <= MOST_BYTES
    assert "What failed (3,000)" in made.decode()
    assert "more: see report.json" in made.decode()


def test_a_summary_without_a_failure_says_so():
    made = step_summary(report(result(1, Outcome.PASS), overall=Result.PASSED), RECORD, SIGNED).decode()
    assert "No binding requirement was seen to fail." in made
    assert "What failed" not in made
