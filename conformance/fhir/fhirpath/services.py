"""What an evaluation cannot know by itself, as callables that whoever evaluates puts in.

Each may answer that it cannot decide; the evaluation then ends in `Undecided`, and never guesses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final, Literal

from conformance.fhir.fhirpath.nodes import (
    Item,
    Items,
    Node,
    is_resource,
    member,
    resource_of,
    root_resource_of,
)


class Unknown(Enum):
    """The answer of a `resolve` that cannot tell whether the target exists."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

Resolve = Callable[[str, Node], "Node | Literal[Unknown.UNKNOWN] | None"]
"""The target of a reference that stands at a node: None where there is surely none, UNKNOWN where nobody knows."""


def resolve_within(reference: str, node: Node) -> "Node | Literal[Unknown.UNKNOWN] | None":
    """The target of a reference inside the same resource (`#id`) or the same Bundle (by fullUrl or type and id).

    What a Bundle does not hold is unknown: it may well be elsewhere.
    """
    container = root_resource_of(node)
    if reference.startswith("#"):
        if reference == "#":
            return container
        for contained in member(container, "contained"):
            if contained.value.__class__ is dict and contained.value.get("id") == reference[1:]:
                return contained  # type: ignore[no-any-return]
        return None
    return _in_bundles(reference, container)


def _in_bundles(reference: str, start: Node) -> "Node | Literal[Unknown.UNKNOWN]":
    wanted = reference.split("/_history/", 1)[0]
    current = start
    while current.parent is not None:
        current = resource_of(current.parent)
        if not is_resource(current):
            break
        for entry in member(current, "entry"):
            for resource in member(entry, "resource"):
                if wanted in _names(entry, resource):
                    return resource  # type: ignore[no-any-return]
    return UNKNOWN


def _names(entry: Node, resource: Node) -> tuple[str, ...]:
    if entry.value.__class__ is not dict or resource.value.__class__ is not dict:
        return ()
    full, identity = entry.value.get("fullUrl"), resource.value.get("id")
    relative = f"{resource.value.get('resourceType')}/{identity}" if identity else ""
    return tuple(name for name in (full, relative) if isinstance(name, str) and name)


def _undecided_membership(_item: Item, _value_set: str) -> bool | None:
    return None


def _undecided_conformance(_node: Node, _canonical: str) -> bool | None:
    return None


def _undecided_html(_text: str) -> bool | None:
    return None


def _undecided_subsumption(_one: Item, _other: Item) -> bool | None:
    return None


def _silent(_name: str, _items: Items) -> None:
    return None


def _clock() -> datetime:
    return datetime.now(UTC).astimezone()


@dataclass(frozen=True, slots=True)
class Services:
    """The callables that an evaluation asks.

    `member_of(item, value set)`, `conforms_to(node, canonical)`, `subsumes(general, special)` and `html_ok(text)`
    answer True, False, or None where they cannot decide. `now` gives an aware datetime. `trace(name, items)` sees
    what `trace()` is applied to.
    """

    resolve: Resolve = resolve_within
    member_of: Callable[[Item, str], bool | None] = _undecided_membership
    conforms_to: Callable[[Node, str], bool | None] = _undecided_conformance
    subsumes: Callable[[Item, Item], bool | None] = _undecided_subsumption
    html_ok: Callable[[str], bool | None] = _undecided_html
    now: Callable[[], datetime] = _clock
    trace: Callable[[str, Items], None] = _silent


NOTHING_AT_HAND = Services()
"""Services that decide nothing but what a resource and its Bundle hold themselves."""
