"""`inspect`: what the files of an export hold, whoever exported them; facts, and what is wrong with them.

NumPy is loaded by workers alone, and what tells the facts when they have begun: they need not wait for it.
"""

import contextlib
import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.analysis.scale.piece import Piece, Trouble, joined
from conformance.analysis.scale.summing import Joined, ranges, together
from conformance.errors import HarnessError
from conformance.outside.example_texts import texts
from conformance.outside.export_reading import ExportFile, as_it_was
from conformance.outside.inspection_work import Finished, WorkArea
from conformance.outside.worker_pool import Workers
from conformance.session.inspection_facts import Facts
from conformance.session.inspection_tasks import CHUNK, Job, Settings, Task, tasks_of, weight
from conformance.session.inspection_workers import carry_out_or_digest, join_range, workers_for

if TYPE_CHECKING:
    from conformance.model.inspection import Inspection
    from conformance.outside.cluster import ClusterAddress

__all__ = ["Order", "inspect"]

MOST_RECORDS = 500_000
"""So many records are joined at a time, which bounds the memory that takes: about 60 bytes each, several times over."""


@dataclass(frozen=True)
class Order:
    """What to inspect and how. `workers` 0 stands for one a processor; `work` keeps what is done until all is.

    `passed` are names of files that lie there and are not read, to be told.
    """

    files: tuple[ExportFile, ...]
    work: Path
    settings: Settings = field(default_factory=Settings)
    workers: int = 0
    show_ids: bool = False
    chunk: int = CHUNK
    keep: bool = False
    cluster: "ClusterAddress | None" = None
    passed: tuple[str, ...] = ()

    @cached_property
    def area(self) -> Path:
        """The work area of exactly this inspection: of these files and packages as they are now, and these settings."""
        packages = _stamps(self.settings.packages)
        told = [__version__, repr(self.settings), *packages, *(file.identity for file in self.files)]
        return self.work / hashlib.sha256("\0".join(told).encode()).hexdigest()[:24]


def _stamps(packages: Sequence[str]) -> list[str]:
    if not packages:
        return []
    from conformance.outside.packages import stamp_of  # noqa: PLC0415 - most inspections name no package

    return [stamp_of(name) for name in packages]


def inspect(
    order: Order, after: Callable[[Task], None] = lambda _task: None, workers: Workers | None = None
) -> "Inspection":
    """The facts about all files. `after` is called with each task that is done; `workers` may have begun already.

    Interrupted at any point, it goes on from there when it is called again with the same files; and it comes to the
    same whatever the number of workers. Raises UsageError, and HarnessError where worker processes keep dying.
    """
    problems = _problems(order.settings)
    facts = (
        _facts(order, after, workers)
        if order.cluster is None
        else _facts_from_cluster(order, order.cluster, after)
    )
    for file, piece in zip(facts.files, facts.pieces, strict=True):
        if not piece.troubles[Trouble.BROKEN] and not as_it_was(file):
            piece.trouble(Trouble.BROKEN, piece.end, "it was changed while it was read")
    from conformance.session.inspection_result import inspection  # noqa: PLC0415

    told = inspection(
        facts,
        order.settings,
        partial(texts, order.files),
        passed=order.passed,
        problems=problems,
        show_ids=order.show_ids,
    )
    if not order.keep and order.cluster is None:
        WorkArea(order.area).remove()
    return told


def _facts_from_cluster(order: Order, address: "ClusterAddress", after: Callable[[Task], None]) -> Facts:
    from conformance.outside.cluster import Cluster  # noqa: PLC0415 - most inspections use none
    from conformance.session.inspection_cluster import facts_from_cluster  # noqa: PLC0415

    with Cluster(address) as cluster:
        return facts_from_cluster(cluster, order.files, order.settings, order.chunk, after)


def _problems(settings: Settings) -> tuple[str, ...]:
    """What of the named packages cannot be used; where one cannot be had at all it is told before anything is read."""
    if not settings.validate or not settings.packages:
        return ()
    from conformance.session.inspection_working import problems_of_packages  # noqa: PLC0415 - most name none

    return problems_of_packages(settings)


def _load() -> None:
    """Load what tells the facts: while workers work, so that they need not wait for it to begin, nor it for them."""
    from conformance.session.inspection_result import made_ready  # noqa: PLC0415

    made_ready()


def _facts(order: Order, after: Callable[[Task], None], begun: Workers | None) -> Facts:
    """The facts from this machine's processes."""
    area = WorkArea(order.area)
    tasks = tasks_of(order.files, order.chunk)
    left = [task for task in tasks if area.finished(task.name) is None]
    cut = dict.fromkeys(task.file for task in tasks if task.end is not None)
    for task in set(tasks).difference(left):
        after(task)
    fresh = workers_for(sum(task.size for task in left), order.workers)
    with fresh if begun is None else contextlib.nullcontext(begun) as workers:
        digests: dict[ExportFile, str] = {}
        finished: dict[Task, Finished] = {}
        jobs: list[Job] = sorted([*cut, *left], key=weight, reverse=True)
        carried_out = partial(carry_out_or_digest, settings=order.settings, work=order.area)
        for done, result in workers.spread(carried_out, jobs):
            if not digests and not finished:
                _load()
            if isinstance(done, ExportFile):
                digests[done] = result
            else:
                finished[done] = _kept(area, done)
                after(done)
        finished = {task: finished.get(task) or _kept(area, task) for task in tasks}
        whole = {task.file: kept.sha256 for task, kept in finished.items() if task.end is None}
        return Facts(
            files=order.files,
            pieces=_by_file(finished),
            digests=[(whole | digests)[file] for file in order.files],
            joined=_joined(order.area, finished, workers),
        )


def _kept(area: WorkArea, task: Task) -> Finished:
    finished = area.told(task.name)
    if finished is None:
        raise HarnessError(
            f"what was found out about {task.file.name} is no longer in the work area {area.path}",
            hint="Something else removed it. Call the command again.",
        )
    return finished


def _by_file(done: dict[Task, Finished]) -> list[Piece]:
    by_number = itertools.groupby(done.items(), key=lambda item: item[0].number)
    return [joined(finished.piece for _, finished in group) for _, group in by_number]


def _joined(area: Path, done: dict[Task, Finished], workers: Workers) -> Joined:
    names = [name for finished in done.values() for name in finished.records]
    count = sum(finished.count for finished in done.values())
    rounds = count // (MOST_RECORDS * workers.number) + 1  # each of which all workers end together
    spans = ranges(count, count // (rounds * workers.number) + 1)
    joins = workers.spread(partial(join_range, area=area, names=names), spans)
    joined_up = together(part for _, part in joins)
    workers.release()
    return joined_up
