"""Concrete addresses for paths with parameters, learned from the lists that a service shows.

`/messages/{messageId}` is below `/messages`: where that lists items, each has an address of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from conformance.openapi.description import PARAMETER, Description, Json, Operation

MOST_ITEMS = 5
_LISTS = ("items", "data", "results", "content", "entries", "value")


def items(value: Json) -> list[dict[str, Any]]:
    """The objects of a list answer: the list itself, or the first member that is one, a usual name before others."""
    if isinstance(value, dict):
        members = [value[name] for name in _LISTS if name in value] + list(value.values())
        value = next((each for each in members if isinstance(each, list) and each), [])
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def identity(item: Mapping[str, Json], parameter: str = "id") -> str:
    """What an item goes by in an address: the member named as the parameter is, or `id`; empty where it has none."""
    wanted = (parameter, "id", parameter.replace("_", "").lower())
    folded = {name.replace("_", "").lower(): name for name in item}
    for name in (*wanted[:2], folded.get(wanted[2], "")):
        value = item.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            return str(value)
    return ""


def above(path: str) -> tuple[str, str]:
    """The path of the list in which the last parameter of a path is found, and the parameter; empty without one."""
    parts = path.split("/")
    for number in range(len(parts) - 1, 0, -1):
        if match := PARAMETER.fullmatch(parts[number]):
            return "/".join(parts[:number]) or "/", match[1]
    return "", ""


def addresses(path: str, seen: Mapping[str, list[Json]]) -> list[str]:
    """Concrete addresses of a path; `seen` are the answers by the concrete paths that gave them.

    Those of a path without parameters are the path itself.
    """
    parent, parameter = above(path)
    if not parameter:
        return [path]
    rest = path[len(f"{parent.rstrip('/')}/{{{parameter}}}") :]
    found: dict[str, None] = {}
    for place in addresses(parent, seen):
        for answer in seen.get(place, []):
            for item in items(answer)[:MOST_ITEMS]:
                if one := identity(item, parameter):
                    found[f"{place.rstrip('/')}/{quote(one, safe='')}{rest}"] = None
    return list(found)


def lists(description: Description) -> Iterator[Operation]:
    """The reading operations that other paths are below, those above others first."""
    needed = {above(each.path)[0] for each in description.operations}
    for each in sorted(description.operations, key=lambda one: (one.path.count("/"), one.path)):
        if each.method == "GET" and each.path in needed:
            yield each


def is_of_a_list(operation: Operation) -> bool:
    """Whether an operation is about one thing by an id, of which a list above it shows what others there are."""
    parent, name = above(operation.path)
    if not parent or operation.whole.operation(f"GET {parent}") is None:
        return False
    schemas = [one.schema for one in operation.parameters if (one.name, one.place) == (name, "path")]
    if not schemas or operation.whole.is_lost(schemas[0]):
        return False
    schema = operation.whole.resolved(schemas[0])
    return "enum" not in schema and "const" not in schema and schema.get("type") != "boolean"


def maker(operation: Operation) -> Operation | None:
    """The operation that makes what another one is about: POST to the list above it."""
    parent, _ = above(operation.path)
    return operation.whole.operation(f"POST {parent}") if parent else None
