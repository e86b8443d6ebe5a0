"""What bidders and servers wrote stays text where bids stand side by side, and every view tells the same."""

import io

import openpyxl
import pytest
from beside_samples import comparison
from hypothesis import given, settings
from rich.console import Console
from strategies import words

from conformance.views.comparison_page import comparison_page
from conformance.views.comparison_pdf import comparison_pdf
from conformance.views.comparison_sheet import comparison_sheet
from conformance.views.comparison_table import comparison_table


def terminal(found) -> str:
    out = io.StringIO()
    Console(file=out, width=120, color_system=None, markup=False, emoji=False).print(comparison_table(found))
    return out.getvalue()


def cells(found) -> list:
    book = openpyxl.load_workbook(io.BytesIO(comparison_sheet(found)))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


@settings(max_examples=8, deadline=None)
@given(words)
def test_no_text_has_an_effect_in_any_view(text):
    found = comparison(text or "x")
    for view in (comparison_page(found), terminal(found)):
        assert not [c for c in view if c not in "\n\t" and not c.isprintable() and c != "\N{NO-BREAK SPACE}"]
    assert comparison_pdf(found).startswith(b"%PDF-")
    assert all(cell.data_type == "s" for cell in cells(found))


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "<script>alert(1)</script>"])
def test_nothing_becomes_a_formula_or_markup(text):
    found = comparison(text)
    assert all(cell.data_type == "s" for cell in cells(found))
    assert "<script>alert" not in comparison_page(found)


def test_the_same_comparison_is_the_same_document():
    assert comparison_pdf(comparison()) == comparison_pdf(comparison())


def test_the_document_is_built_for_the_archive_and_for_screen_readers():
    made = comparison_pdf(comparison())
    for told in (b"<pdfaid:part>3</pdfaid:part>", b"<pdfuaid:part>1</pdfuaid:part>", b"/AFRelationship"):
        assert told in made
