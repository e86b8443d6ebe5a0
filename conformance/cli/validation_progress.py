"""How far `validate` is: a bar over the bytes of all files, on stderr, where somebody is there to see it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["progress"]

WORTH_BYTES = 2_000_000
WORTH_FILES = 100
"""Less than this is judged before anybody could read a bar."""


@contextmanager
def progress(files: Sequence[str], *, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """What to call after each resource, with its file and how many bytes of that file were read so far."""
    sizes = {} if quiet or not sys.stderr.isatty() else {file: _size(file) for file in files if file != "-"}
    if sum(sizes.values()) < WORTH_BYTES and len(sizes) < WORTH_FILES:
        yield lambda _file, _read: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("judging"), BarColumn(), DownloadColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=sum(sizes.values()) or None)
        done = at = 0
        current = ""

        def after(file: str, read: int) -> None:
            nonlocal done, at, current
            if file != current:
                done += sizes.get(current, 0)
                current, at = file, -1
            if read != at:
                at = read
                bars.update(task, completed=done + read)

        yield after


def _size(file: str) -> int:
    try:
        return Path(file).stat().st_size
    except OSError:  # it is told when it is read
        return 0
