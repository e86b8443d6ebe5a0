"""Profiles that are here, as a table for the terminal."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from conformance.model.repository import FoundProfile
from conformance.views.text import one_line, shortened

__all__ = ["found_profiles"]

LONGEST = 200


def found_profiles(rows: Sequence[FoundProfile]) -> Table | str:
    """One line a release: what it is called, where it is from, and whether it may be used."""
    if not rows:
        return "No profile here has these words. `conformance profiles update` asks the repositories."
    made = Table(expand=False)
    for name in ("profile", "version", "title", "from"):
        made.add_column(name, overflow="fold")
    for row in rows:
        title = Text(shortened(one_line(row.title), LONGEST))
        if row.withdrawn:
            title.append(f"\n{shortened(one_line(row.withdrawn), LONGEST)}", style="bold red")
        place = row.where or "the harness"
        marks = [mark for mark, said in (("pinned", row.pinned), ("out of date", row.out_of_date)) if said]
        where = f"{place} ({', '.join(marks)})" if marks else place
        made.add_row(row.profile, row.version, title, where)
    return made
