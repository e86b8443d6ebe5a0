"""The evaluation matrix as an Excel workbook: a sheet for each table, strings that never become formulas.

The bytes depend on nothing but the report. Whoever evaluates bids writes into the last column of `Requirements`.
"""

import datetime as dt
import io
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from conformance.model.report import Report, RunRecord
from conformance.views import wording
from conformance.views.matrix import Table, tables
from conformance.views.signature import SignatureNote
from conformance.views.text import shortened

_MOST_CHARACTERS = 32_000
"""A cell holds 32,767 characters (Excel specifications and limits); what is longer is cut, and the cut told."""
_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zones, and no clock may show
_WIDTHS = {
    "What": 22,
    "Value": 80,
    "Requirement": 30,
    "Reason": 60,
    "Text": 60,
    "Clause": 40,
    "Finding": 70,
    "Expected": 40,
    "Request": 60,
    "Basis": 60,
    "Measurement": 40,
    "Part": 40,
    "Definition": 60,
    "Evaluator's note": 50,
}
_COLOURS = {
    "pass": "#E4F2E9",
    "fail": "#FBE9E8",
    "inconclusive": "#FCF1D8",
    "untested": "#E7EBF6",
    "inapplicable": "#EEEEEA",
}


def spreadsheet(report: Report, record: RunRecord, signature: SignatureNote) -> bytes:
    """The workbook's bytes."""
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(stream, options) as book:
        book.set_properties({"title": wording.headline(report, signature)[:255], "created": _MADE})
        shapes = _Shapes(book)
        for table in tables(report, record, signature):
            _fill(book.add_worksheet(table.title), table, shapes)
    return stream.getvalue()


class _Shapes:
    """How cells look; an outcome has a ground of its own, and always its word."""

    def __init__(self, book: Workbook) -> None:
        plain = {"text_wrap": True, "valign": "top"}
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.text = book.add_format(plain)
        self.note = book.add_format({**plain, "bg_color": "#FFFDF0"})
        self._outcomes = {name: book.add_format({**plain, "bg_color": c}) for name, c in _COLOURS.items()}

    def of(self, column: str, value: str) -> Any:
        """The look of a cell."""
        if column == "Outcome":
            return self._outcomes.get(value, self.text)
        return self.note if column == "Evaluator's note" else self.text


def _fill(sheet: Worksheet, table: Table, shapes: _Shapes) -> None:
    for column, name in enumerate(table.columns):
        sheet.set_column(column, column, _WIDTHS.get(name, 16))
        sheet.write_string(0, column, name, shapes.head)
    for number, row in enumerate(table.rows, 1):
        for column, (name, value) in enumerate(zip(table.columns, row, strict=True)):
            shape = shapes.of(name, value)
            if value:
                sheet.write_string(number, column, shortened(value, _MOST_CHARACTERS), shape)
            else:
                sheet.write_blank(number, column, None, shape)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
