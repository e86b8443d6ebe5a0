"""Taking a resource apart: one row for each value, in the table of its type. What R4 has no place for is refused."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from conformance.loader.primitives import TABLES, Unstorable
from conformance.loader.schema import RESOURCE, Field, is_resource, shape_of

NODE = "node"
ROOT = 0
DEEPEST = 100
"""Resources nest some dozens deep; thousands are made to do harm."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that could not be stored: where in the resource, and why."""

    place: str
    why: str


@dataclass
class Rows:
    """One resource as rows by table, and what of it could not be stored.

    A row is (resource, owner, element, position, columns…), where `owner` is the node that the value belongs to and
    `position` is empty for what does not repeat. A row of the table `node` has the number of the node and the type of
    what it holds as columns.
    """

    type: str
    id: str
    values: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    nodes: int = ROOT


def read_resource(line: bytes) -> dict[str, Any]:
    """The JSON object of a line, decimals with their digits. Raises Unstorable."""
    try:
        value = json.loads(line, parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Unstorable(f"it is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise Unstorable("it is no JSON object")
    return value


def _constant(name: str) -> Any:
    raise Unstorable(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unstorable("an object has two members of the same name")
    return found


def rows_of(resource: dict[str, Any], number: int) -> Rows:
    """The rows of a resource that gets this number. Raises Unstorable where it can have no place at all."""
    kind, identity = resource.get("resourceType"), resource.get("id")
    if not isinstance(kind, str) or not is_resource(kind):
        raise Unstorable(f"R4 has no resource type {kind!r}")
    if not isinstance(identity, str):
        raise Unstorable("it has no id, so nothing can be told of it again")
    (name,) = TABLES["id"].take(identity)
    rows = Rows(kind, name)
    _Taker(rows, number).object(resource, ROOT, kind, kind, 0)
    return rows


class _Taker:
    """Takes one resource apart, depth first."""

    def __init__(self, rows: Rows, number: int) -> None:
        self.rows = rows
        self.number = number

    def object(self, value: dict[str, Any], node: int, shape: str, place: str, depth: int) -> None:
        fields = shape_of(shape)
        if fields is None or depth > DEEPEST:
            self.refuse(place, "it is nested too deep" if fields is not None else f"R4 has no type {shape}")
            return
        for name, item in value.items():
            if name == "resourceType" and shape == value.get("resourceType"):
                continue
            here = f"{place}.{name}"
            known = fields.get(name.removeprefix("_"))
            if known is None or (name.startswith("_") and known.shape):
                self.refuse(here, "R4 has no such element")
                continue
            element = Field("Element", known.repeats, "Element") if name.startswith("_") else known
            for position, one, at in self.items(item, element, here):
                self.one(one, element, name, (node, position), at, depth)

    def items(self, item: Any, element: Field, place: str) -> Iterator[tuple[int | None, Any, str]]:
        if element.repeats is not isinstance(item, list):
            self.refuse(place, "it repeats, and is no array" if element.repeats else "it does not repeat")
        elif not element.repeats:
            yield None, item, place
        else:
            for position, one in enumerate(item):
                if one is not None or (element.type != "Element" and element.shape):
                    yield position, one, f"{place}[{position}]"

    def one(
        self, value: Any, element: Field, name: str, where: tuple[int, int | None], place: str, depth: int
    ) -> None:
        owner, position = where
        if not element.shape:
            try:
                columns = TABLES[element.type].take(value)
            except Unstorable as problem:
                self.refuse(place, str(problem))
                return
            self.row(element.type, owner, name, position, columns)
            return
        if not isinstance(value, dict):
            self.refuse(place, f"it is no {element.type}")
            return
        shape = element.shape
        if shape == RESOURCE:
            shape = value.get("resourceType", "")
            if not isinstance(shape, str) or not is_resource(shape):
                self.refuse(place, f"R4 has no resource type {shape!r}")
                return
        self.rows.nodes += 1
        node = self.rows.nodes
        self.row(NODE, owner, name, position, (node, shape))
        self.object(value, node, shape, place, depth + 1)

    def row(self, table: str, owner: int, name: str, position: int | None, columns: tuple[Any, ...]) -> None:
        self.rows.values.setdefault(table, []).append((self.number, owner, name, position, *columns))

    def refuse(self, place: str, why: str) -> None:
        self.rows.refused.append(Refusal(place, why))
