"""Where a reference leads within the document that it stands in.

Source: FHIR R4, https://hl7.org/fhir/R4/references.html#contained and
https://hl7.org/fhir/R4/bundle.html#references
"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from conformance.fhir.validation.bundled import Bundled
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.scope import Resolved

__all__ = ["Once", "contained_in", "container", "resolved"]

Made = TypeVar("Made")

OUTSIDE = Resolved(None, external=True)
NOWHERE = Resolved(None)
_RESTFUL = re.compile(
    r"(?P<base>https?://.*/)[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?\Z"
)
_RELATIVE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?\Z")


def container(node: Node) -> Node:
    """The resource in whose `contained` the node's resource lies, or that resource itself."""
    resource = node.resource
    while resource.name == "contained" and resource.parent is not None:
        resource = resource.parent.resource
    return resource


class Once(Protocol):
    """Makes something for a node when it is first asked for, and keeps it (`judge.Judge.once`)."""

    def __call__(self, node: Node, make: Callable[[Node], Made]) -> Made:
        """What `make` makes of the node."""
        ...


def contained_in(resource: Node) -> Mapping[str, Node]:
    """The resources that a resource contains, by their ids; the first of one id."""
    found: dict[str, Node] = {}
    for child in resource.groups.get("contained", ()):
        identity = child.value.get("id") if isinstance(child.value, dict) else None
        if isinstance(identity, str):
            found.setdefault(identity, child)
    return found


def resolved(node: Node, reference: str, once: Once) -> Resolved:
    """Where a literal reference that stands at a node leads: contained, in a Bundle around it, or outside."""
    if reference.startswith("#"):
        resource = container(node)
        if reference == "#":
            return Resolved(resource)
        return Resolved(once(resource, contained_in).get(reference[1:]))
    here = node.resource
    while True:
        entry = _entry(here)
        if entry is None:
            return OUTSIDE
        bundle = entry.resource
        found = _in_bundle(once(bundle, Bundled), entry, reference)
        if found is not None:
            return Resolved(found)
        if bundle.parent is None:
            return NOWHERE if reference.startswith("urn:") else OUTSIDE
        here = bundle


def _entry(resource: Node) -> Node | None:
    """The Bundle entry that a resource stands in, itself or with its container."""
    place: Node | None = resource
    while place is not None and place.parent is not None:
        if (
            place.name == "resource"
            and place.parent.name == "entry"
            and place.parent.resource.type == "Bundle"
        ):
            return place.parent
        place = place.parent
    return None


def _in_bundle(bundle: Bundled, entry: Node, reference: str) -> Node | None:
    target, _, version = reference.partition("#")[0].partition("/_history/")
    if _RELATIVE.match(reference):
        full = _text(entry, "fullUrl")
        base = _RESTFUL.match(full)
        if base is None:
            return None
        target = base["base"] + target
    return bundle.find(target, version)


def _text(entry: Node, name: str) -> str:
    value = entry.value.get(name) if isinstance(entry.value, dict) else None
    return value if isinstance(value, str) else ""
