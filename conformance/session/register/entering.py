"""One run that was handed in: verified, and made an entry of, or refused with the reason."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.catalog import Catalog, built_in
from conformance.errors import ConformanceError, Unreadable
from conformance.model.attestation import (
    ENVELOPE_FILE,
    EXIT_DEMANDS_NOT_MET,
    Expectations,
    StepOutcome,
    Verification,
)
from conformance.model.base import sha256
from conformance.model.dsse import MOST_BYTES, read_envelope
from conformance.model.predicate import instant
from conformance.model.register import MOST_TOLD, Entry, Refusal
from conformance.model.verdict import Outcome
from conformance.outside.register_files import file_digest
from conformance.outside.run_files import files_at
from conformance.session.verifying import Reader, check

ASKED = Expectations(require="authentic")
PROFILE, TIMES = "profile", "times"


@dataclass(frozen=True)
class Task:
    """A run to verify. `place` is how it is called in the register, `digest` what its bytes were when it was found."""

    path: Path
    place: str
    digest: str
    reader: Reader
    now: dt.datetime
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entered:
    """What a verified run says, and the envelope in which it was signed."""

    entry: Entry
    envelope: bytes


def digest_of_run(path: Path) -> str:
    """A digest over all files of a run: what its verification depends on, time stamps too, is among them.

    Raises Unreadable.
    """
    if not path.is_dir():
        return file_digest(path)
    with files_at(path) as files:
        lines = [f"{name}\0{files.digest(name)}" for name in sorted(files.names())]
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass"))


def payload_digest(path: Path) -> str:
    """The SHA-256 of what was signed, by which statements name a report; empty where there is nothing to read."""
    try:
        with files_at(path) as files:
            return sha256(read_envelope(files.read(ENVELOPE_FILE, MOST_BYTES)).content)
    except (Unreadable, ValueError):
        return ""


def enter(task: Task) -> Entered | Refusal:
    """Verify a run and say what it comes to. It is refused where it changes while it is looked at."""
    try:
        return _entered(task)
    except ConformanceError as error:
        return Refusal(place=task.place, why=_without(error.message, task))
    except Exception as error:  # noqa: BLE001 - what one supplier handed in must not keep all others out
        told = f"the harness failed on it, which is a fault of the harness: {type(error).__name__}: {error}"
        return Refusal(place=task.place, why=_without(told, task))


def _entered(task: Task) -> Entered | Refusal:
    found = check(task.path, task.reader, task.now, ASKED, _catalog(), task.packages)
    if found.verified is None or (why := _against(found, task.now)):
        return Refusal(place=task.place, why=_without(why if found.verified else _reasons(found, task), task))
    with files_at(task.path) as files:
        envelope = files.read(ENVELOPE_FILE, MOST_BYTES)
    if digest_of_run(task.path) != task.digest:
        raise Unreadable("it changed while it was being verified")
    return Entered(_entry(found, envelope, task.place), envelope)


@cache
def _catalog() -> Catalog:
    return built_in()


def _without(why: str, task: Task) -> str:
    """The reason without where the files lie on this machine."""
    return why.replace(f"{task.path}", task.place)


def _against(found: Verification, now: dt.datetime) -> str:
    """What keeps an authentic report out, other than that it has expired: such as an altered profile."""
    until = found.verified.predicate.valid_until if found.verified else ""
    expired = bool(until) and instant(until) < now
    return "; ".join(
        f"{step.name}: {step.detail}"
        for step in found.steps
        if step.outcome is StepOutcome.FAIL
        and not (expired and step.name == TIMES and step.exit_code == EXIT_DEMANDS_NOT_MET)
    )


def _reasons(found: Verification, task: Task) -> str:
    return _against(found, task.now) or "its verdicts were not borne out here"


def _entry(found: Verification, envelope: bytes, place: str) -> Entry:
    verified = found.verified
    assert verified is not None, "whoever calls this has made sure"
    stated = verified.predicate
    binding = [line for line in stated.requirements if line.level.binding and not line.advisory]
    failing = [line.id for line in binding if line.outcome is Outcome.FAIL]
    doubts = [
        step.detail for step in found.steps if step.name == PROFILE and step.outcome is not StepOutcome.OK
    ]
    return Entry(
        id=sha256(envelope),
        payload=sha256(read_envelope(envelope).content),
        place=place,
        target=stated.target,
        profile=stated.profile,
        profile_doubt="; ".join(doubts),
        result=stated.result,
        methods={verdict.method: verdict.result for verdict in stated.methods},
        failing=tuple(failing[:MOST_TOLD]),
        failures=len(failing),
        warnings=sum(requirement.warning for requirement in verified.report.requirements),
        overrides=stated.overrides,
        as_of=stated.as_of,
        finished_at=stated.finished_at,
        valid_until=stated.valid_until,
        runner=stated.runner,
        signers=verified.signers,
        beside=found.beside,
        tool=f"{stated.tool.name} {stated.tool.version}",
        judged=found.judged,
        on_word=found.on_word,
        by_plugins=found.by_plugins,
        by_packages=found.by_packages,
    )
