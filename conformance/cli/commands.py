"""All commands: the modules that put theirs into the application, in the order in which they are shown."""

from conformance.cli import (
    authoring,
    bids,
    exit_plans,
    fhirpath,
    fleets,
    inspecting,
    listing,
    reference,
    registers,
    rehearsing,
    reports,
    repositories,
    running,
    sharing,
    statements,
    tenders,
    trust,
    validating,
)
from conformance.cli.app import app

__all__ = ["COMMANDS"]

COMMANDS = (
    running,
    trust,
    bids,
    fhirpath,
    inspecting,
    rehearsing,
    sharing,
    statements,
    tenders,
    validating,
    listing,
    authoring,
    exit_plans,
    fleets,
    reference,
    registers,
    reports,
    repositories,
)

_PLACES = {module.__name__: place for place, module in enumerate(COMMANDS)}
app.registered_commands.sort(  # one may have been loaded alone before the others were
    key=lambda command: _PLACES[command.callback.__module__] if command.callback else -1
)
