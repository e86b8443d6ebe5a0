"""Several bids side by side as an Excel workbook. What reports say is written as text: never as a formula."""

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from conformance.model.comparison import Comparison
from conformance.views.comparison_words import (
    cell_words,
    decided,
    measured_groups,
    measured_words,
    score_lines,
    standing,
    tender_line,
)
from conformance.views.text import clean
from conformance.views.wording import METHOD_TITLE, run_by

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["comparison_sheet"]

_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zone; the same bytes each time
_LONGEST = 32_000
_COLOURS = {
    "pass": "#E4F2E9",
    "fail": "#FBE9E8",
    "inconclusive": "#FCF1D8",
    "untested": "#E7EBF6",
    "inapplicable": "#EEEEEA",
}


def comparison_sheet(found: Comparison) -> bytes:
    """The workbook: bids, requirements with room for notes, what leaving takes, decisions, differences."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - only who writes one pays for it

    file = io.BytesIO()
    book = Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": clean(standing(found)), "created": _CREATED})
    formats = {
        name: book.add_format({"bg_color": colour, "text_wrap": True, "valign": "top"})
        for name, colour in _COLOURS.items()
    }
    formats["head"] = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    formats["title"] = book.add_format({"bold": True})
    formats["line"] = book.add_format({})
    formats["text"] = book.add_format({"text_wrap": True, "valign": "top"})
    _bids(book.add_worksheet("Bids"), found, formats)
    _matrix(book.add_worksheet("Requirements"), found, formats)
    _measured(book.add_worksheet("Leaving"), found, formats)
    _decisions(book.add_worksheet("Decisions"), found, formats)
    _differences(book.add_worksheet("Differences"), found, formats)
    book.close()
    return file.getvalue()


def _bids(sheet: "Worksheet", found: Comparison, formats: dict[str, Any]) -> None:
    _write(sheet, 0, [standing(found)], formats["title"])
    _write(sheet, 1, [tender_line(found)], formats["line"])
    _write(sheet, 2, ["", *(bid.label for bid in found.bids)], formats["head"])
    lines = [
        ("Supplier", [bid.supplier for bid in found.bids]),
        ("Product", [f"{bid.product} {bid.version}" for bid in found.bids]),
        ("Tested at", [f"{bid.environment}, {bid.endpoint}" for bid in found.bids]),
        ("Result", [bid.result.value for bid in found.bids]),
        *((name, list(values)) for name, values in score_lines(found)),
        ("Run by", [run_by(bid.runner) for bid in found.bids]),
        ("Signed by", ["; ".join(bid.signers) for bid in found.bids]),
        ("Judged as of", [bid.as_of.isoformat() for bid in found.bids]),
        ("Report, SHA-256", [bid.report_digest for bid in found.bids]),
    ]
    for number, (name, values) in enumerate(lines, 3):
        _write(sheet, number, [name, *values], formats["text"])
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, len(found.bids), 36)


def _matrix(sheet: "Worksheet", found: Comparison, formats: dict[str, Any]) -> None:
    fixed = ["Requirement", "Level", "Verified by", "Statement", "Source", "Points"]
    columns = [*fixed]
    for bid in found.bids:
        columns += [bid.label, f"{bid.label}: reason", f"{bid.label}: evaluator's note"]
    _write(sheet, 0, columns, formats["head"])
    for number, row in enumerate(found.rows, 1):
        method = METHOD_TITLE[row.method].lower()
        _write(sheet, number, [row.id, row.level, method, row.text, row.source, row.points], formats["text"])
        for position, cell in enumerate(row.cells):
            at = len(fixed) + 3 * position
            tone = formats[cell.outcome] if cell.outcome else formats["text"]
            _string(sheet, number, at, cell_words(cell), tone)
            _string(sheet, number, at + 1, "" if cell.outcome == "pass" else cell.because, formats["text"])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(found.rows), 1), len(columns) - 1)
    sheet.set_column(0, 0, 26)
    sheet.set_column(3, 4, 44)
    sheet.set_column(len(fixed), len(columns) - 1, 30)


def _measured(sheet: "Worksheet", found: Comparison, formats: dict[str, Any]) -> None:
    labels = [bid.label for bid in found.bids]
    _write(sheet, 0, ["About", "Measurement", *labels, "What was counted"], formats["head"])
    rows = [row for group in measured_groups(found).values() for row in group]
    for number, row in enumerate(rows, 1):
        values = [measured_words(value) for value in row.values]
        _write(sheet, number, [row.group, row.title, *values, row.definition], formats["text"])
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, len(labels) + 1, 34)
    sheet.set_column(len(labels) + 2, len(labels) + 2, 60)


def _decisions(sheet: "Worksheet", found: Comparison, formats: dict[str, Any]) -> None:
    head = [
        "Requirement",
        "Supplier",
        "Product",
        "Accepted instead",
        "Reason",
        "Evidence",
        "Who",
        "On",
        "Signed by",
    ]
    _write(sheet, 0, head, formats["head"])
    for number, decision in enumerate(decided(found), 1):
        what = decision.what
        signed = "; ".join(decision.signers) or "not signed"
        told = [what.requirement, what.supplier, what.product, what.accepted, what.reason, what.evidence]
        _write(sheet, number, [*told, what.who, what.on.isoformat(), signed], formats["text"])
    sheet.set_column(0, len(head) - 1, 28)


def _differences(sheet: "Worksheet", found: Comparison, formats: dict[str, Any]) -> None:
    _write(sheet, 0, ["What", *(bid.label for bid in found.bids), "Consequence"], formats["head"])
    for number, difference in enumerate(found.differences, 1):
        consequence = "not comparable" if difference.matters else "to be read with it in mind"
        _write(sheet, number, [difference.what, *difference.values, consequence], formats["text"])
    sheet.set_column(0, len(found.bids) + 1, 30)


def _write(sheet: "Worksheet", row: int, values: list[str], style: Any) -> None:
    for column, value in enumerate(values):
        _string(sheet, row, column, value, style)


def _string(sheet: "Worksheet", row: int, column: int, value: str, style: Any) -> None:
    sheet.write_string(row, column, clean(str(value))[:_LONGEST], style)
