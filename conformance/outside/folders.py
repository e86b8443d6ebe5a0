"""A run's folder: self-contained, appended to as things happen, recognisable when the run broke off."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

from conformance.errors import UsageError
from conformance.model.base import compact
from conformance.model.evidence import StepEvidence
from conformance.outside.kept_bodies import KeptBodies
from conformance.outside.run_files import BUNDLE_SUFFIX, InFolder, Steady
from conformance.outside.stored_run import (
    BODIES,
    ENVELOPE,
    EVIDENCE,
    EVIDENCE_FORMAT,
    RECORD,
    REPORT,
    SUITE,
    VIEWS,
    StoredRun,
    is_footer,
    refuse_other_format,
    split,
    step,
)
from conformance.outside.whole_files import write_whole, written_to

__all__ = [
    "BODIES",
    "BUNDLE_SUFFIX",
    "ENVELOPE",
    "EVIDENCE",
    "RECORD",
    "REPORT",
    "SUITE",
    "VIEWS",
    "EvidenceLog",
    "Gate",
    "RunFolder",
]

HALF_SUITE = f".{SUITE}.part"
"""What a run leaves that was killed while it wrote its suite."""

Gate = Callable[[bytes, str], None]
"""Searches bytes that are about to be written for secrets; raises LeakFound."""


class RunFolder(StoredRun):
    """The folder of one run. Whatever is written passes the gate first."""

    def __init__(self, path: Path, gate: Gate = lambda _data, _where: None) -> None:
        super().__init__(path, Steady(InFolder(path)))
        self.bodies: KeptBodies = KeptBodies(path / BODIES)
        self._gate = gate

    @classmethod
    def create(cls, path: Path, gate: Gate) -> "RunFolder":
        """A new folder. Raises UsageError if there is something already, or it cannot be made.

        What a run left that could not begin, because the target gave no answer to work with, makes room.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            names = {entry.name for entry in path.iterdir()}
            if EVIDENCE in names and names <= {EVIDENCE, BODIES, HALF_SUITE}:
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
        """Remove evidence and bodies, and a suite that was half written."""
        (self.path / EVIDENCE).unlink(missing_ok=True)
        (self.path / HALF_SUITE).unlink(missing_ok=True)
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
        """Write a file whole or not at all. Raises HarnessError."""
        self._gate(data, name)
        path = self.path / name
        with written_to(path):
            if path.parent != self.path:
                path.parent.mkdir(exist_ok=True)
            write_whole(path, data)

    def evidence(self) -> "EvidenceLog":
        """The evidence, opened for adding to it; a torn last line is dropped."""
        return EvidenceLog(self.path / EVIDENCE, self._gate)


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
        with written_to(path):
            self._stream = path.open("ab")
        if path.stat().st_size == 0:
            self._write({"format": EVIDENCE_FORMAT})

    def add(self, evidence: StepEvidence) -> None:
        """Keep the evidence of a step that came to its end."""
        self._write(evidence.plain())
        self.done.add(evidence.step)

    def close(self) -> None:
        """Add the footer: all that was to be done was done."""
        with self.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        self._write({"end": True, "lines": len(self.done) + 1, "sha256": digest})
        with written_to(self.path):
            os.fsync(self._stream.fileno())
            self._stream.close()

    def abandon(self) -> None:
        """Leave the evidence without a footer, so that it is known to be broken.

        What a full disk did not take is dropped: its step is carried out again.
        """
        with contextlib.suppress(OSError):
            self._stream.close()

    def _write(self, value: dict[str, object]) -> None:
        line = compact(value) + b"\n"
        self._gate(line, self.path.name)
        with written_to(self.path):
            self._stream.write(line)
            self._stream.flush()

    def _recover(self) -> dict[str, StepEvidence]:
        if not self.path.exists():
            return {}
        data = self.path.read_bytes()
        lines = split(data[: data.rfind(b"\n") + 1])
        if lines and is_footer(lines[-1], b"".join(lines[:-1])):
            lines.pop()
        if lines:
            refuse_other_format(lines[0], self.path)
        steps = [step(line, self.path, number) for number, line in enumerate(lines[1:], 2)]
        whole = sum(map(len, lines))
        if whole != len(data):
            with written_to(self.path):
                os.truncate(self.path, whole)  # what is whole is never written anew: that could fail half-way
        return {step.step: step for step in steps}
