"""What to rehearse, and what is done so far: kept in a private work area, so that a drill that broke off goes on."""

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conformance.analysis.exit_cost import Scenario
from conformance.errors import Unreadable, UsageError
from conformance.model.dsse import Signer
from conformance.model.target import Target
from conformance.outside import private_files
from conformance.outside.places import private_area
from conformance.session.area import WorkArea

STATE = "state.json"


@dataclass(frozen=True)
class Rehearsing:
    """What to rehearse: `folder` is the target file's; `agreed` is asked once it is known how much there is.

    `ignore` are the element paths that may differ, by the profile `ignored_by`. `scenario` is how the buyer leaves;
    its volume and number of records are those that are measured.
    """

    target: Target
    folder: Path
    out: Path
    agreed: Callable[[str], bool]
    tell: Callable[[str], None]
    resume: bool = False
    signer: Signer | None = None
    ignore: tuple[str, ...] = ()
    ignored_by: str = ""
    scenario: Scenario = field(default_factory=Scenario)


@dataclass
class Done:
    """What is done so far. `job` is the export's status URL, which may be as good as a password: private."""

    started: str = ""
    endpoint: str = ""
    resumed: int = 0
    estimate: str = ""
    expected: dict[str, int | None] = field(default_factory=dict)
    job: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


class Notebook:
    """The private work area of a rehearsal, with what is done so far in it."""

    def __init__(self, order: Rehearsing) -> None:
        """Raises UsageError and Unreadable."""
        self.area = WorkArea(_area_name(order.out))
        self.done = self._gone_on_with(order) if order.resume else self._begun(order)

    @property
    def exported(self) -> Path:
        """Where the exported files are, as long as they are needed."""
        folder = self.area.path / "export"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def keep(self) -> None:
        """Write down what is done so far."""
        private_files.replace(self.area.path / STATE, json.dumps(vars(self.done)).encode())

    def timed(self, stage: str) -> "_Timed":
        """A context in which a stage is timed; its seconds are added to those of earlier tries."""
        return _Timed(self, stage)

    def _begun(self, order: Rehearsing) -> Done:
        if (self.area.path / STATE).exists():
            raise UsageError(
                f"a rehearsal into {order.out} broke off",
                hint="Go on with it by --resume, which also removes what it left elsewhere, or name another --out.",
            )
        if order.out.exists() and (not order.out.is_dir() or any(order.out.iterdir())):
            raise UsageError(
                f"{order.out} is not empty", hint="Name a new folder with --out, or go on with --resume."
            )
        order.out.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Done(started=now(), endpoint=order.target.endpoint)

    def _gone_on_with(self, order: Rehearsing) -> Done:
        done = _kept(self.area.path)
        if done is None:
            raise Unreadable(
                f"there is no rehearsal into {order.out} that broke off",
                hint="Begin one without --resume. What a rehearsal needs to go on is kept for the user who began it.",
            )
        if done.endpoint != order.target.endpoint:
            raise UsageError(f"the rehearsal that broke off was of {done.endpoint}, not of this target")
        done.resumed += 1
        return done


@dataclass(frozen=True)
class Left:
    """What a rehearsal that broke off left behind: its work area, and what was done."""

    area: WorkArea
    done: Done


def left_of(out: Path) -> Left | None:
    """What this user's rehearsal into that folder left behind; None where there is none that broke off."""
    done = _kept(private_area(_area_name(out)))
    return None if done is None else Left(WorkArea(_area_name(out)), done)


def _area_name(out: Path) -> str:
    name = hashlib.sha256(str(out.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return f"rehearsal-{name[:24]}"


def _kept(area: Path) -> Done | None:
    try:
        return Done(**json.loads((area / STATE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


class _Timed:
    def __init__(self, notebook: Notebook, stage: str) -> None:
        self._notebook, self._stage = notebook, stage

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        seconds = self._notebook.done.seconds
        seconds[self._stage] = round(seconds.get(self._stage, 0.0) + time.monotonic() - self._since, 3)
        self._notebook.keep()


def now() -> str:
    """The instant, in UTC, as it stands in reports."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
