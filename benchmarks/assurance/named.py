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
from conformance.reference.fault import Fault
from conformance.reference.faults import FAULTS
from conformance.reference.process import Options, start

FAULT = "fault"
TOKEN_SECONDS = 2
LISTENER_OF_THEIR_OWN = frozenset({"export-files-over-http", "old-tls-spoken", "certificate-runs-out"})
"""Faults of the listener itself, which need a process with one of its own."""
OF_A_GUIDE = "uk-core-patient-access"
"""A profile that needs a guide's package; the tests have a stand-in for it."""


def try_faults(faults: Sequence[Fault], work: Work, tell: Any = print) -> None:
    """Run each fault that the work file does not have against the requirement that it names."""
    done = work.of(FAULT)
    left = [one for one in faults if one.name not in done]
    with supplier() as here:
        packages = (str(_stand_in(here.folder)),)
        for number, one in enumerate(left, 1):
            with _with_fault(one, here) as target:
                made = attempt(
                    target,
                    one.profile,
                    only=(one.requirement,),
                    packages=packages if one.profile == OF_A_GUIDE else (),
                )
            result = _result(one, made)
            work.add(FAULT, one.name, result)
            tell(f"{number}/{len(left)} {one.name}: {result['fate']}")


def every() -> tuple[Fault, ...]:
    """All named faults."""
    return tuple(FAULTS)


@contextmanager
def _with_fault(one: Fault, here: Supplier) -> Iterator[Path]:
    if one.name in LISTENER_OF_THEIR_OWN:
        with start(Options(fault=one.name, patients=PATIENTS)) as process:
            yield process.target_file
        return
    with here.behind(None, fault=one.name, token_seconds=TOKEN_SECONDS) as (target, _):
        yield target


def _result(one: Fault, made: Attempt) -> Result:
    caught = sorted(name for name, (_, outcome) in made.outcomes.items() if outcome == "fail")
    return {
        "profile": one.profile,
        "level": one.level,
        "says": one.summary,
        "named": one.requirement,
        "caughtBy": caught,
        "fate": "killed" if one.requirement in caught else "survived",
        "seconds": made.seconds,
    }


def _stand_in(folder: Path) -> Path:
    """The package of the guide that the tests use in the place of UK Core."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
    from uk_stand_in import stand_in  # noqa: PLC0415 - of the tests, which are no package

    return Path(stand_in(Path(tempfile.mkdtemp(dir=folder))))
