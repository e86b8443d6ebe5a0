"""The requirements as a list separated by commas (RFC 4180), safe to open in a spreadsheet program.

A cell that such a program would take for a formula begins with an apostrophe, also where a program splits the line at
another character than the comma (as in countries where the comma stands in numbers).
"""

import csv
import io
import re

from conformance.model.report import Report, RunRecord
from conformance.views.matrix import requirements, summary
from conformance.views.signature import SignatureNote

_FORMULA = re.compile(r"(^|[;|\t\r\n])(\s*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r])")


def comma_separated(report: Report, record: RunRecord, signature: SignatureNote) -> bytes:
    """One line a requirement, then an empty line and what the run was; UTF-8 with the mark that Excel looks for."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    for table in (requirements(report), summary(report, record, signature)):
        writer.writerow(table.columns)
        writer.writerows([harmless(cell) for cell in row] for row in table.rows)
        if table.title == "Requirements":
            writer.writerow([])
    return stream.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The text, with an apostrophe before whatever a spreadsheet would take for the beginning of a formula."""
    return _FORMULA.sub(r"\1\2'", cell)
