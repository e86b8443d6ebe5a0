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
from conformance.model.dsse import read_envelope
from conformance.model.names import is_view
from conformance.model.register import MOST_TOLD, Entry, ProfileStanding, Refusal
from conformance.model.trust import Trust
from conformance.model.verdict import Outcome
from conformance.outside.archives import opened
from conformance.outside.register_files import file_digest
from conformance.session.verifying import FolderFiles, check

ASKED = Expectations(require="authentic")
PROFILE_STEP, TIMES = "profile release", "times"


@dataclass(frozen=True)
class Task:
    """A run to verify. `place` is how it is called in the register, `digest` what its bytes were when it was found."""

    path: Path
    place: str
    digest: str
    trust: Trust
    now: dt.datetime
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entered:
    """What a verified run says, and the envelope in which it was signed."""

    entry: Entry
    envelope: bytes


def digest_of_run(path: Path) -> str:
    """A digest over all of a run that its verification depends on. Raises Unreadable."""
    if not path.is_dir():
        return file_digest(path)
    files = FolderFiles(path)
    lines = [f"{name}\0{files.digest(name)}" for name in sorted(files.names()) if not is_view(name)]
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass"))


def enter(task: Task) -> Entered | Refusal:
    """Verify a run and say what it comes to. It is refused where it changes while it is looked at."""
    try:
        with opened(task.path) as place:
            found = check(place, task.trust, task.now, ASKED, _catalog(), task.packages)
            envelope = (place / ENVELOPE_FILE).read_bytes() if found.verified else b""
        if digest_of_run(task.path) != task.digest:
            raise Unreadable("it changed while it was being verified")
    except ConformanceError as error:
        return Refusal(place=task.place, why=_without(error.message, task))
    if found.verified is None or (why := _against(found)):
        return Refusal(place=task.place, why=_without(why if found.verified else _reasons(found), task))
    return Entered(_entry(found, envelope, task.place), envelope)


@cache
def _catalog() -> Catalog:
    return built_in()


def _without(why: str, task: Task) -> str:
    """The reason without where the files lie on this machine."""
    return why.replace(f"{task.path}", task.place)


def _against(found: Verification) -> str:
    """What keeps an authentic report out, other than that its time is over: such as an altered profile."""
    return "; ".join(
        f"{step.name}: {step.detail}"
        for step in found.steps
        if step.outcome is StepOutcome.FAIL
        and not (step.name == TIMES and step.exit_code == EXIT_DEMANDS_NOT_MET)
    )


def _reasons(found: Verification) -> str:
    return _against(found) or "its verdicts were not borne out here"


def _entry(found: Verification, envelope: bytes, place: str) -> Entry:
    verified = found.verified
    assert verified is not None, "whoever calls this has made sure"
    stated = verified.predicate
    binding = [line for line in stated.requirements if line.level.binding and not line.advisory]
    failing = [line.id for line in binding if line.outcome is Outcome.FAIL]
    return Entry(
        id=sha256(envelope),
        place=place,
        report_digest=stated.report_digest,
        statement_digest=sha256(read_envelope(envelope).content),
        target=stated.target,
        profile=stated.profile,
        profile_standing=_profile_standing(found),
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
        tool=f"{stated.tool.name} {stated.tool.version}",
        judged=found.judged,
        on_word=found.on_word,
        by_plugins=found.by_plugins,
        by_packages=found.by_packages,
    )


def _profile_standing(found: Verification) -> ProfileStanding:
    step = next((step for step in found.steps if step.name == PROFILE_STEP), None)
    if step is not None and step.outcome is StepOutcome.OK:
        return ProfileStanding.PUBLISHED
    if step is not None and step.outcome is StepOutcome.WARN:
        return ProfileStanding.OTHER_VERSION
    return ProfileStanding.UNKNOWN


def still_believed(entry: Entry, trust: Trust, now: dt.datetime) -> bool:
    """Whether the keys that signed count today as they did when the run was verified; bytes and tool are the same."""
    finished = dt.datetime.fromisoformat(entry.finished_at)
    keys = [trust.key(signer.keyid) for signer in entry.signers]
    return all(key is not None and not key.objection(finished, now, entry.target) for key in keys)
