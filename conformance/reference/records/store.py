"""The store: every version of every resource in SQLite, with the index that searches run on.

Versions are never changed once written and their keys only grow, so that a key is a point in the store's history:
what was current at that point can be read at any time after it, whatever was written since.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from conformance.reference.forms import dates
from conformance.reference.forms.jsontext import dump
from conformance.reference.records import schema
from conformance.reference.records.compartment import compartments
from conformance.reference.records.indexing import rows
from conformance.reference.records.loading import Loaded, Source, read

_CHUNK = 500
_LOAD_BATCH = 2_000


class Version(NamedTuple):
    """One version of one resource, with its text as it goes out; a deleted one has no text.

    A tuple, since thousands are made where much is searched. `method` is the HTTP method that made it.
    """

    pk: int
    type: str
    id: str
    version: int
    updated: int
    deleted: bool
    text: bytes
    method: str = "PUT"

    @property
    def etag(self) -> str:
        """The version as an entity tag (https://hl7.org/fhir/R4/http.html#versioning)."""
        return f'W/"{self.version}"'


class Store:
    """Resources with their versions and search index; safe to use from several threads."""

    def __init__(self, path: Path | None = None, *, base_url: str = "") -> None:
        """Open the store in that file, making it if need be, or in memory. `base_url` tells own references."""
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._base_url = base_url
        self._latest = 0
        with self._lock:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute("PRAGMA cache_size = -65536")
            self._database.executescript(schema.TABLES)
            self._index()
            self._latest = self._one("SELECT max(updated) FROM versions") or 0
            self._parameters = {
                (type_, name): p
                for p, type_, name in self._database.execute("SELECT p, type, name FROM parameter")
            }

    def close(self) -> None:
        """Let go of the file. The store cannot be used afterwards."""
        with self._lock:
            self._database.close()

    def load(self, sources: Iterable[Source]) -> int:
        """Take in many resources at once, as they are, and say how many.

        Each is a line of NDJSON or a mapping. What has no `meta.lastUpdated` gets one from the past that depends on
        its type and id alone. Raises ValueError for what is no resource, and then keeps none of them.
        """
        count = 0
        with self.transaction():
            for name in schema.INDEXES:
                self._database.execute(f"DROP INDEX IF EXISTS {name}")
            batch: list[Loaded] = []
            for source in sources:
                batch.append(read(source))
                if len(batch) == _LOAD_BATCH:
                    count += self._take_in(batch)
                    batch.clear()
            count += self._take_in(batch)
            self._index()
        return count

    def tick(self) -> int:
        """The present, later than every change so far and, to the millisecond, before every one to come."""
        with self._lock:
            self._latest = max(dates.now(), self._latest + dates.MILLISECOND)
            return self._latest

    def snapshot(self) -> int:
        """The point in the store's history that is now: the key of the newest version."""
        with self._lock:
            return self._one("SELECT max(pk) FROM versions") or 0

    def get(self, resource_type: str, identifier: str) -> Version | None:
        """The current version, which may be a deletion, or None if there never was such a resource."""
        found = self.select(
            "SELECT v.* FROM current c JOIN versions v ON v.pk = c.pk WHERE c.type = ? AND c.id = ?",
            (resource_type, identifier),
        )
        return _version(found[0]) if found else None

    def get_version(self, resource_type: str, identifier: str, version: int) -> Version | None:
        """That version, which may be a deletion, or None if there is none."""
        found = self.select(
            "SELECT * FROM versions WHERE type = ? AND id = ? AND version = ?",
            (resource_type, identifier, version),
        )
        return _version(found[0]) if found else None

    def fetch(self, keys: Sequence[int]) -> list[Version]:
        """The versions with those keys, in that order."""
        found: dict[int, Version] = {}
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT * FROM versions WHERE pk IN ({marks})"  # noqa: S608 - question marks only
            for row in self.select(sql, tuple(chunk)):
                found[row[0]] = _version(row)
        return [found[key] for key in keys]

    def history(
        self, resource_type: str = "", identifier: str = "", *, since: int = dates.EARLIEST
    ) -> list[int]:
        """The keys of all versions (of a type, of a resource) made at or after a point in time, the newest first."""
        asked = [("type", resource_type), ("id", identifier)]
        given = [(column, value) for column, value in asked if value]
        where = "".join(f" AND {column} = ?" for column, _ in given)
        sql = f"SELECT pk FROM versions WHERE updated >= ?{where} ORDER BY updated DESC, pk DESC"  # noqa: S608 - own columns
        return [row[0] for row in self.select(sql, (since, *(value for _, value in given)))]

    def types(self) -> tuple[str, ...]:
        """Every type that the store has ever held, sorted."""
        return tuple(row[0] for row in self.select("SELECT DISTINCT type FROM current ORDER BY type", ()))

    def select(self, sql: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._lock:
            return self._database.execute(sql, arguments).fetchall()

    def parameter_key(self, resource_type: str, name: str) -> int:
        """The number that stands for a search parameter in the index."""
        key = self._parameters.get((resource_type, name))
        if key is None:
            with self._lock:
                inserted = self._database.execute(
                    "INSERT INTO parameter (type, name) VALUES (?, ?) RETURNING p", (resource_type, name)
                ).fetchone()
            key = int(inserted[0])
            self._parameters[resource_type, name] = key
        return key

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes made inside are kept together, or, if it ends by an exception, none of them."""
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            known = dict(self._parameters)
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                self._parameters = known
                raise
            self._database.execute("COMMIT")

    def put(self, resource: Mapping[str, Any], method: str = "PUT", *, own_meta: bool = True) -> Version:
        """Keep a resource as the next version of its type and id. Raises ValueError if it cannot be indexed.

        Version and time are the store's own, whatever `meta` says of them, unless that is waived.
        """
        with self.transaction():
            resource_type, identifier = resource["resourceType"], resource["id"]
            number = self._next_version(resource_type, identifier)
            updated = self.tick()
            given = resource.get("meta", {})
            meta = {**given, "versionId": str(number), "lastUpdated": dates.written(updated)}
            if not own_meta:
                meta |= given
            body = {"resourceType": resource_type, "id": identifier, "meta": meta}
            body.update((name, value) for name, value in resource.items() if name not in body)
            loaded = Loaded(body, dump(body), number, updated)
            self._take_in([loaded], method)
            return self._current(resource_type, identifier)

    def delete(self, resource_type: str, identifier: str) -> Version | None:
        """Mark a resource as deleted, unless it is already or never was."""
        with self.transaction():
            existing = self.get(resource_type, identifier)
            if existing is None or existing.deleted:
                return existing
            number = self._next_version(resource_type, identifier)
            key = self.snapshot() + 1
            row = (key, resource_type, identifier, number, self.tick(), 1, b"", "DELETE")
            self._database.execute(schema.ADD_VERSION, row)
            self._database.execute(schema.ADD_CURRENT, (resource_type, identifier, key, 1))
            return _version(row)

    def forget(self, resource_type: str, identifier: str) -> None:
        """Erase the older versions of a resource."""
        with self.transaction():
            self._database.execute(
                "DELETE FROM versions WHERE type = ? AND id = ? AND pk NOT IN (SELECT pk FROM current)",
                (resource_type, identifier),
            )

    def _take_in(self, batch: Sequence[Loaded], method: str = "POST") -> int:
        key = self.snapshot()
        versions: list[tuple[Any, ...]] = []
        patients: list[tuple[str, int]] = []
        index: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in schema.FILL}
        for item in batch:
            key += 1
            resource_type, identifier = item.resource["resourceType"], item.resource["id"]
            versions.append(
                (key, resource_type, identifier, item.version, item.updated, 0, item.text, method)
            )
            for parameter, found in rows(item.resource, self._base_url):
                p = self.parameter_key(resource_type, parameter.name)
                index[parameter.kind].extend((p, *row, key) for row in found)
            patients.extend((patient, key) for patient in compartments(item.resource))
        run = self._database.executemany
        run(schema.ADD_VERSION, versions)
        run(schema.ADD_CURRENT, [(row[1], row[2], row[0], 0) for row in versions])
        run(schema.ADD_COMPARTMENT, patients)
        for kind, kept in index.items():
            run(schema.FILL[kind], kept)
        return len(versions)

    def _index(self) -> None:
        for name, columns in schema.INDEXES.items():
            self._database.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")

    def _next_version(self, resource_type: str, identifier: str) -> int:
        existing = self.get(resource_type, identifier)
        return existing.version + 1 if existing else 1

    def _current(self, resource_type: str, identifier: str) -> Version:
        version = self.get(resource_type, identifier)
        assert version is not None, "it was written a moment ago"
        return version

    def _one(self, sql: str) -> int | None:
        found = self._database.execute(sql).fetchone()[0]
        return None if found is None else int(found)


def _version(row: Sequence[Any]) -> Version:
    return Version(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6], row[7])
