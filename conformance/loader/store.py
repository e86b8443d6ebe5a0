"""The store: a SQLite database with a table for each primitive type of R4 and one for what holds others."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import orjson

from conformance.loader.primitives import TABLES, Unstorable
from conformance.loader.schema import is_resource
from conformance.loader.writing import NODE, ROOT, Refusal, Rows, read_resource, rows_of

AT_ONCE = 500
"""So many resources are written or read together."""
_WHERE = ("resource INTEGER NOT NULL", "owner INTEGER NOT NULL", "element TEXT NOT NULL", "position INTEGER")
_COLUMNS = {NODE: ("node INTEGER NOT NULL", "type TEXT NOT NULL")} | {
    name: table.columns for name, table in TABLES.items()
}


class Store:
    """A database of R4 resources. A context manager: leaving it closes the file. Raises sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path)
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("PRAGMA synchronous = OFF")
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS resource (number INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL,"
            " UNIQUE (type, id))"
        )
        for name, columns in _COLUMNS.items():
            rows = ", ".join((*_WHERE, *columns))
            self._base.execute(f'CREATE TABLE IF NOT EXISTS "{name}" ({rows})')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def load(self, lines: Iterable[bytes]) -> Iterator[tuple[int, str, Refusal]]:
        """Store the resource of each line; gives what could not be stored: the line's number, its `Type/id`, and why.

        A blank line holds nothing. A second resource with the same type and id has no place.
        """
        (last,) = self._base.execute("SELECT coalesce(max(number), 0) FROM resource").fetchone()
        waiting: dict[str, list[tuple[Any, ...]]] = {}
        count = 0
        for count, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                rows = rows_of(read_resource(line), last + 1)
                self._base.execute("INSERT INTO resource VALUES (?, ?, ?)", (last + 1, rows.type, rows.id))
            except Unstorable as problem:
                yield count, "", Refusal("", str(problem))
                continue
            except sqlite3.IntegrityError:
                yield count, f"{rows.type}/{rows.id}", Refusal("", "another resource has its type and id")
                continue
            last += 1
            _gather(waiting, rows)
            for refusal in rows.refused:
                yield count, f"{rows.type}/{rows.id}", refusal
            if last % AT_ONCE == 0:
                self._write(waiting)
        self._write(waiting)
        self._base.commit()

    def _write(self, waiting: dict[str, list[tuple[Any, ...]]]) -> None:
        for table, rows in waiting.items():
            marks = ", ".join("?" * len(rows[0]))
            self._base.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)  # noqa: S608 - names of ours
        waiting.clear()

    def read(self) -> Iterator[bytes]:
        """All that is stored, one line of JSON for each resource, in the order in which they were loaded."""
        for name in _COLUMNS:
            self._base.execute(f'CREATE INDEX IF NOT EXISTS "{name}-of" ON "{name}" (resource)')
        (last,) = self._base.execute("SELECT coalesce(max(number), 0) FROM resource").fetchone()
        for first, after in pairwise([*range(1, last + 1, AT_ONCE), last + 1]):
            yield from self._read(first, after)

    def _read(self, first: int, after: int) -> Iterator[bytes]:
        span = (first, after)
        between = "WHERE resource >= ? AND resource < ?"
        heads = self._base.execute("SELECT * FROM resource WHERE number >= ? AND number < ?", span).fetchall()
        nodes: dict[tuple[int, int], dict[str, Any]] = {
            (number, ROOT): {"resourceType": kind} for number, kind, _ in heads
        }
        held = self._base.execute(f'SELECT * FROM "{NODE}" {between}', span).fetchall()  # noqa: S608 - names of ours
        for number, _, _, _, node, kind in held:
            nodes[number, node] = {"resourceType": kind} if is_resource(kind) else {}
        for number, owner, element, position, node, _ in held:
            _put(nodes[number, owner], element, position, nodes[number, node])
        for name, table in TABLES.items():
            for row in self._base.execute(f'SELECT * FROM "{name}" {between}', span):  # noqa: S608 - names of ours
                number, owner, element, position, *columns = row
                _put(nodes[number, owner], element, position, table.give(*columns))
        for number, _, _ in heads:
            yield orjson.dumps(nodes[number, ROOT])


def _gather(waiting: dict[str, list[tuple[Any, ...]]], rows: Rows) -> None:
    for table, several in rows.values.items():
        waiting.setdefault(table, []).extend(several)


def _put(owner: dict[str, Any], element: str, position: int | None, value: Any) -> None:
    """Give an object this element; places in an array that hold nothing (yet) are null."""
    if position is None:
        owner[element] = value
        return
    array = owner.setdefault(element, [])
    array.extend([None] * (position + 1 - len(array)))
    array[position] = value
