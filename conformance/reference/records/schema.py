"""The tables of the store, and the statements that fill the search index.

Rows of the index belong to one version of a resource and are never taken away: a search looks only at versions that
are current (or were, at the time of an export), so what stands there for older ones does no harm.
"""

from collections.abc import Mapping
from types import MappingProxyType

from conformance.reference.records.indexing import COLUMNS

TABLES = """
CREATE TABLE IF NOT EXISTS versions (
  pk INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
  updated INTEGER NOT NULL, deleted INTEGER NOT NULL, text BLOB NOT NULL, method TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS current (
  type TEXT NOT NULL, id TEXT NOT NULL, pk INTEGER NOT NULL, deleted INTEGER NOT NULL,
  PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parameter (
  p INTEGER PRIMARY KEY, type TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (type, name));
CREATE TABLE IF NOT EXISTS compartment (patient TEXT NOT NULL, pk INTEGER NOT NULL);
""" + "".join(
    f"CREATE TABLE IF NOT EXISTS {kind}_index (p INTEGER NOT NULL, {', '.join(columns)}, pk INTEGER NOT NULL);\n"
    for kind, columns in COLUMNS.items()
)

INDEXES: Mapping[str, str] = MappingProxyType(
    {
        "versions_of": "versions (type, id, pk)",
        "versions_since": "versions (type, updated, pk)",
        "current_pk": "current (pk)",
        "compartment_of": "compartment (pk, patient)",
        "token_by_code": "token_index (p, code, system, pk)",
        "token_by_system": "token_index (p, system, pk)",
        "string_by_text": "string_index (p, folded, pk)",
        "date_by_low": "date_index (p, low, high, pk)",
        "reference_by_id": "reference_index (p, id, target, pk)",
        "reference_by_source": "reference_index (p, pk, target, id)",
        "reference_by_url": "reference_index (p, url, pk)",
        "quantity_by_value": "quantity_index (p, value, pk)",
        "number_by_value": "number_index (p, value, pk)",
        "uri_by_value": "uri_index (p, value, pk)",
        "display_by_text": "display_index (p, folded, pk)",
    }
)

FILL: Mapping[str, str] = MappingProxyType(
    {
        kind: f"INSERT INTO {kind}_index VALUES ({', '.join('?' * (len(columns) + 2))})"  # noqa: S608 - own names
        for kind, columns in COLUMNS.items()
    }
)
ADD_VERSION = "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
ADD_CURRENT = "INSERT OR REPLACE INTO current VALUES (?, ?, ?, ?)"
ADD_COMPARTMENT = "INSERT INTO compartment VALUES (?, ?)"
