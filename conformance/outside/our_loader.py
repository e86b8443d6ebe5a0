"""Our loader as it is called: one process fills the store, another reads it; they share nothing but its file."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import HarnessError

CHUNK = 2**20
GLANCE = 0.05


@dataclass(frozen=True)
class Loaded:
    """What the store gave back, as NDJSON, and what it could not hold: a line of JSON for each thing."""

    back: Path
    refused: Path


@contextmanager
def loaded(
    given: Iterable[bytes], wait: Callable[[float], None], within: Path | None = None
) -> Iterator[Loaded]:
    """Load these bytes of NDJSON and read them back; the files are there as long as the context is.

    `wait` waits that many seconds and raises what is to end the loading. `within` is where the files are put, if not
    where the system puts files of the moment; others than this user cannot read them. Raises HarnessError.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-loader-", dir=within) as folder:
        place = Path(folder)
        export, store = place / "export.ndjson", place / "store"
        with export.open("wb") as file:
            for chunk in given:
                file.write(chunk)
        refused, back = place / "refused.ndjson", place / "back.ndjson"
        _carry_out("load", store, export, refused, wait)
        export.unlink()
        _carry_out("read", store, Path(os.devnull), back, wait)
        store.unlink()
        yield Loaded(back, refused)


def _carry_out(verb: str, store: Path, given: Path, told: Path, wait: Callable[[float], None]) -> None:
    command = [sys.executable, "-m", "conformance.loader", verb, str(store)]
    trouble = told.with_suffix(".trouble")
    with given.open("rb") as source, told.open("wb") as sink, trouble.open("wb") as said:
        process = subprocess.Popen(command, stdin=source, stdout=sink, stderr=said)  # noqa: S603 - of ours
        try:
            while process.poll() is None:
                wait(GLANCE)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        last = trouble.read_text("utf-8", "replace").strip().rpartition("\n")[2]
        raise HarnessError(
            f"our loader ended with {process.returncode}{f': {last}' if last else ''}",
            hint="Is there room on the disk? Loading takes about three times the export.",
        )


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file in chunks."""
    with path.open("rb") as file:
        yield from iter(lambda: file.read(CHUNK), b"")


def ended(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a file with a newline at their end, so that the next file's first line is one of its own."""
    last = b"\n"
    for chunk in chunks:
        last = chunk or last
        yield chunk
    if not last.endswith(b"\n"):
        yield b"\n"
