"""Trials kept in the user's cache, so that a broken-off `profiles try` goes on where it stopped.

One file for each profile as it is, to the byte, and for each version of the harness and day: what was seen of another
profile, by another harness or on another day is never mixed in. A torn last line is dropped.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import UsageError
from conformance.model.base import canonical, sha256
from conformance.model.profile import Profile
from conformance.model.trial import Trial
from conformance.outside.places import user_folder
from conformance.session.tool import this_tool

KEPT_DAYS = 7


class Trials:
    """The trials of one profile; `key` is all that they depend on beside it."""

    def __init__(self, profile: Profile, key: object, today: dt.date) -> None:
        folder = user_folder("XDG_CACHE_HOME", ".cache") / "tries"
        named = canonical([profile.plain(), this_tool().digest, str(today), key])
        self.path = folder / f"{sha256(named)[:32]}.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _forget_old(folder)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written: {error.strerror}") from error

    def kept(self) -> Iterator[Trial]:
        """The trials that were finished."""
        lines = self.path.read_bytes().splitlines(keepends=True) if self.path.is_file() else []
        for line in lines:
            try:
                yield Trial.read(line)
            except ValidationError:
                return

    def begin(self, kept: tuple[Trial, ...]) -> None:
        """Start the file anew with these trials."""
        self.path.write_bytes(b"".join(trial.canonical() + b"\n" for trial in kept))

    def add(self, trial: Trial) -> None:
        """Keep a trial."""
        with self.path.open("ab") as file:
            file.write(trial.canonical() + b"\n")


def _forget_old(folder: Path) -> None:
    before = dt.datetime.now(dt.UTC).timestamp() - KEPT_DAYS * 24 * 3600
    for path in folder.glob("*.jsonl"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
