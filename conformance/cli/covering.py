"""Showing what profiles do with the statements of source documents."""

from typing import TYPE_CHECKING

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.model.coverage import Coverage
from conformance.session.authoring.coverage import coverage, documents
from conformance.views import coverage_table

if TYPE_CHECKING:
    from rich.console import RenderableType


def show_coverage(names: list[str], show: Show) -> int:
    """Show the coverage of these documents, or the totals of all."""
    found = [coverage(name, installed()) for name in names or documents()]
    show.data([_plain(one) for one in found], coverage_table.totals(found), *_told(found if names else []))
    if not names:
        show.say(
            "\nIn brackets: of those, the binding ones. See each statement: conformance profiles coverage NAME"
        )
    return 0


def _told(found: list[Coverage]) -> list["RenderableType"]:
    told: list[RenderableType] = []
    for one in found:
        told += ["", coverage_table.statements(one), "", *coverage_table.closing(one)]
    return told


def _plain(one: Coverage) -> dict[str, object]:
    counts = {str(kind): number for kind, number in one.counted().items()}
    return {**one.plain(), "counted": counts}
