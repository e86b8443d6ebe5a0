"""Testing a fleet: from a command's options to one table."""

from dataclasses import dataclass
from pathlib import Path

from conformance.catalog import installed
from conformance.cli.passwords import asked as asked_for
from conformance.cli.passwords import from_file
from conformance.cli.show import Show, aside
from conformance.cli.testing import day, role_named
from conformance.model.fleet import FleetRow
from conformance.model.report import Runner
from conformance.outside import keys
from conformance.outside.fleet_file import read_fleet
from conformance.session.fleet.conducting import FleetOrder, conduct_fleet
from conformance.session.publishing import Signing
from conformance.views.fleet_table import NO_RESULT, fleet_table, told
from conformance.views.kinds import chosen
from conformance.views.text import duration


@dataclass(frozen=True)
class Asked:
    """The options of `conformance fleet run` as they were given."""

    file: Path
    out: Path
    resume: bool
    key: str
    password_file: Path | None
    role: str
    name: str
    organisation: str
    as_of: str
    views: str


def run_fleet(asked: Asked, show: Show) -> int:
    """Test all targets, show the table, and return the worst exit code."""
    views = chosen(asked.views)
    fleet, members = read_fleet(asked.file)
    runner = Runner(role=role_named(asked.role), name=asked.name, organisation=asked.organisation)
    signing = None
    if asked.key:
        signing = Signing(keys.load(asked.key, from_file(asked.password_file, asked_for)), runner.role)
    order = FleetOrder(
        fleet=fleet,
        members=members,
        out=asked.out,
        as_of=day(asked.as_of),
        runner=runner,
        signing=signing,
        views=views,
        resumed=asked.resume,
    )
    silent = show.quiet or show.json
    table = conduct_fleet(order, installed(), lambda row: None if silent else aside(_line(row)))
    show.data(table, fleet_table(table))
    show.say(f"\nTable: {asked.out / 'fleet.html'}, fleet.csv, fleet.json")
    if signing is not None:
        show.say(f"A register of these reports: conformance register build {asked.out} --out site")
    return table.exit_code


def _line(row: FleetRow) -> str:
    """How a run ended, on one line of a log."""
    trouble = f": {told(row)}" if row.trouble else ""
    kept = ", done earlier" if row.earlier else ""
    return f"{row.target} / {row.profile}: {row.result or NO_RESULT} ({duration(row.seconds)}{kept}){trouble}"
