"""An inspection by the workers of a cluster: the same tasks and joins as on one machine, results kept by the cluster.

The files are on storage that all workers see.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from conformance import __version__
from conformance.analysis.scale.joining import join
from conformance.analysis.scale.piece import Piece, joined
from conformance.analysis.scale.records import Records, reduced, within
from conformance.analysis.scale.summing import Joined, ranges, together
from conformance.errors import HarnessError
from conformance.outside.cluster import Cluster
from conformance.outside.export_reading import ExportFile
from conformance.session.inspection_facts import Facts
from conformance.session.inspection_tasks import Settings, Task, tasks_of
from conformance.session.inspection_working import Examination, digest_of_file

__all__ = ["facts_from_cluster"]

RECORDS_IN_BYTES = 800
"""About so many bytes of text come to one record; packed files hold more, but are one task in any case."""
MOST_RECORDS = 2_000_000
MOST_RANGES = 1024


def facts_from_cluster(
    cluster: Cluster,
    files: Sequence[ExportFile],
    settings: Settings,
    chunk: int,
    after: Callable[[Task], None],
) -> Facts:
    """The facts about all files. Raises HarnessError where workers die, or are of another version than this one."""
    tasks = tasks_of(files, chunk)
    size = sum(file.size for file in files)
    spans = ranges(min(size // RECORDS_IN_BYTES, MOST_RANGES * MOST_RECORDS), MOST_RECORDS)
    examined = [cluster.submit(examined_remotely, task, settings, spans, __version__) for task in tasks]
    heads = [cluster.submit(head, future) for future in examined]
    joins = [
        cluster.submit(join, [cluster.submit(share, future, number) for future in examined])
        for number in range(len(spans))
    ]
    pieces: dict[int, tuple[Piece, str]] = {}
    for number, found in cluster.as_done(heads):
        pieces[number] = found
        after(tasks[number])
    joined_up: Joined = cluster.result(cluster.submit(together, joins))
    numbered = [(task, *pieces[number]) for number, task in enumerate(tasks)]
    by_file = [list(group) for _, group in itertools.groupby(numbered, key=lambda one: one[0].number)]
    digests = [
        group[0][2] if group[0][0].end is None else cluster.submit(digest_of_file, group[0][0].file)
        for group in by_file
    ]
    return Facts(
        files=files,
        pieces=[joined(piece for _, piece, _ in group) for group in by_file],
        digests=[one if isinstance(one, str) else cluster.result(one) for one in digests],
        joined=joined_up,
    )


def examined_remotely(
    task: Task, settings: Settings, spans: list[tuple[int, int]], version: str
) -> tuple[Piece, str, list[Records]]:
    """What a worker gives for a task: facts, digest, and the records of each range of hashes."""
    if version != __version__:
        raise HarnessError(
            f"a worker of the cluster has version {__version__} of the harness, not {version}",
            hint="Install the same version everywhere.",
        )
    examination = Examination(task, settings)
    records = reduced(examination.records())
    return examination.piece, examination.sha256, [within(records, *span) for span in spans]


def head(examined: tuple[Piece, str, Any]) -> tuple[Piece, str]:
    """The small part of what a task came to."""
    return examined[0], examined[1]


def share(examined: tuple[Piece, str, list[Records]], number: int) -> Records:
    """The records of one range."""
    return examined[2][number]
