"""What a fleet came to as one self-contained page, readable without any script."""

from conformance.model.fleet import FleetTable
from conformance.views import fleet_table, page, wording

__all__ = ["fleet_page"]


def fleet_page(table: FleetTable) -> str:
    """The HTML page of the table."""
    environment = page.environment()
    environment.globals |= {"words": fleet_table, "wording": wording}
    return environment.get_template("fleet.html.j2").render(table=table)
