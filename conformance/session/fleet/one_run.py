"""One run of a fleet: begun, gone on with or taken as it is, within its time; whatever goes wrong becomes its row."""

import datetime as dt
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from conformance.catalog import Catalog
from conformance.errors import ConformanceError, Interrupted, UsageError
from conformance.model.fleet import FleetRow
from conformance.model.report import Report, Result, Runner, RunRecord
from conformance.model.suite import Suite
from conformance.outside import folders
from conformance.outside.fleet_file import Member
from conformance.outside.folders import RunFolder
from conformance.outside.turns import Turns
from conformance.session.conduct import Order, conduct, resume
from conformance.session.publishing import Signing, complete, is_closed
from conformance.views.progress import SilentProgress

EXIT = {Result.PASSED: 0, Result.FAILED: 1, Result.INCONCLUSIVE: 4, Result.NOT_TESTED: 5}
UNTESTABLE, INTERNAL = 4, 3


@dataclass(frozen=True)
class Shared:
    """What all runs of a fleet have in common. `transports` lead to targets in this process, by their names."""

    out: Path
    as_of: dt.date
    runner: Runner
    signing: Signing | None
    views: tuple[str, ...]
    turns: Turns
    run_timeout: float
    catalog: Catalog
    transports: Mapping[str, httpx.BaseTransport]
    broken_off: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class OneRun:
    """A member against one of its profiles, whose suite has been drawn."""

    member: Member
    suite: Suite
    profile: str
    shared: Shared
    order: Order = field(init=False)

    def __post_init__(self) -> None:
        shared = self.shared
        order = Order(
            profile=self.profile,
            target=self.member.target,
            folder=self.member.folder,
            out=shared.out / self.member.name / self.suite.profile.profile,
            as_of=shared.as_of,
            seed=self.suite.seed,
            runner=shared.runner,
            signing=shared.signing,
            views=shared.views,
            transport=shared.transports.get(self.member.name),
            suite=self.suite,
            turn=shared.turns.turn,
        )
        object.__setattr__(self, "order", order)

    def carry_out(self) -> FleetRow:
        """What the run comes to. Nothing that goes wrong with one target goes further than its own row."""
        begun = time.monotonic()
        if self.shared.broken_off.is_set():
            return self._row(
                begun, trouble="not begun: the fleet was interrupted", exit_code=Interrupted.exit_code
            )
        clock = threading.Timer(self.shared.run_timeout, self.order.stop.set)
        clock.daemon = True
        clock.start()
        try:
            return self._done(begun)
        except Interrupted as error:
            if self.shared.broken_off.is_set():
                return self._row(begun, trouble=error.message, exit_code=error.exit_code)
            told = f"it did not end within {self.shared.run_timeout:g} s; what was finished is kept"
            return self._row(begun, trouble=told, exit_code=UNTESTABLE)
        except ConformanceError as error:
            return self._row(begun, trouble=error.message, exit_code=error.exit_code)
        except Exception as error:  # noqa: BLE001 - a fault of ours with one target must not cost the others their run
            told = f"internal error: {type(error).__name__}: {error}"
            return self._row(begun, trouble=told, exit_code=INTERNAL)
        finally:
            clock.cancel()

    def _done(self, begun: float) -> FleetRow:
        folder = RunFolder(self.order.out, self.order.secrets.gate)
        if folder.has(folders.REPORT):
            self._refuse_another(folder)
            self._complete(folder)
            return self._row(begun, (folder.report(), folder.record()), earlier=True)
        go = conduct
        if folder.has(folders.SUITE):
            self._refuse_another(folder)
            go = resume
        elif folder.path.is_dir():
            folder.discard()
        finished = go(self.order, self.shared.catalog, SilentProgress())
        return self._row(begun, (finished.report, finished.record))

    def _refuse_another(self, folder: RunFolder) -> None:
        """Raise UsageError where the folder is of another target or profile than this run."""
        there = folder.suite()
        if there.target != self.member.target.card() or there.profile != self.suite.profile:
            raise UsageError(
                f"the run in {self.order.out} is of {there.profile.label} and {there.target.endpoint}, which is not "
                "what the fleet now asks for",
                hint="Name a new folder with --out.",
            )

    def _complete(self, folder: RunFolder) -> None:
        """Write what a fleet that was killed left a finished run without: signature, views, bundle."""
        unsigned = self.order.signing is not None and not folder.has(folders.ENVELOPE)
        if unsigned or not is_closed(folder):
            complete(folder, self.order.signing, self.order.views)

    def _row(
        self,
        begun: float,
        came: tuple[Report, RunRecord] | None = None,
        *,
        trouble: str = "",
        exit_code: int = 0,
        earlier: bool = False,
    ) -> FleetRow:
        report, record = came or (None, None)
        return FleetRow(
            target=self.member.name,
            profile=self.suite.profile.profile,
            card=self.member.target.card(),
            result=report.result if report else None,
            trouble=trouble,
            exit_code=EXIT[report.result] if report else exit_code,
            folder=self.order.out.relative_to(self.shared.out).as_posix(),
            earlier=earlier,
            requests=record.requests if record else 0,
            seconds=round(record.seconds if record and earlier else time.monotonic() - begun, 3),
        )
