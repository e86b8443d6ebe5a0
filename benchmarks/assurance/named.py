"""The named faults of the reference supplier, each with what caught it."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.assurance.outcomes import Attempt, attempt
from benchmarks.assurance.supplier import Supplier
from benchmarks.assurance.trying import PATIENTS, supplier
from benchmarks.assurance.work import Result, Work
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.table import FAULTS
from conformance.reference.in_process import NEED_A_LISTENER_OF_THEIR_OWN
from conformance.reference.process import Options, start
from conformance.reference.worlds.table import world_of

FAULT = "fault"
TOKEN_SECONDS = 2
UK, GP_CONNECT = "uk-core-patient-access", "gp-connect-like"
"""Profiles that need a guide's package; the tests have stand-ins for them."""


def try_faults(faults: Sequence[Fault], work: Work, tell: Any = print) -> None:
    """Run each fault that the work file does not have against the requirement that it names.

    What fails the honest supplier too has caught nothing.
    """
    done = work.of(FAULT)
    left = [one for one in faults if one.name not in done]
    with supplier() as here:
        packages = _stand_ins(here.folder)
        alarms: dict[str, set[str]] = {}
        for number, one in enumerate(left, 1):
            if one.profile not in alarms:
                with here.behind(None, world_of(one.profile), token_seconds=TOKEN_SECONDS) as (target, _):
                    alarms[one.profile] = _failed(
                        attempt(target, one.profile, packages=packages.get(one.profile, ()))
                    )
            with _with_fault(one, here) as target:
                made = attempt(
                    target, one.profile, only=(one.requirement,), packages=packages.get(one.profile, ())
                )
            result = _result(one, made, alarms[one.profile])
            work.add(FAULT, one.name, result)
            tell(f"{number}/{len(left)} {one.name}: {result['fate']}")


def every() -> tuple[Fault, ...]:
    """All named faults."""
    return tuple(FAULTS)


@contextmanager
def _with_fault(one: Fault, here: Supplier) -> Iterator[Path]:
    if one.name in NEED_A_LISTENER_OF_THEIR_OWN:
        with start(Options(fault=one.name, patients=PATIENTS)) as process:
            yield process.target_file
        return
    with here.behind(None, world_of(one.profile), fault=one.name, token_seconds=TOKEN_SECONDS) as (target, _):
        yield target


def _failed(made: Attempt) -> set[str]:
    return {name for name, (_, outcome) in made.outcomes.items() if outcome == "fail"}


def _result(one: Fault, made: Attempt, alarms: set[str]) -> Result:
    caught = sorted(_failed(made) - alarms)
    return {
        "profile": one.profile,
        "level": one.level,
        "says": one.summary,
        "named": one.requirement,
        "caughtBy": caught,
        "fate": "killed" if one.requirement in caught else "survived",
        "seconds": made.seconds,
    }


def _stand_ins(folder: Path) -> dict[str, tuple[str, ...]]:
    """What the tests use in the place of the packages of guides."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
    import stu3_stand_in  # noqa: PLC0415 - of the tests, which are no package
    import uk_stand_in  # noqa: PLC0415 - the same

    uk, stu3 = (Path(tempfile.mkdtemp(dir=folder)) for _ in range(2))
    return {UK: (str(uk_stand_in.stand_in(uk)),), GP_CONNECT: stu3_stand_in.stand_in(stu3)}
