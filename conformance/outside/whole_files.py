"""Files written whole or not at all: aside first, then renamed into their place."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from conformance.errors import HarnessError


@contextlib.contextmanager
def written_to(path: Path) -> Iterator[None]:
    """What a run or rehearsal cannot do without is written in this context. Raises HarnessError in place of OSError."""
    try:
        yield
    except OSError as error:
        raise HarnessError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="Make room or permit writing there, and go on with --resume: what was finished is kept.",
        ) from error


def write_whole(path: Path, data: bytes) -> None:
    """Put these bytes at a path, in place of a file that may be there. Raises OSError: then what was there stays.

    What is no regular file, such as /dev/stdout, is written to as it is.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    with made_whole(path) as aside:
        aside.write_bytes(data)


@contextlib.contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """A hidden path beside this one to write to: it takes its place at the end, or goes where something goes wrong."""
    aside = path.with_name(f".{path.name}.part")
    try:
        yield aside
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
