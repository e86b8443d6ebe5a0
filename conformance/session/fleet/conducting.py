"""A whole fleet: its runs side by side within its limits, and one table at the end, which holds nobody's secret."""

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from conformance.catalog import Catalog
from conformance.errors import HarnessError, Interrupted, UsageError
from conformance.model.fleet import Fleet, FleetLimits, FleetRow, FleetTable
from conformance.model.report import Runner
from conformance.model.suite import Suite
from conformance.outside import private_files
from conformance.outside.fleet_file import Member
from conformance.outside.turns import Pace, Turns
from conformance.session.fleet.one_run import OneRun, Shared
from conformance.session.publishing import Signing
from conformance.session.suites import DEFAULT_SEED, profile_named, suite_of
from conformance.views.fleet_page import fleet_page
from conformance.views.fleet_table import comma_separated
from conformance.views.json_report import as_json

READABLE = 0o644
TABLES: Mapping[str, Callable[[FleetTable], bytes]] = {
    "fleet.json": lambda table: as_json(table).encode(),
    "fleet.csv": comma_separated,
    "fleet.html": lambda table: fleet_page(table).encode(),
}


@dataclass(frozen=True)
class FleetOrder:
    """What somebody asks for. `resumed` goes on with what lies in `out`.

    `transports` lead to targets in this process, by their names in the fleet.
    """

    fleet: Fleet
    members: Sequence[Member]
    out: Path
    as_of: dt.date
    runner: Runner = field(default_factory=Runner)
    signing: Signing | None = None
    views: tuple[str, ...] = ()
    resumed: bool = False
    transports: Mapping[str, httpx.BaseTransport] = field(default_factory=dict)


def conduct_fleet(order: FleetOrder, catalog: Catalog, tell: Callable[[FleetRow], None]) -> FleetTable:
    """Test every target; each row is told as it is done. The tables are written beside the runs' folders.

    Raises UsageError before anything is sent, where profiles have mistakes or the folder is not what it should be;
    Interrupted once the runs under way have ended.
    """
    suites = _suites({profile for member in order.members for profile in member.profiles}, catalog)
    _refuse_folder(order)
    begun = time.monotonic()
    shared = Shared(
        out=order.out,
        as_of=order.as_of,
        runner=order.runner,
        signing=order.signing,
        views=order.views,
        turns=_turns(order.fleet.limits),
        run_timeout=order.fleet.limits.run_timeout,
        catalog=catalog,
        transports=order.transports,
    )
    runs = [
        OneRun(member, suites[profile], profile, shared)
        for member in order.members
        for profile in member.profiles
    ]
    _refuse_same_folders(runs)
    rows, interrupted = _rows(runs, order.fleet.limits.targets, shared, tell)
    table = FleetTable(
        fleet=order.fleet.fleet,
        as_of=order.as_of,
        runner=order.runner,
        signed=order.signing is not None,
        seconds=round(time.monotonic() - begun, 3),
        rows=tuple(sorted(rows, key=lambda row: (row.target, row.profile))),
    )
    _write(table, runs, order.out)
    if interrupted:
        raise Interrupted(
            f"interrupted; what was finished is kept in {order.out}",
            hint="Go on with it: the same command with --resume.",
        )
    return table


def _suites(profiles: set[str], catalog: Catalog) -> dict[str, Suite]:
    """The suite of each profile, drawn once for all targets. Raises UsageError with the mistakes of all profiles."""
    suites, told = dict[str, Suite](), list[str]()
    for name in sorted(profiles):
        try:
            suites[name] = suite_of(profile_named(name, catalog), DEFAULT_SEED, catalog)
        except UsageError as error:
            told.append(f"{name}: {error.message}")
    if told:
        raise UsageError("the fleet's profiles cannot be used:\n" + "\n".join(told))
    return suites


def _refuse_folder(order: FleetOrder) -> None:
    try:
        order.out.mkdir(parents=True, exist_ok=True)
        occupied = any(order.out.iterdir())
    except OSError as error:
        raise UsageError(
            f"the folder {order.out} cannot be made or written to: {error.strerror}",
            hint="Name another one with --out.",
        ) from error
    if occupied and not order.resumed:
        raise UsageError(
            f"the folder {order.out} is not empty",
            hint="Name another one with --out, or go on with --resume.",
        )


def _refuse_same_folders(runs: Sequence[OneRun]) -> None:
    seen: dict[Path, OneRun] = {}
    for run in runs:
        if (other := seen.setdefault(run.order.out, run)) is not run:
            raise UsageError(
                f"{run.member.name} is to be tested twice against {run.suite.profile.profile}"
                f" ({other.profile} and {run.profile})",
                hint="Two profiles with one name: name one of them only.",
            )


def _turns(limits: FleetLimits) -> Turns:
    host = limits.per_host
    return Turns(
        Pace(limits.concurrency, limits.requests_per_second),
        lambda: Pace(host.concurrency, host.requests_per_second),
    )


def _rows(
    runs: Sequence[OneRun], at_once: int, shared: Shared, tell: Callable[[FleetRow], None]
) -> tuple[list[FleetRow], bool]:
    """The rows of all runs, and whether somebody interrupted them."""
    rows, interrupted = list[FleetRow](), False
    with ThreadPoolExecutor(at_once, thread_name_prefix="fleet") as pool:
        futures = [pool.submit(run.carry_out) for run in runs]
        while True:
            try:
                for future in as_completed(futures):
                    row = _without_secrets(future.result(), runs)
                    futures.remove(future)
                    rows.append(row)
                    tell(row)
            except KeyboardInterrupt:
                interrupted = True
                shared.broken_off.set()
                for run in runs:
                    run.order.stop.set()
            else:
                return rows, interrupted


def _without_secrets(row: FleetRow, runs: Sequence[OneRun]) -> FleetRow:
    """The row without what any target's credentials are: a server may have put its own into what it answered."""
    told = row.trouble.encode("utf-8", "surrogatepass")
    for run in runs if told else ():
        told = run.order.secrets.replaced(told, lambda _: "[secret]")
    return row.model_copy(update={"trouble": told.decode("utf-8", "replace")})


def _write(table: FleetTable, runs: Sequence[OneRun], out: Path) -> None:
    """Write the tables, once none of them holds a secret of any target. Raises LeakFound, HarnessError."""
    made = {name: write(table) for name, write in TABLES.items()}
    for name, data in made.items():
        for run in runs:
            run.order.secrets.gate(data, name)
    try:
        for name, data in made.items():
            private_files.replace(out / name, data, mode=READABLE)
    except OSError as error:
        raise HarnessError(
            f"the tables cannot be written to {out}: {error.strerror}",
            hint="Make room or permit writing there, and call it again with --resume: the runs are kept.",
        ) from error
