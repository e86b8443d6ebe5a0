"""Where a reference leads within the document that it stands in.

Source: FHIR R4, https://hl7.org/fhir/R4/references.html#contained and
https://hl7.org/fhir/R4/bundle.html#references
"""

import re

from conformance.fhir.validation.node import Node
from conformance.fhir.validation.scope import Resolved

__all__ = ["container", "resolved"]

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


def resolved(node: Node, reference: str) -> Resolved:
    """Where a literal reference that stands at a node leads: contained, in a Bundle around it, or outside."""
    if reference.startswith("#"):
        return _contained(container(node), reference[1:])
    here = node.resource
    while True:
        entry = _entry(here)
        if entry is None:
            return OUTSIDE
        bundle = entry.resource
        found = _in_bundle(bundle, entry, reference)
        if found is not None:
            return Resolved(found)
        if bundle.parent is None:
            return NOWHERE if reference.startswith("urn:") else OUTSIDE
        here = bundle


def _contained(resource: Node, identity: str) -> Resolved:
    if not identity:
        return Resolved(resource)
    for child in resource.groups.get("contained", ()):
        if isinstance(child.value, dict) and child.value.get("id") == identity:
            return Resolved(child)
    return NOWHERE


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


def _in_bundle(bundle: Node, entry: Node, reference: str) -> Node | None:
    target, _, version = reference.partition("#")[0].partition("/_history/")
    if _RELATIVE.match(reference):
        full = _text(entry, "fullUrl")
        base = _RESTFUL.match(full)
        if base is None:
            return None
        target = base["base"] + target
    for candidate in bundle.groups.get("entry", ()):
        resources = candidate.groups.get("resource")
        if not resources or _text(candidate, "fullUrl").partition("/_history/")[0] != target:
            continue
        meta = resources[0].value.get("meta") if isinstance(resources[0].value, dict) else None
        if not version or (isinstance(meta, dict) and meta.get("versionId") == version):
            return resources[0]
    return None


def _text(entry: Node, name: str) -> str:
    value = entry.value.get(name) if isinstance(entry.value, dict) else None
    return value if isinstance(value, str) else ""
