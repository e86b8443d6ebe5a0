"""The work area of an inspection: what each finished task came to, so that one that broke off goes on from there.

A task's facts are one file, written beside and then renamed: either it is there and whole, or it is not. Records lie in
files of their own, ordered by their hashes, and are looked into, not loaded. Nothing waits for the disk: what did not
outlast a crash of the machine is seen when it is found again, facts by their form and records by the digest in the name
of their file. NumPy is loaded where records are joined: what only looks after workers does without.
"""

import contextlib
import hashlib
import json
import mmap
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.analysis.scale.kinds import RECORD_SIZE
from conformance.analysis.scale.piece import Piece, Told, Trouble
from conformance.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from conformance.analysis.scale.records import Records

__all__ = ["Finished", "WorkArea"]

PRIVATE = 0o700
FACTS, RECORDS = ".json", ".records"


class Finished:
    """What a task came to: the facts of its bytes, the digest of the file if it read all of it, and its records."""

    def __init__(self, piece: Piece, sha256: str, records: tuple[str, ...], count: int) -> None:
        self.piece = piece
        self.sha256 = sha256
        self.records = records
        self.count = count


class WorkArea:
    """A folder for one inspection, closed to others. Raises UsageError where it cannot be made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the work area {path} cannot be made: {error.strerror}",
                hint="Name another folder with --work.",
            ) from error

    def finished(self, task: str) -> Finished | None:
        """What a task came to that may be of another day; None where it is still to be done, or is not there whole."""
        found = self.told(task)
        return found if found is not None and all(map(self._is_whole, found.records)) else None

    def told(self, task: str) -> Finished | None:
        """What a task came to that was finished just now."""
        try:
            told = json.loads((self.path / f"{task}{FACTS}").read_bytes())
            found = Finished(_piece(told["piece"]), told["sha256"], tuple(told["records"]), told["count"])
            size = sum((self.path / name).stat().st_size for name in found.records)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return found if size == found.count * RECORD_SIZE else None

    def _is_whole(self, name: str) -> bool:
        try:
            return name.endswith(f"-{_digest((self.path / name).read_bytes())}{RECORDS}")
        except OSError:
            return False

    def keep_records(self, task: str, number: int, records: "Records") -> str:
        """Write records of a task; gives the name of their file. Raises HarnessError."""
        data = records.tobytes()
        name = f"{task}-{number}-{_digest(data)}{RECORDS}"
        with self._written():
            (self.path / name).write_bytes(data)
        return name

    def finish(self, task: str, finished: Finished) -> None:
        """Note that a task is done. Raises HarnessError."""
        told = {
            "piece": _plain(finished.piece),
            "sha256": finished.sha256,
            "records": list(finished.records),
            "count": finished.count,
        }
        fresh = self.path / f"{task}.{os.getpid()}.new"
        with self._written():
            fresh.write_bytes(json.dumps(told).encode())
            fresh.replace(self.path / f"{task}{FACTS}")

    @contextlib.contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise HarnessError(
                f"the work area {self.path} cannot be written to: {error.strerror}",
                hint="Make room, or name another folder with --work. What was done is kept: call it again to go on.",
            ) from error

    def slices(self, names: list[str], lowest: int, beyond: int) -> Iterator["Records"]:
        """The records of these files whose hashes lie in a range. Raises HarnessError where a file is gone."""
        import numpy as np  # noqa: PLC0415 - see the top

        from conformance.analysis.scale.records import RECORD, within  # noqa: PLC0415

        for name in names:
            try:
                with (self.path / name).open("rb") as stream:
                    kept = np.frombuffer(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), RECORD)
            except (OSError, ValueError) as error:
                raise HarnessError(
                    f"records are no longer in the work area {self.path}",
                    hint="Something else removed them; was the same inspection running twice? Call it again.",
                ) from error
            yield np.array(within(kept, lowest, beyond))

    def remove(self) -> None:
        """Remove all of it: it is of no more use."""
        with contextlib.suppress(OSError):
            shutil.rmtree(self.path)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _plain(piece: Piece) -> dict[str, Any]:
    return {
        "start": piece.start,
        "end": piece.end,
        "lines": piece.lines,
        "resources": piece.resources,
        "checked": piece.checked,
        "counts": piece.counts,
        "troubles": piece.troubles,
        "told": {
            kind: [[one.line, one.offset, one.why] for one in told] for kind, told in piece.told.items()
        },
        "updated": piece.updated,
        "without_update": piece.without_update,
        "others": [[*key, count] for key, count in piece.others.items()],
    }


def _piece(told: dict[str, Any]) -> Piece:
    return Piece(
        start=told["start"],
        end=told["end"],
        lines=told["lines"],
        resources=told["resources"],
        checked=told["checked"],
        counts=Counter(told["counts"]),
        troubles=Counter({Trouble(kind): count for kind, count in told["troubles"].items()}),
        told={Trouble(kind): [Told(*one) for one in places] for kind, places in told["told"].items()},
        updated={kind: (first, last) for kind, (first, last) in told["updated"].items()},
        without_update=told["without_update"],
        others=Counter({(source, form): count for source, form, count in told["others"]}),
    )
