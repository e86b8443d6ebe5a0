"""What a profile made of the faults, for a terminal: which requirement catches what, and what bites nothing."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from conformance.model.trial import Bite, Bites
from conformance.model.verdict import Outcome
from conformance.views.text import counted, one_line, shortened

__all__ = ["closing", "table"]

MOST_FAULTS = 6


def table(found: Bites) -> Table:
    """One row a requirement."""
    made = Table(box=None, padding=(0, 2, 0, 0))
    made.add_column("Requirement", no_wrap=True)
    made.add_column("Level", no_wrap=True)
    made.add_column("Honest", no_wrap=True)
    made.add_column("Caught", justify="right", no_wrap=True)
    made.add_column("Which faults", overflow="fold")
    for bite in found.requirements:
        made.add_row(
            Text(one_line(bite.id)),
            Text(bite.level.value),
            Text(bite.honest.outcome.value, style="bold red" if bite.false_alarm else ""),
            Text(f"{len(bite.caught)} of {len(bite.tried)}"),
            Text(_which(bite), style="" if bite.caught else "dim"),
        )
    return made


def closing(found: Bites) -> Iterator[str]:
    """What follows from the table, in lines."""
    for bite in found.false_alarms:
        yield f"FALSE ALARM: {bite.id} fails the honest supplier: {shortened(one_line(bite.honest.said), 300)}"
    for bite in found.requirements:
        if bite.honest.outcome in {Outcome.UNTESTED, Outcome.INCONCLUSIVE}:
            why = shortened(one_line(bite.honest.said), 300)
            yield f"{bite.id}: {bite.honest.outcome} on the honest supplier: {why}"
    silent = [bite for bite in found.requirements if bite.has_shown_nothing]
    for bite in silent:
        strong = "binds, and " if bite.level.binding else ""
        tried = counted(len(bite.tried), "fault")
        yield f"{bite.id} {strong}has shown nothing: none of {tried} that its calls could notice made it fail"
    for fault, why in found.broken.items():
        yield f"{fault} could not be run: {one_line(why)}"
    caught = sum(1 for bite in found.requirements if bite.caught)
    yield (
        f"{found.profile}: {caught} of {counted(len(found.requirements), 'requirement')} caught a fault; "
        f"{counted(found.run, 'fault')} run, {len(found.unnoticed)} not noticed; "
        f"{counted(len(found.false_alarms), 'false alarm')}."
    )


def _which(bite: Bite) -> str:
    if bite.false_alarm:
        return "counts for nothing: it fails the honest supplier too"
    more = len(bite.caught) - MOST_FAULTS
    return ", ".join(bite.caught[:MOST_FAULTS]) + (f" and {more} more" if more > 0 else "")
