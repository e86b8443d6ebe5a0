"""From pytest's options to a run: the target, the order, and one run for all workers of pytest-xdist."""

import datetime as dt
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import ConformanceError, UsageError
from conformance.model.report import Report, Runner, RunnerRole
from conformance.model.target import Target
from conformance.outside.folders import RunFolder
from conformance.outside.in_process import InProcess, in_process
from conformance.outside.target_file import read_target, target_at

if TYPE_CHECKING:
    from conformance.session.conduct import Finished, Order

__all__ = ["Tester", "in_process"]

SELF_TEST = Runner(role=RunnerRole.SUPPLIER, name="pytest")
VIEWS = ("html", "md", "junit")
WAIT = 24 * 3600
"""Seconds that a worker waits for the run of another."""


@dataclass(frozen=True)
class Reached:
    """A target, the folder to which its paths are relative, and the transport to it where it is in this process."""

    target: Target
    folder: Path
    transport: Any = None


def named_target(config: pytest.Config) -> object:
    """The target that an option or the hook names. Raises UsageError."""
    if url := config.getoption("conformance_url"):
        return target_at(url)
    if file := config.getoption("conformance_target"):
        return Path(config.invocation_params.dir, file)
    found: object = config.hook.pytest_conformance_target(config=config)
    if found is None:
        raise UsageError(
            "which target? Give --conformance-url or --conformance-target",
            hint="For an application in this process: pytest_conformance_target in conftest.py (docs/ci.md).",
        )
    return found


def reached(given: object) -> Reached:
    """What was given as a target, made ready: a target, a target file, a URL, or an application in this process."""
    match given:
        case InProcess():
            return Reached(given.target, Path.cwd(), given.transport)
        case Target():
            return Reached(given, Path.cwd())
        case Path():
            return Reached(read_target(given), given.resolve().parent)
        case str():
            return Reached(target_at(given), Path.cwd())
    if callable(given):
        return reached(in_process(given))
    raise UsageError(f"{given!r} is no target", hint="docs/ci.md shows what a target can be.")


def ordered(  # noqa: PLR0913 - what can be asked for
    profile: str,
    given: object,
    out: Path,
    *,
    only: Sequence[str] = (),
    overrides: Mapping[str, str] | None = None,
    presets: Sequence[str] = (),
    packages: Sequence[str] = (),
    as_of: str = "",
) -> "Order":
    """The order for one run."""
    from conformance.session.conduct import Order  # noqa: PLC0415 - loaded when a run is made, not to collect

    found = reached(given)
    try:
        day = dt.date.fromisoformat(as_of) if as_of else dt.datetime.now(dt.UTC).date()
    except ValueError:
        raise UsageError(f"the day to judge by is to be as in 2026-11-22, not {as_of!r}") from None
    return Order(
        profile=profile,
        target=found.target,
        folder=found.folder,
        out=out,
        as_of=day,
        overrides=overrides or {},
        presets=tuple(presets),
        only=tuple(only),
        packages=tuple(packages),
        runner=SELF_TEST,
        views=VIEWS,
        transport=found.transport,
    )


def made(order: "Order") -> "Finished":
    """The run that was ordered. Raises ConformanceError."""
    from conformance.catalog import installed  # noqa: PLC0415 - see above
    from conformance.session.conduct import conduct  # noqa: PLC0415 - see above
    from conformance.views.progress import SilentProgress  # noqa: PLC0415 - see above

    return conduct(order, installed(), SilentProgress())


@dataclass(frozen=True)
class Tester:
    """What the fixture `conformance_run` gives: call it with a profile."""

    target: object
    places: pytest.TempPathFactory

    def __call__(
        self,
        profile: str,
        *,
        only: Sequence[str] = (),
        overrides: Mapping[str, str] | None = None,
        packages: Sequence[str] = (),
        as_of: str = "",
    ) -> "Finished":
        """Test the target against a profile; `.report` says what it came to. Raises ConformanceError."""
        out = self.places.mktemp("conformance") / "run"
        order = ordered(
            profile, self.target, out, only=only, overrides=overrides, packages=packages, as_of=as_of
        )
        return made(order)


@dataclass(frozen=True)
class Came:
    """What the one run came to: its report and folder, or why there was none."""

    folder: str = ""
    trouble: str = ""
    hint: str = ""

    def report(self) -> Report:
        """The report. Raises UsageError where there is none."""
        if self.trouble:
            raise UsageError(f"nothing was tested: {self.trouble}", hint=self.hint)
        return RunFolder(Path(self.folder)).report()


class OneRun:
    """The run that all items share. With pytest-xdist, the first worker that needs it makes it and the others wait."""

    def __init__(self, config: pytest.Config, shared: Path | None) -> None:
        self._config = config
        self._shared = shared
        self._came: Came | None = None
        self._report: Report | None = None

    def report(self, only: Sequence[str]) -> tuple[Report, str]:
        """The report and the folder of the run of these cases (all, where there are none). Raises ConformanceError."""
        if self._came is None:
            self._came = self._made(only) if self._shared is None else self._together(only, self._shared)
        if self._report is None:
            self._report = self._came.report()
        return self._report, self._came.folder

    @property
    def came(self) -> Came | None:
        """What the run came to, where it was made by this process."""
        return self._came

    def _together(self, only: Sequence[str], shared: Path) -> Came:
        with closing(sqlite3.connect(shared / "lock", timeout=WAIT, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")  # the system lets go of it when a worker dies
            known = came_to(shared)
            if known is None:
                known = self._made(only)
                (shared / "came.json").write_text(json.dumps(vars(known)), "utf-8")
            return known

    def _made(self, only: Sequence[str]) -> Came:
        try:
            return Came(folder=str(made(self._order(only)).folder.path))
        except ConformanceError as error:
            return Came(trouble=error.message, hint=error.hint)

    def _order(self, only: Sequence[str]) -> "Order":
        option = self._config.getoption
        profile = option("conformance_profile")
        now = f"{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}"
        out = option("conformance_out") or self._config.rootpath / "reports" / f"{Path(profile).stem}-{now}"
        settings = [text.partition("=") for text in option("conformance_set")]
        if wrong := ["".join(parts) for parts in settings if not parts[1]]:
            raise UsageError(f"--conformance-set is to be NAME=VALUE, not {wrong[0]!r}")
        return ordered(
            profile,
            named_target(self._config),
            Path(out),
            only=only,
            overrides={name: value for name, _, value in settings},
            presets=option("conformance_preset"),
            packages=option("conformance_package"),
            as_of=option("conformance_as_of"),
        )


def came_to(shared: Path) -> Came | None:
    """What the run of the workers that share this folder came to; None where none was made yet."""
    file = shared / "came.json"
    return Came(**json.loads(file.read_text("utf-8"))) if file.is_file() else None
