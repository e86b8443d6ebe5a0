"""What a run left, read from a folder or from a bundle: nouns, evidence, bodies.

```
suite.json        the bound suite
evidence.jsonl    a header, one line for each finished step, a footer; no footer means a broken run
bodies/           bodies by digest, compressed
waivers.json      what was accepted beforehand, if anything; waivers.dsse.json where that was signed
report.json       the report's content
run.json          who ran it, when, with what
report.dsse.json  the signed statement, if the run was signed
views/            the report as people and other tools read it, unsigned
```
"""

import hashlib
import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import ValidationError

from conformance.errors import Unreadable
from conformance.model.base import Noun
from conformance.model.evidence import StepEvidence
from conformance.model.report import Report, RunRecord, Waiver
from conformance.model.suite import BoundSuite
from conformance.model.waivers import SIGNED_WAIVERS_FILE, WAIVERS_FILE, NotWaivers, read_waivers
from conformance.outside.kept_bodies import StoredBodies
from conformance.outside.run_files import Steady, files_at

N = TypeVar("N", bound=Noun)

EVIDENCE_FORMAT = "1"
SUITE, EVIDENCE, REPORT, RECORD = "suite.json", "evidence.jsonl", "report.json", "run.json"
ENVELOPE, VIEWS, BODIES = "report.dsse.json", "views", "bodies"
LARGEST_FILE = 4 * 2**30


class Bodies(Protocol):
    """Bodies by their SHA-256."""

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a body in chunks. Raises KeyError where it was not kept, Unreadable where it was changed."""

    def names(self) -> Iterator[str]:
        """The names of the files that hold them, sorted."""


class StoredRun:
    """A run as it was left; `path` names it to people. Nothing is written."""

    def __init__(self, path: Path, files: Steady) -> None:
        self.path = path
        self.files = files
        self.bodies: Bodies = StoredBodies(files, BODIES)

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return self.files.has(name)

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
        if not self.files.has(name):
            raise Unreadable(
                f"{self.path} has no readable {name}", hint="Is it the folder of a run that came to its end?"
            )
        return self.files.read(name, LARGEST_FILE)

    def finished_steps(self) -> Iterator[StepEvidence]:
        """The evidence of a run that came to its end. Raises Unreadable where it is broken or was changed."""
        data = self.read(EVIDENCE)
        end = data.rfind(b"\n", 0, -1) + 1
        if not data.endswith(b"\n") or not is_footer(data[end:], memoryview(data)[:end]):
            raise Unreadable(
                f"{self.path / EVIDENCE} has no footer: the run broke off, or the file was cut",
                hint=f"Go on with it: conformance run --resume {shlex.quote(str(self.path))} --target FILE",
            )
        begin, number = data.find(b"\n") + 1, 1
        refuse_other_format(data[:begin], self.path / EVIDENCE)
        while begin < end:
            number, after = number + 1, data.index(b"\n", begin) + 1
            yield step(data[begin:after], self.path / EVIDENCE, number).connected(self.bodies.read)
            begin = after

    def _noun(self, name: str, kind: type[N]) -> N:
        data = self.read(name)
        try:
            return kind.read(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Unreadable(f"{self.path / name} cannot be read: {where}: {first['msg']}") from None


@contextmanager
def opened(path: Path) -> Iterator[StoredRun]:
    """The run in a folder, or in a bundle, which is read in memory. Raises Unreadable for anything unsafe or broken."""
    with files_at(path) as files:
        yield StoredRun(path, files)


def split(data: bytes) -> list[bytes]:
    """The lines of evidence, each with its end; what follows the last end is none."""
    return [line + b"\n" for line in data.split(b"\n")[:-1]]


def refuse_other_format(header: bytes, path: Path) -> None:
    """Raise Unreadable where this is not the first line of evidence of the one format that is read."""
    try:
        value = json.loads(header)
    except ValueError:
        value = None
    if value != {"format": EVIDENCE_FORMAT}:
        raise Unreadable(
            f"line 1 of {path} does not say that this is evidence of format {EVIDENCE_FORMAT}",
            hint="Was the run made with another version of the harness, or the file changed?",
        )


def step(line: bytes, path: Path, number: int) -> StepEvidence:
    """The evidence in one line. Raises Unreadable."""
    try:
        return StepEvidence.read(line)
    except ValidationError:
        raise Unreadable(
            f"line {number} of {path} is no evidence: the file was damaged or changed",
            hint="Restore the folder from where you got it, or run the test again.",
        ) from None


def is_footer(line: bytes, before: bytes | memoryview) -> bool:
    """Whether this line ends the evidence before it, and names its digest."""
    try:
        value = json.loads(line)
    except ValueError:
        return False
    digest = hashlib.sha256(before).hexdigest()
    return isinstance(value, dict) and value.get("end") is True and value.get("sha256") == digest
