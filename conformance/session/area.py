"""A run's private work area: what must outlive an interruption but never be published.

It holds the key of the redaction's tags, so that a resumed run tags alike, the journal of what was created on the
target, and, where the target's data may not be stored, the bodies that are still to be judged.
"""

import contextlib
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from conformance.errors import UsageError
from conformance.outside import folders, private_files
from conformance.outside.places import erase, private_area
from conformance.outside.whole_files import written_to

KEY_LENGTH = 32
A_DAY = 24 * 3600.0
SESSIONS = "sessions"


class WorkArea:
    """The private work area of one run. Whatever writes to it raises HarnessError where that cannot be done."""

    def __init__(self, run_id: str) -> None:
        self.path = private_area(run_id)
        self._journal = self.path / "journal.jsonl"
        self._lock = Lock()
        with written_to(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._end_torn_line()

    @property
    def key(self) -> bytes:
        """The key of the redaction's tags, made at first use."""
        path = self.path / "redaction.key"
        if not path.exists():
            with written_to(path):
                private_files.replace(path, secrets.token_bytes(KEY_LENGTH))
        return path.read_bytes()

    @property
    def bodies(self) -> Path:
        """Where bodies wait that are dropped once they are judged."""
        return self.path / "bodies"

    def sessions(self, now: str) -> list[str]:
        """The instants at which the run began and was gone on with, this one (`now`) the last."""
        path = self.path / SESSIONS
        with written_to(path), path.open("a", encoding="utf-8") as stream:
            stream.write(f"{now}\n")
        return path.read_text("utf-8").split()

    def remember(self, event: str, reference: str) -> None:
        """Write down that something was `created` or `deleted` on the target."""
        line = json.dumps([event, reference]) + "\n"
        with self._lock, written_to(self._journal), self._journal.open("a", encoding="utf-8") as stream:
            stream.write(line)

    def left_behind(self) -> Iterator[str]:
        """What was created and not deleted since, the latest first."""
        standing: dict[str, None] = {}
        if self._journal.exists():
            for line in self._journal.read_text("utf-8").splitlines():
                try:
                    event, reference = json.loads(line)
                except ValueError:
                    continue  # the torn last line of a run that was killed: its resource bears the run's tag
                if event == "created":
                    standing[reference] = None
                else:
                    standing.pop(reference, None)
        yield from reversed(standing)

    def erase(self) -> None:
        """Remove all of it."""
        erase(self.path)

    def _end_torn_line(self) -> None:
        """End what a killed run left half-written in the journal, so that nothing is written behind it."""
        if self._journal.exists() and not self._journal.read_bytes().endswith(b"\n"):
            with self._journal.open("a", encoding="utf-8") as stream:
                stream.write("\n")


@contextlib.contextmanager
def claimed(run_id: str) -> Iterator[None]:
    """Hold a run for this process alone. Raises UsageError where another process works on it."""
    path = private_area(run_id)
    with contextlib.ExitStack() as held:
        with written_to(path):
            try:
                held.enter_context(private_files.locked(path, wait=False))
            except BlockingIOError:
                raise UsageError(
                    f"another process is working on the run {run_id}",
                    hint="Wait until it has ended, or end it with Ctrl-C, and then say this again.",
                ) from None
        try:
            yield
        finally:
            held.close()
            private_files.lock_of(path).unlink(missing_ok=True)


def erase_abandoned() -> None:
    """Erase the areas of runs that nobody can go on with: killed, a day ago or longer, before the suite was bound.

    Only where the data may not be stored is evidence there, and only there does it matter.
    """
    before = time.time() - A_DAY
    for area in private_area("any").parent.glob("*"):
        with contextlib.suppress(OSError):  # another process may be erasing it
            abandoned = (area / folders.EVIDENCE).exists() and not (area / folders.SUITE).exists()
            if abandoned and (area / SESSIONS).stat().st_mtime < before:
                erase(area)
