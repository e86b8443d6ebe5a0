"""A run's folder: self-contained, appended to as things happen, recognisable when the run broke off.

```
suite.json        the bound suite
evidence.jsonl    a header, one line for each finished step, a footer; no footer means a broken run
bodies/           bodies by digest, compressed
report.json       the report's content
run.json          who ran it, when, with what
report.dsse.json  the signed statement, if the run was signed
views/            the report as people and other tools read it, unsigned
```
"""

import contextlib
import hashlib
import json
import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

from pydantic import ValidationError

from conformance.errors import HarnessError, Unreadable, UsageError
from conformance.model.base import Noun, compact
from conformance.model.evidence import StepEvidence
from conformance.model.report import Report, RunRecord, Waiver
from conformance.model.suite import BoundSuite
from conformance.model.waivers import SIGNED_WAIVERS_FILE, WAIVERS_FILE, NotWaivers, read_waivers
from conformance.outside.kept_bodies import KeptBodies

N = TypeVar("N", bound=Noun)
Gate = Callable[[bytes, str], None]
"""Searches bytes that are about to be written for secrets; raises LeakFound."""

EVIDENCE_FORMAT = "1"
SUITE, EVIDENCE, REPORT, RECORD = "suite.json", "evidence.jsonl", "report.json", "run.json"
ENVELOPE, VIEWS, BODIES = "report.dsse.json", "views", "bodies"
BUNDLE_SUFFIX = ".conformance.zip"


