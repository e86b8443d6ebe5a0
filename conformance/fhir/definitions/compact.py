"""Structures as compact rows of JSON, and back: the form in which the table of R4 is shipped.

Equal facts stand once, in pools that every row refers to by number. A row of an element is
`[name, facts, children, slices]`, cut after the last part that is not empty; an element's id and path follow from
its place in the tree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

from conformance.fhir.definitions.table import (
    Binding,
    Constraint,
    Context,
    Discriminator,
    Element,
    Slicing,
    Structure,
    Typed,
    TypeRef,
)

__all__ = ["Pools", "Reader", "packed"]

Row = list[Any]

_PLACED = frozenset(("id", "path", "name", "children", "slices", "slice_name", "constraints"))
_TYPED = frozenset(("fixed", "pattern", "min_value", "max_value"))
_DEFAULTS = {part.name: part.default for part in fields(Element) if part.name not in _PLACED}
_META = {part.name: part.default for part in fields(Structure) if part.name not in {"root", "contexts"}}


@dataclass
class Pools:
    """What equal rows share while a table is written."""

    facts: dict[str, int] = field(default_factory=dict)
    constraints: dict[str, int] = field(default_factory=dict)

    def number(self, pool: dict[str, int], value: Any) -> int:
        """The number of a value in a pool, where it is added when it is new."""
        return pool.setdefault(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode(), len(pool))

    def rows(self) -> dict[str, list[Any]]:
        """The pools as they are written."""
        return {
            "facts": [orjson.loads(text) for text in self.facts],
            "constraints": [orjson.loads(text) for text in self.constraints],
        }


def packed(structure: Structure, pools: Pools) -> dict[str, Any]:
    """A structure as compact JSON, its shared facts put into the pools."""
    row = {
        name: getattr(structure, name)
        for name, default in _META.items()
        if getattr(structure, name) != default and name != "package"
    }
    if structure.contexts:
        row["contexts"] = [[context.kind, context.expression] for context in structure.contexts]
    row["root"] = _element(structure.root, structure.root.id, pools)
    return row


def _element(element: Element, expected_id: str, pools: Pools) -> Row:
    facts = {
        name: _plain(getattr(element, name))
        for name, default in _DEFAULTS.items()
        if getattr(element, name) != default
    }
    if element.constraints:
        facts["constraints"] = [
            pools.number(pools.constraints, [row.key, row.severity, row.expression, row.source])
            for row in element.constraints
        ]
    if element.slice_name:
        facts["slice_name"] = element.slice_name
    if element.id != expected_id:
        facts["id"] = element.id
    children = [_element(child, f"{element.id}.{child.name}", pools) for child in element.children]
    base_id = element.id.rpartition(":")[0] if element.slice_name else element.id
    slices = [_element(row, f"{base_id}:{row.slice_name}", pools) for row in element.slices]
    row: Row = [element.name, pools.number(pools.facts, facts), children, slices]
    while row and row[-1] == []:
        row.pop()
    return row


def _plain(value: Any) -> Any:
    """A fact as JSON: types, bindings and the like as lists of their fields, cut after the last that is set."""
    if isinstance(value, tuple):
        return [_plain(row) for row in value]
    if isinstance(value, TypeRef | Binding | Discriminator | Slicing | Typed):
        row = [_plain(getattr(value, part.name)) for part in fields(value)]
        defaults = [_plain(part.default) for part in fields(value)]
        while row and row[-1] == defaults[len(row) - 1]:
            row.pop()
        return row
    return value


class Reader:
    """Makes structures of compact rows; facts that rows share are made once."""

    def __init__(self, facts: Sequence[dict[str, Any]], constraints: Sequence[Row]) -> None:
        self._facts = facts
        self._rows = constraints
        self._constraints: dict[int, Constraint] = {}
        self._made: dict[int, dict[str, Any]] = {}

    def structure(self, row: dict[str, Any], package: str) -> Structure:
        """The structure of a compact row."""
        values = {name: _frozen(value) for name, value in row.items() if name not in {"root", "contexts"}}
        contexts = tuple(Context(kind, expression) for kind, expression in row.get("contexts", ()))
        name = row["root"][0]
        return Structure(
            **values, contexts=contexts, root=self._element(row["root"], name, name), package=package
        )

    def _element(self, row: Row, identity: str, path: str) -> Element:
        name, number = row[0], row[1]
        facts = self._made.get(number)
        if facts is None:
            facts = self._made[number] = self._unpacked(self._facts[number])
        own_id = facts.get("id", identity)
        children: Any = ()
        slices: Any = ()
        if len(row) > 2:  # noqa: PLR2004 - the parts of a row, as the module says
            children = tuple(
                [self._element(child, f"{own_id}.{child[0]}", f"{path}.{child[0]}") for child in row[2]]
            )
        if len(row) > 3:  # noqa: PLR2004
            base_id = own_id.rpartition(":")[0] if "slice_name" in facts else own_id
            slices = tuple([self._slice(part, base_id, path) for part in row[3]])
        return Element(
            **{**facts, "id": own_id, "path": path, "name": name, "children": children, "slices": slices}
        )

    def _slice(self, row: Row, identity: str, path: str) -> Element:
        return self._element(row, f"{identity}:{self._facts[row[1]]['slice_name']}", path)

    def _unpacked(self, facts: dict[str, Any]) -> dict[str, Any]:
        made = {name: _read(name, value) for name, value in facts.items()}
        if "constraints" in facts:
            made["constraints"] = tuple([self._constraint(number) for number in facts["constraints"]])
        return made

    def _constraint(self, number: int) -> Constraint:
        found = self._constraints.get(number)
        if found is None:
            found = self._constraints[number] = Constraint(*self._rows[number])
        return found


def _read(name: str, value: Any) -> Any:
    if name == "types":
        return tuple([TypeRef(row[0], *map(_frozen, row[1:])) for row in value])
    if name == "binding":
        return Binding(*value)
    if name == "slicing":
        return Slicing(tuple(Discriminator(*row) for row in value[0]), *value[1:]) if value else Slicing()
    if name in _TYPED:
        return Typed(*value)
    return value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
