"""The tasks of an inspection: which stretch of which file, and what is asked of it. Those of `inspection_working`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from conformance.outside.export_reading import ExportFile

__all__ = ["CHUNK", "Job", "Settings", "Task", "tasks_of", "weight"]

CHUNK = 32 * 2**20
"""Larger files that are not packed are cut: bytes."""
MOSTLY_PACKED = 15
"""So many times its size a packed file has to read, mostly."""
DIGESTS_QUICKER = 4
"""So many times as quickly as facts a digest is had."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of every task: where the server's own references begin, and by what resources are validated."""

    bases: tuple[str, ...] = ()
    validate: bool = True
    packages: tuple[str, ...] = ()
    fhir_version: str = "4.0.1"


@dataclass(frozen=True, slots=True)
class Task:
    """The bytes [start, end) of the file with this number; `end` None is the whole file, packed ones always."""

    number: int
    file: ExportFile
    start: int = 0
    end: int | None = None

    @property
    def name(self) -> str:
        """What its results are kept by."""
        return f"{self.number:07d}-{self.start}-{self.end or ''}-{self.file.identity}"

    @property
    def size(self) -> int:
        """About how many bytes are read."""
        return (self.file.size if self.end is None else self.end) - self.start


Job: TypeAlias = Task | ExportFile
"""A task, or a file that is cut into several and whose SHA-256 is wanted."""


def tasks_of(files: Sequence[ExportFile], chunk: int = CHUNK) -> list[Task]:
    """All tasks: large files in several, so that several workers can share one."""
    tasks: list[Task] = []
    for number, file in enumerate(files):
        if file.packed or file.trouble or file.size <= chunk:
            tasks.append(Task(number, file))
            continue
        starts = range(0, file.size, chunk)
        tasks += [Task(number, file, start, min(start + chunk, file.size)) for start in starts]
    return tasks


def weight(job: Job) -> int:
    """About how long a job takes. The long ones are done first: then all workers end at about the same time."""
    if isinstance(job, ExportFile):
        return job.size // DIGESTS_QUICKER
    return job.size * (MOSTLY_PACKED if job.file.packed else 1)
