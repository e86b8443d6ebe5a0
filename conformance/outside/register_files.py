"""What a folder handed to a register holds: runs as folders or bundles, and signed statements about them."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import Unreadable, UsageError
from conformance.model.attestation import ENVELOPE_FILE, REPORT_FILE, SUITE_FILE
from conformance.outside.run_files import BUNDLE_SUFFIX

__all__ = ["HandedIn", "file_digest", "handed_in", "statement_bytes"]

STATEMENT_SUFFIX = ".dsse.json"
LARGEST_STATEMENT = 2**20


@dataclass(frozen=True)
class HandedIn:
    """The runs and the loose statements under a folder, sorted; what is in a run's folder is the run's."""

    runs: tuple[Path, ...]
    statements: tuple[Path, ...]


def handed_in(folder: Path) -> HandedIn:
    """All that lies under the folder. Links are not followed. Raises UsageError where it cannot be read."""
    runs: list[Path] = []
    statements: list[Path] = []

    def unreadable(error: OSError) -> None:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}", hint="Who may read it?")

    for place, inner, files in os.walk(folder, onerror=unreadable, followlinks=False):
        here = Path(place)
        inner.sort()
        if {SUITE_FILE, REPORT_FILE, ENVELOPE_FILE} & set(files):
            runs.append(here)
            inner.clear()
        else:
            runs += [here / name for name in files if name.endswith(BUNDLE_SUFFIX)]
            statements += [here / name for name in files if name.endswith(STATEMENT_SUFFIX)]
    if not runs:
        raise UsageError(
            f"{folder} holds no run",
            hint=f"Give a folder that holds folders of runs, or their *{BUNDLE_SUFFIX}.",
        )
    return HandedIn(tuple(sorted(runs)), tuple(sorted(statements)))


def file_digest(path: Path) -> str:
    """The SHA-256 of a file. Raises Unreadable."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error


def statement_bytes(path: Path) -> bytes:
    """The bytes of a signed statement. Raises Unreadable."""
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST_STATEMENT:
            raise Unreadable(f"{path.name} is no regular file of at most {LARGEST_STATEMENT:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from error
