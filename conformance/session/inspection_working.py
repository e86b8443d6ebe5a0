"""One task of an inspection: a stretch of a file examined and kept."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.analysis.scale.examining import Judge, examine
from conformance.analysis.scale.joining import join
from conformance.analysis.scale.naming import Origin
from conformance.analysis.scale.piece import Piece, Trouble, joined
from conformance.analysis.scale.records import Records
from conformance.analysis.scale.splitting import Line, Lines, in_chunk
from conformance.analysis.scale.summing import Joined
from conformance.outside.export_reading import BLOCK, ExportFile, Reader, opened
from conformance.outside.inspection_work import Finished, WorkArea
from conformance.session.inspection_tasks import Settings, Task

if TYPE_CHECKING:
    from conformance.session.validate import Bench

__all__ = [
    "Examination",
    "carry_out",
    "digest_of_file",
    "join_range",
    "judge_of",
    "problems_of_packages",
]

BATCH = 16 * 2**20
"""So much text is examined at a time, which bounds the memory of a worker: bytes."""


def carry_out(task: Task, settings: Settings, work: Path, batch: int = BATCH) -> str:
    """Examine what a task names and keep what it comes to; gives its name. Raises HarnessError where that fails."""
    area = WorkArea(work)
    if area.finished(task.name) is not None:
        return task.name
    examination = Examination(task, settings, batch)
    names: list[str] = []
    count = 0
    for records in examination.records():
        names.append(area.keep_records(task.name, len(names), records))
        count += len(records)
    area.finish(task.name, Finished(examination.piece, examination.sha256, tuple(names), count))
    return task.name


def join_range(span: tuple[int, int], area: Path, names: list[str]) -> Joined:
    """What the records of one range of hashes come to."""
    return join(WorkArea(area).slices(names, *span))


class Examination:
    """A task being carried out: its records come in batches, its facts and its digest are there when it is over."""

    def __init__(self, task: Task, settings: Settings, batch: int = BATCH) -> None:
        self.piece = Piece(task.start, task.start)
        self.sha256 = ""
        self._task = task
        self._settings = settings
        self._batch = batch

    def records(self) -> Iterator[Records]:
        """The records, each batch in the order of their hashes; to be read to the end."""
        task = self._task
        reader = Reader(task.file, task.start, task.end)
        origin = Origin(task.number, self._settings.bases)
        judge = judge_of(self._settings) if self._settings.validate else None
        pieces: list[Piece] = []
        batches = _Batches(
            in_chunk(reader.blocks(), start=task.start, end=task.end), reader, task, self._batch
        )
        while not batches.over:
            start = batches.end
            piece, records = examine(batches, origin, judge, start=start)
            piece.end = batches.end
            pieces.append(piece)
            if len(records):
                yield records
        self.piece = joined(pieces)
        self.sha256 = reader.sha256
        if reader.broken:
            self.piece.trouble(Trouble.BROKEN, self.piece.end, reader.broken)


def problems_of_packages(settings: Settings) -> tuple[str, ...]:
    """What of the named packages cannot be used to validate by, in words.

    Raises `DefinitionProblem` where a package cannot be had at all: before anything is read.
    """
    return tuple(problem.message for problem in _bench(settings).problems)


def digest_of_file(file: ExportFile) -> str:
    """The SHA-256 of a file as it lies; empty where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with opened(file) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


class _Batches:
    """The regions of a task, as they are read; each time it is gone through, it gives about so many bytes of them.

    `end` is the place where the next one begins, `over` is whether there is no more.
    """

    def __init__(self, regions: Iterator[Line | Lines], reader: Reader, task: Task, most: int) -> None:
        self.end = task.start
        self.over = False
        self._regions = regions
        self._reader = reader
        self._task = task
        self._most = most

    def __iter__(self) -> Iterator[Line | Lines]:
        enough = self.end + self._most
        for region in self._regions:
            if self._reader.broken and isinstance(region, Line) and not region.ended:
                break  # what the file's breaking cut off is no line of it
            self.end = region.offset + (
                len(region.data) if isinstance(region, Lines) else region.length + region.ended
            )
            yield region
            if self.end >= enough:
                return
        self.over = True
        self.end = self.end if self._task.end is None else self._task.end


def judge_of(settings: Settings) -> Judge:
    """What validates a resource by the packages of these settings, made when it is first asked for."""
    bench = _bench(settings)
    acceptor, validator = bench.acceptor, bench.validator

    def judge(data: bytes) -> Sequence[str]:
        if acceptor is not None and acceptor.accepts_bytes(data):
            return ()
        issues = validator.explain(data).issues
        return [" at ".join(filter(None, (one.message_id, one.expression))) for one in issues if one.is_error]

    return judge


def _bench(settings: Settings) -> "Bench":
    return _bench_of(settings.packages, settings.fhir_version)


@cache
def _bench_of(packages: tuple[str, ...], fhir_version: str) -> "Bench":
    from conformance.session.validate import workbench  # noqa: PLC0415

    return workbench(packages=packages, fhir_version=fhir_version)
