"""Small files that only their owner may read or change: keys and the trust file.

They are written whole or not at all, with their mode from the first moment on.
"""

import contextlib
import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.errors import KeyFileError

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700
READABLE_BY_OTHERS = 0o077
WRITABLE_BY_OTHERS = 0o022
MOST_BYTES = 2**20


def read(path: Path, *, forbidden: int, what: str) -> bytes:
    """The bytes of a file that belongs to this user (or root) and has none of the forbidden mode bits.

    Mode and content are those of one opened file, so it cannot be exchanged in between. Raises KeyFileError;
    `what` says in the message what the file should be.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise KeyFileError(f"{what} {path} is no regular file", hint="Name the file itself.")
            _refuse_if_open_to_others(path, status, forbidden, what)
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise KeyFileError(
            f"{what} {path} cannot be read: {error.strerror}", hint="Check the path and who may read it."
        ) from None
    if len(data) > MOST_BYTES:
        raise KeyFileError(f"{what} {path} is larger than {MOST_BYTES} bytes", hint="Is it the right file?")
    return data


def _refuse_if_open_to_others(path: Path, status: os.stat_result, forbidden: int, what: str) -> None:
    if sys.platform == "win32":
        return
    if status.st_mode & forbidden:
        may = "read" if forbidden == READABLE_BY_OTHERS else "change"
        raise KeyFileError(f"others than you may {may} {what} {path}", hint=f"chmod 600 {path}")
    if status.st_uid not in {0, os.geteuid()}:
        raise KeyFileError(f"{what} {path} belongs to somebody else", hint="Use a file of your own.")


def create(path: Path, data: bytes, *, mode: int = OWNER_ONLY) -> None:
    """Write a new file. Raises FileExistsError where there is one already, else OSError."""
    with _complete(path, data, mode) as temporary:
        os.link(temporary, path)
        temporary.unlink()


def replace(path: Path, data: bytes, *, mode: int = OWNER_ONLY) -> None:
    """Write a file in place of the one that may be there. Raises OSError."""
    with _complete(path, data, mode) as temporary:
        temporary.replace(path)


@contextlib.contextmanager
def _complete(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A temporary file beside `path` that holds all the data on disk; gone at the end, unless renamed."""
    _make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=FOLDER_OWNER_ONLY)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None


def lock_of(path: Path) -> Path:
    """The file that is locked for `path`; it stays when the lock is given up."""
    return path.with_name(f".{path.name}.lock")


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock beside `path` against other processes and threads.

    Raises OSError; where another holds it and none shall `wait`, BlockingIOError.
    """
    _make_folder(path.parent)
    handle = os.open(lock_of(path), os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - there on Windows only

            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError as error:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(path)) from error
        else:
            import fcntl  # noqa: PLC0415 - not there on Windows

            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
