"""What a worker process of an inspection is called with.

Nothing is loaded here: whoever starts workers need not wait until it has itself loaded what they work with.
"""

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import ConformanceError
from conformance.outside.export_reading import ExportFile
from conformance.outside.worker_pool import Workers, processors
from conformance.session.inspection_sources import SMALL
from conformance.session.inspection_tasks import Job, Settings

if TYPE_CHECKING:
    from conformance.analysis.scale.summing import Joined

__all__ = ["carry_out_or_digest", "join_range", "ready", "workers_for"]


def workers_for(size: int, number: int, *, validates: bool = False) -> Workers:
    """The processes for so many bytes: as many as are asked for, 0 being one a processor; one where there is little."""
    return Workers(1 if size < SMALL else number or processors(), partial(ready, validates=validates))


def ready(*, validates: bool = False) -> None:
    """Make this process one that works for an inspection: with all loaded, and definitions where it `validates`."""
    from conformance.analysis.scale.engine import keep_memory  # noqa: PLC0415
    from conformance.session.inspection_working import judge_of  # noqa: PLC0415

    keep_memory()
    if validates:
        with contextlib.suppress(ConformanceError):  # told by the first task that needs them
            judge_of(Settings())


def carry_out_or_digest(job: Job, settings: Settings, work: Path) -> str:
    """Carry out a task, which gives its name; of a file that is read in several tasks, give the SHA-256."""
    from conformance.session.inspection_working import carry_out, digest_of_file  # noqa: PLC0415

    return digest_of_file(job) if isinstance(job, ExportFile) else carry_out(job, settings, work)


def join_range(span: tuple[int, int], area: Path, names: list[str]) -> "Joined":
    """What the records of one range of hashes come to."""
    from conformance.session.inspection_working import join_range as joined_range  # noqa: PLC0415

    return joined_range(span, area, names)
