"""Running a search: the keys of the versions that match, in the order that was asked for."""

from collections.abc import Sequence
from typing import Any

from conformance.reference.behaviour.results import OrderBehaviour
from conformance.reference.forms import dates
from conformance.reference.records.parameters import Parameter
from conformance.reference.records.store import Store
from conformance.reference.search.query import Query, SortKey

_SORTED_BY = {
    "token": ("code", "code"),
    "string": ("folded", "folded"),
    "date": ("low", "low"),
    "reference": ("id", "id"),
    "quantity": ("value", "value"),
    "number": ("value", "value"),
    "uri": ("value", "value"),
}


_HONEST = OrderBehaviour()


def count(store: Store, query: Query) -> int:
    """How many current resources match."""
    sql, arguments = _current(query)
    return int(store.select(f"SELECT count(*) FROM ({sql})", arguments)[0][0])  # noqa: S608 - own names


def match(store: Store, query: Query, *, sort: bool = True, order: OrderBehaviour = _HONEST) -> list[int]:
    """The keys of all current resources that match: sorted as asked, otherwise by when they came."""
    sql, arguments = _current(query)
    keys = [row[0] for row in store.select(f"{sql} ORDER BY pk", arguments)]
    if sort:
        # Sorting is stable: the last key first leaves the first key in command.
        for key in reversed(query.sort):
            keys = _sorted(store, query.resource_type, keys, key, order)
    return keys


def match_versions(store: Store, query: Query) -> set[int]:
    """The keys of all versions that match, old ones too: for exports, which look at one point in history."""
    conditions = "".join(f" AND {clause.sql}" for clause in query.clauses)
    arguments = [argument for clause in query.clauses for argument in clause.arguments]
    sql = f"SELECT pk FROM versions WHERE type = ?{conditions}"  # noqa: S608 - own names
    return {row[0] for row in store.select(sql, [query.resource_type, *arguments])}


def _current(query: Query) -> tuple[str, list[Any]]:
    conditions = "".join(f" AND {clause.sql}" for clause in query.clauses)
    arguments = [argument for clause in query.clauses for argument in clause.arguments]
    sql = f"SELECT pk FROM current WHERE type = ? AND deleted = 0{conditions}"  # noqa: S608 - own names
    return sql, [query.resource_type, *arguments]


def _sorted(
    store: Store, resource_type: str, keys: Sequence[int], key: SortKey, order: OrderBehaviour
) -> list[int]:
    by, descending = key.by, key.descending and order.direction_heeded
    if isinstance(by, str):
        rows = store.select(f"SELECT pk, {by} FROM versions WHERE type = ?", (resource_type,))  # noqa: S608
    else:
        column = _SORTED_BY[by.kind][descending]
        best = "max" if descending else "min"
        p = store.parameter_key(resource_type, by.name)
        sql = f"SELECT pk, {best}({column}) FROM {by.kind}_index WHERE p = ? GROUP BY pk"  # noqa: S608 - own names
        rows = store.select(sql, (p,))
    place: dict[int, Any] = dict(rows)
    if order.dates_as_text and isinstance(by, Parameter) and by.kind == "date":
        place = {pk: _day_first(low) for pk, low in place.items()}
    having = sorted((key for key in keys if key in place), key=place.__getitem__, reverse=descending)
    # Resources without the element come last, whichever way the others go.
    return having + [key for key in keys if key not in place and order.keeps_those_without]


def _day_first(moment: int) -> str:
    text = dates.written(moment)
    return f"{text[8:10]}/{text[5:7]}/{text[:4]}"