class RunFolder:
    """The folder of one run. Whatever is written passes the gate first."""

    def __init__(self, path: Path, gate: Gate = lambda _data, _where: None) -> None:
        self.path = path
        self.bodies = KeptBodies(path / BODIES)
        self._gate = gate

    @classmethod
    def create(cls, path: Path, gate: Gate) -> "RunFolder":
        """A new folder. Raises UsageError if there is something already, or it cannot be made.

        What a run left that could not begin, because the target gave no answer to work with, makes room.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            names = {entry.name for entry in path.iterdir()}
            if EVIDENCE in names and names <= {EVIDENCE, BODIES}:
                cls(path, gate).clear()
            occupied = any(path.iterdir())
            if not occupied:
                with TemporaryFile(dir=path):
                    pass  # a folder that cannot be written to is better known now
        except OSError as error:
            raise UsageError(
                f"the folder {path} cannot be made or written to: {error.strerror}",
                hint="Name another one with --out.",
            ) from error
        if occupied:
            raise UsageError(
                f"the folder {path} is not empty",
                hint="Name another one with --out; to go on with a broken run, use `conformance run --resume`.",
            )
        return cls(path, gate)

    def clear(self) -> None:
        """Remove evidence and bodies."""
        (self.path / EVIDENCE).unlink(missing_ok=True)
        shutil.rmtree(self.bodies.folder, ignore_errors=True)

    def discard(self) -> None:
        """Remove what a run that never came to anything wrote, and the folder, if nothing else is in it."""
        self.clear()
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def tidy(self) -> None:
        """Remove the half-written files of a run that was killed. Nobody may be writing here."""
        for part in (
            *self.path.glob(".*.part"),
            *self.path.glob("views/.*.part"),
            *self.bodies.folder.glob(".*.part"),
        ):
            part.unlink(missing_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole: aside first, then renamed into its place."""
        self._gate(data, name)
        aside = (self.path / name).with_name(f".{Path(name).name}.part")
        try:
            if aside.parent != self.path:
                aside.parent.mkdir(exist_ok=True)
            aside.write_bytes(data)
            aside.replace(self.path / name)
        except OSError as error:
            raise _unwritable(self.path / name, error) from error

    def evidence(self) -> "EvidenceLog":
        """The evidence, opened for adding to it; a torn last line is dropped."""
        return EvidenceLog(self.path / EVIDENCE, self._gate)

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return (self.path / name).is_file()

    def suite(self) -> BoundSuite:
        """The bound suite. Raises Unreadable."""
        return self._noun(SUITE, BoundSuite)

    def report(self) -> Report:
        """The report's content. Raises Unreadable."""
        return self._noun(REPORT, Report)

    def record(self) -> RunRecord:
        """The circumstances of the run. Raises Unreadable."""
        return self._noun(RECORD, RunRecord)

    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers that were given to the run. Raises Unreadable."""
        there = [name for name in (WAIVERS_FILE, SIGNED_WAIVERS_FILE) if self.has(name)]
        if len(there) > 1:
            raise Unreadable(f"{self.path} has {there[0]} and {there[1]}: only one of them can hold")
        try:
            return read_waivers(there[0], self.read(there[0])).waivers if there else ()
        except NotWaivers as error:
            raise Unreadable(f"{self.path / there[0]} holds no waivers: {error}") from None

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises Unreadable."""
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise Unreadable(
                f"{self.path} has no readable {name}", hint="Is it the folder of a run that came to its end?"
            ) from error

    def finished_steps(self) -> Iterator[StepEvidence]:
        """The evidence of a run that came to its end. Raises Unreadable where it is broken or was changed."""
        data = self.read(EVIDENCE)
        lines = _lines(data)
        if not lines or not data.endswith(b"\n") or not _is_footer(lines[-1], lines[:-1]):
            raise Unreadable(
                f"{self.path / EVIDENCE} has no footer: the run broke off, or the file was cut",
                hint=f"Go on with it: conformance run --resume {shlex.quote(str(self.path))} --target FILE",
            )
        _refuse_other_format(lines[0], self.path / EVIDENCE)
        for number, line in enumerate(lines[1:-1], 2):
            yield _step(line, self.path / EVIDENCE, number).connected(self.bodies.read)

    def _noun(self, name: str, kind: type[N]) -> N:
        data = self.read(name)
        try:
            return kind.read(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Unreadable(f"{self.path / name} cannot be read: {where}: {first['msg']}") from None


class EvidenceLog:
    """The lines of evidence of one run, added to as steps end.

    `recovered` is what was there before, by step; `done` names all steps that are there now. What is added is not
    held, so that memory does not grow with the run.
    """

    def __init__(self, path: Path, gate: Gate) -> None:
        self.path = path
        self._gate = gate
        self.recovered = self._recover()
        self.done = set(self.recovered)
        try:
            self._stream = path.open("ab")
        except OSError as error:
            raise _unwritable(path, error) from error
        if path.stat().st_size == 0:
            self._write({"format": EVIDENCE_FORMAT})

    def add(self, evidence: StepEvidence) -> None:
        """Keep the evidence of a step that came to its end."""
        self._write(evidence.plain())
        self.done.add(evidence.step)

    def close(self) -> None:
        """Add the footer: all that was to be done was done."""
        self._stream.flush()
        with self.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        self._write({"end": True, "lines": len(self.done) + 1, "sha256": digest})
        os.fsync(self._stream.fileno())
        self._stream.close()

    def abandon(self) -> None:
        """Leave the evidence without a footer, so that it is known to be broken."""
        self._stream.close()

    def _write(self, value: dict[str, object]) -> None:
        line = compact(value) + b"\n"
        self._gate(line, self.path.name)
        try:
            self._stream.write(line)
            self._stream.flush()
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def _recover(self) -> dict[str, StepEvidence]:
        if not self.path.exists():
            return {}
        data = self.path.read_bytes()
        lines = _lines(data[: data.rfind(b"\n") + 1])
        if lines and _is_footer(lines[-1], lines[:-1]):
            lines.pop()
        if lines:
            _refuse_other_format(lines[0], self.path)
        steps = [_step(line, self.path, number) for number, line in enumerate(lines[1:], 2)]
        whole = sum(map(len, lines))
        if whole != len(data):
            try:
                os.truncate(self.path, whole)  # what is whole is never written anew: that could fail half-way
            except OSError as error:
                raise _unwritable(self.path, error) from error
        return {step.step: step for step in steps}


def _lines(data: bytes) -> list[bytes]:
    return [line + b"\n" for line in data.split(b"\n")[:-1]]


def _refuse_other_format(header: bytes, path: Path) -> None:
    try:
        value = json.loads(header)
    except ValueError:
        value = None
    if value != {"format": EVIDENCE_FORMAT}:
        raise Unreadable(
            f"line 1 of {path} does not say that this is evidence of format {EVIDENCE_FORMAT}",
            hint="Was the run made with another version of the harness, or the file changed?",
        )


def _unwritable(path: Path, error: OSError) -> HarnessError:
    return HarnessError(
        f"{path} cannot be written: {error.strerror}",
        hint="Make room or permit writing there; `conformance run --resume` goes on with the run.",
    )


def _step(line: bytes, path: Path, number: int) -> StepEvidence:
    try:
        return StepEvidence.read(line)
    except ValidationError:
        raise Unreadable(
            f"line {number} of {path} is no evidence: the file was damaged or changed",
            hint="Restore the folder from where you got it, or run the test again.",
        ) from None


def _is_footer(line: bytes, before: list[bytes]) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    digest = hashlib.sha256(b"".join(before)).hexdigest()
    return isinstance(value, dict) and value.get("end") is True and value.get("sha256") == digest
