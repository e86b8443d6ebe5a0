"""Trying a profile: against the honest reference supplier, which must pass, and against what it should catch.

Each fault is run against the requirements whose calls could notice it; a fault that is named by the author, against all
of them. One supplier at a time, in this process; what a run leaves is read and removed before the next begins, so
that memory and disk do not grow with the number of faults.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.catalog import Catalog
from conformance.errors import Interrupted, NothingToTest, TargetError, UnknownName, UsageError
from conformance.model.base import sha256
from conformance.model.profile import Method, Profile, Requirement
from conformance.model.report import RequirementResult
from conformance.model.trial import Bite, Bites, Seen, Trial
from conformance.model.verdict import Outcome
from conformance.outside.target_file import read_target
from conformance.reference.faults.table import FAULT_NAMED, FAULTS
from conformance.reference.in_process import NEED_A_LISTENER_OF_THEIR_OWN, Suppliers
from conformance.reference.process import Options, start
from conformance.reference.worlds.table import World
from conformance.session.authoring.bites import noticing
from conformance.session.authoring.demonstrating import shows, world_for
from conformance.session.authoring.trials import Trials
from conformance.session.conduct import Order, conduct
from conformance.session.suites import profile_named
from conformance.views.progress import Progress, SilentProgress
from conformance.views.text import counted

PATIENTS = 50
TOKEN_SECONDS = 2
"""So that a token can be seen to run out."""


@dataclass(frozen=True)
class Wish:
    """What to try: a profile; of its requirements only some (ids or glob patterns), of the faults only some.

    Without `faults`, all that the requirements could notice by their calls. `fresh` forgets what was tried before.
    """

    profile: str
    only: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    fresh: bool = False


def try_profile(wish: Wish, catalog: Catalog, progress: Progress) -> Bites:
    """What the profile makes of the honest supplier and of the faults.

    Raises ProfileError and UsageError for what the author can mend, and NothingToTest where it has no test at all.
    """
    profile = profile_named(wish.profile, catalog)
    testable = _testable(profile, wish.only)
    world = world_for(profile.requirements)
    against = _against(testable, wish.faults, world)
    today = dt.datetime.now(dt.UTC).date()
    trials = Trials(profile, [sorted(r.id for r in testable), list(wish.packages), bool(wish.faults)], today)
    kept = () if wish.fresh else tuple(trials.kept())
    trials.begin(kept)
    done = {trial.fault: trial for trial in kept}
    wanted = {"": [r.id for r in testable]} | against
    progress.phase(f"Trying {profile.label} on the reference supplier", len(wanted))
    with tempfile.TemporaryDirectory(prefix="conformance-try-") as folder:
        bench = _Bench(wish, world, catalog, today, Path(folder))
        try:
            for fault, only in wanted.items():
                if fault not in done:
                    done[fault] = bench.trial(fault, only)
                    trials.add(done[fault])
                progress.step(fault or "the honest supplier")
                progress.note(_told(done[fault], done[""]))
        except (Interrupted, KeyboardInterrupt) as error:
            raise Interrupted(
                f"interrupted; {counted(len(done), 'finished trial')} kept",
                hint="Give the same command again to go on with the rest.",
            ) from error
        finally:
            bench.stop()
    return _bites(profile, testable, against, done)


def _testable(profile: Profile, only: tuple[str, ...]) -> list[Requirement]:
    found = [r for r in profile.requirements if r.tests and r.method is not Method.OUT_OF_SCOPE]
    if not found:
        raise NothingToTest(f"{profile.label} has no test: there is nothing to try")
    for pattern in only:
        if not any(fnmatchcase(r.id, pattern) for r in found):
            raise UnknownName("requirement with a test", pattern, [r.id for r in found])
    return [r for r in found if not only or any(fnmatchcase(r.id, pattern) for pattern in only)]


def _against(testable: Iterable[Requirement], named: tuple[str, ...], world: World) -> dict[str, list[str]]:
    """The faults to run, each with the requirements to run it against; unnamed, those that show in the world."""
    requirements = list(testable)
    if named:
        for pattern in named:
            if not any(fnmatchcase(fault, pattern) for fault in FAULT_NAMED):
                raise UnknownName("fault", pattern, FAULT_NAMED)
        asked = [f for f in FAULTS if any(fnmatchcase(f.name, pattern) for pattern in named)]
        if hidden := [f.name for f in asked if not shows(f, world)]:
            raise UsageError(
                f"{', '.join(hidden)}: not to be seen on the supplier that this profile is tried on",
                hint="conformance faults list --profile NAME lists the faults that belong to a profile.",
            )
        chosen = [f.name for f in asked]
        return {fault: [r.id for r in requirements] for fault in chosen}
    could = {r.id: noticing(r) for r in requirements}
    found = {
        f.name: [id_ for id_, faults in could.items() if f.name in faults] for f in FAULTS if shows(f, world)
    }
    return {fault: ids for fault, ids in found.items() if ids}


class _Bench:
    """Suppliers at hand, one at a time, and the runs against them."""

    def __init__(self, wish: Wish, world: World, catalog: Catalog, today: dt.date, folder: Path) -> None:
        self._wish = wish
        self._world = world
        self._catalog = catalog
        self._today = today
        self._folder = folder
        self._suppliers: Suppliers | None = None

    def trial(self, fault: str, only: list[str]) -> Trial:
        """What these requirements come to against a supplier with this fault, or the honest one."""
        options = Options(
            fault=fault or None,
            world=self._world.name,
            as_of=self._today,
            token_seconds=TOKEN_SECONDS,
            patients=PATIENTS,
        )
        if fault in NEED_A_LISTENER_OF_THEIR_OWN:
            with start(options) as supplier:
                return self._trial(fault, only, supplier.target_file)
        if self._suppliers is None:
            self._suppliers = Suppliers(self._folder, options)
        with self._suppliers.serving(self._world, fault=fault or None) as target_file:
            return self._trial(fault, only, target_file)

    def stop(self) -> None:
        """End the listener."""
        if self._suppliers is not None:
            self._suppliers.stop()

    def _trial(self, fault: str, only: list[str], target_file: Path) -> Trial:
        out = self._folder / "run"
        order = Order(
            profile=self._wish.profile,
            target=read_target(target_file),
            folder=target_file.parent,
            out=out,
            as_of=self._today,
            only=tuple(only),
            packages=self._wish.packages,
        )
        try:
            report = conduct(order, self._catalog, SilentProgress()).report
        except TargetError as error:
            return Trial(fault=fault, broken=error.message)
        finally:
            shutil.rmtree(out, ignore_errors=True)
        return Trial(fault=fault, seen={r.id: _seen(r) for r in report.requirements if r.id in set(only)})


def _seen(result: RequirementResult) -> Seen:
    findings = [finding for verdict in result.verdicts for finding in verdict.findings]
    said = findings[0] if result.outcome is Outcome.FAIL and findings else result.because
    return Seen(outcome=result.outcome, said=said)


def _caught(trial: Trial, honest: Trial) -> list[str]:
    """The requirements that fail for a fault, and not for the honest supplier."""
    fine = {id_ for id_, seen in honest.seen.items() if seen.outcome is not Outcome.FAIL}
    return [id_ for id_, seen in trial.seen.items() if seen.outcome is Outcome.FAIL and id_ in fine]


def _told(trial: Trial, honest: Trial) -> str:
    if not trial.fault:
        failed = [id_ for id_, seen in trial.seen.items() if seen.outcome is Outcome.FAIL]
        return f"honest: {'FALSE ALARM by ' + ', '.join(failed) if failed else 'nothing fails'}"
    if trial.broken:
        return f"{trial.fault}: could not be run: {trial.broken}"
    caught = _caught(trial, honest)
    return f"{trial.fault}: {'caught by ' + ', '.join(caught) if caught else 'not noticed'}"


def _bites(
    profile: Profile, testable: list[Requirement], against: dict[str, list[str]], done: dict[str, Trial]
) -> Bites:
    honest = done[""]
    if honest.broken:
        raise UsageError(f"the honest reference supplier could not be tested: {honest.broken}")
    caught = {fault: _caught(done[fault], honest) for fault in against}
    missed = [fault for fault in against if not caught[fault] and not done[fault].broken]
    return Bites(
        profile=profile.label,
        sha256=sha256(profile.canonical()),
        requirements=tuple(
            Bite(
                id=r.id,
                level=r.level,
                method=r.method,
                text=r.text,
                honest=honest.seen[r.id],
                tried=tuple(fault for fault, ids in against.items() if r.id in ids),
                caught=tuple(fault for fault, ids in caught.items() if r.id in ids),
            )
            for r in testable
        ),
        unnoticed={fault: FAULT_NAMED[fault].summary for fault in missed},
        broken={fault: done[fault].broken for fault in against if done[fault].broken},
        run=len(against),
    )
