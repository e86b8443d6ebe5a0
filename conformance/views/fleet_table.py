"""What a fleet came to as one table: for the terminal, and separated by commas for a spreadsheet."""

import csv
import io
from collections import Counter

from rich.table import Table
from rich.text import Text

from conformance.model.fleet import FleetRow, FleetTable
from conformance.model.report import Result
from conformance.views.comma_separated import harmless
from conformance.views.text import counted, duration, one_line, shortened

__all__ = ["comma_separated", "fleet_table", "told", "totals"]

STYLE = {
    Result.PASSED: "green",
    Result.FAILED: "bold red",
    Result.INCONCLUSIVE: "yellow",
    Result.NOT_TESTED: "yellow",
}
NO_RESULT = "NO RESULT"
LONGEST = 300
COLUMNS = (
    "target",
    "supplier",
    "product",
    "version",
    "endpoint",
    "profile",
    "result",
    "trouble",
    "exit code",
    "requests",
    "seconds",
    "earlier",
    "folder",
)


def fleet_table(table: FleetTable) -> Table:
    """One line for each run, the result in words."""
    made = Table(title=f"{one_line(table.fleet)}: {totals(table)}", title_justify="left", expand=False)
    for name in ("target", "product", "profile", "result", "requests", "time"):
        made.add_column(name, justify="right" if name in {"requests", "time"} else "left", overflow="fold")
    for row in table.rows:
        result = Text(row.result or NO_RESULT, style=STYLE[row.result] if row.result else "bold magenta")
        if row.trouble:
            result.append(f"\n{told(row)}", style="default")
        cells = (row.target, product(row), one_line(row.profile))
        made.add_row(*map(Text, cells), result, f"{row.requests:,}", duration(row.seconds))
    return made


def comma_separated(table: FleetTable) -> bytes:
    """The same for a spreadsheet (RFC 4180); UTF-8 with the mark that Excel looks for, and no formulas."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in table.rows:
        card = row.card
        named = (row.target, card.supplier, card.product, card.version, card.endpoint, row.profile)
        came = (
            row.result or NO_RESULT,
            told(row),
            str(row.exit_code),
            str(row.requests),
            f"{row.seconds:.3f}",
        )
        where = ("yes" if row.earlier else "no", row.folder)
        writer.writerow([harmless(one_line(cell)) for cell in (*named, *came, *where)])
    return stream.getvalue().encode("utf-8-sig")


def told(row: FleetRow) -> str:
    """What went wrong, fit to be shown."""
    return shortened(one_line(row.trouble), LONGEST)


def product(row: FleetRow) -> str:
    """What was tested, by name: product and version, or the endpoint where no product is named."""
    named = " ".join(filter(None, (one_line(row.card.product), one_line(row.card.version))))
    return named or one_line(row.card.endpoint)


def totals(table: FleetTable) -> str:
    """How many runs came to what, as in `3 runs: 2 PASSED, 1 NO RESULT`."""
    counts = Counter(str(row.result or NO_RESULT) for row in table.rows)
    order = [*(str(result) for result in Result), NO_RESULT]
    said = ", ".join(f"{counts[name]:,} {name}" for name in order if counts[name])
    return f"{counted(len(table.rows), 'run')}: {said}"
