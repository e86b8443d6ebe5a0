"""What a register keeps of verifications that are done, so that one report more does not verify all others again.

It lies in the user's own cache, closed to others: whoever can change it could make a register say anything. It is never
part of the site.
"""

import contextlib
import os
import sqlite3
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.errors import HarnessError

__all__ = ["KeptEntries"]

OWNER_ONLY, FOLDER_OWNER_ONLY, WRITABLE_BY_OTHERS = 0o600, 0o700, 0o022


class KeptEntries:
    """Bytes by key in one file of this user, to be used within `opened`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path) -> Iterator["KeptEntries"]:
        """What is kept in this file, made where there is none. Raises HarnessError; a damaged file begins anew."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_OWNER_ONLY)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
        except OSError as error:
            raise _unwritable(path, error.strerror) from error
        _refuse_what_others_may_change(path)
        database = _connected(path)
        try:
            yield cls(database)
            database.commit()
        except sqlite3.Error as error:
            raise _unwritable(path, str(error)) from error
        finally:
            database.close()

    def all(self) -> dict[str, bytes]:
        """Everything that is kept, by key."""
        return dict(self._database.execute("SELECT key, entry FROM kept"))

    def add(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Keep these from now on, also where the process is killed after this."""
        self._database.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", entries)
        self._database.commit()

    def drop(self, keys: Iterable[str]) -> None:
        """Keep these no longer."""
        self._database.executemany("DELETE FROM kept WHERE key = ?", ((key,) for key in keys))


def _connected(path: Path) -> sqlite3.Connection:
    for _ in range(2):
        database = sqlite3.connect(path)
        try:
            database.execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, entry BLOB NOT NULL)")
            database.execute("SELECT key, entry FROM kept LIMIT 1").fetchall()
        except sqlite3.OperationalError as error:
            database.close()
            raise _unwritable(path, str(error)) from error
        except sqlite3.DatabaseError:
            database.close()
            path.write_bytes(b"")
        else:
            return database
    raise _unwritable(path, "it is no database, and cannot be made one")


def _refuse_what_others_may_change(path: Path) -> None:
    if sys.platform == "win32":
        return
    for each, what in ((path, "file"), (path.parent, "folder")):
        status = each.stat()
        if status.st_mode & WRITABLE_BY_OTHERS or status.st_uid not in {0, os.geteuid()}:
            raise HarnessError(
                f"others than you may change the {what} {each}, so what it keeps cannot be believed",
                hint=f"Remove it, or: chmod {'600' if stat.S_ISREG(status.st_mode) else '700'} {each}",
            )


def _unwritable(path: Path, why: str | None) -> HarnessError:
    return HarnessError(
        f"{path}, which keeps what was verified, cannot be used: {why}",
        hint="Set XDG_CACHE_HOME to a folder that you may write to; is another build under way?",
    )
