"""A rehearsal of the exit as one self-contained page: what it took, what it costs, and what was lost."""

from conformance.model.rehearsal import Rehearsal
from conformance.views.html import environment

__all__ = ["rehearsal_page"]

TITLE = "What it took"
INTRODUCTION = (
    "Measured on this installation, on this day, with the data that it held; "
    "money is reckoned from the exit plan."
)
MOST = 200


def rehearsal_page(found: Rehearsal, *, signed: bool) -> str:
    """The HTML page of a rehearsal."""
    page = environment().get_template("rehearsal.html.j2")
    return page.render(report=found, signed=signed, title=TITLE, introduction=INTRODUCTION, MOST=MOST)
