"""Bundles that gather resources: collections and the answers to searches. Every other kind is left to `explain`.

Source: FHIR R4, https://hl7.org/fhir/R4/bundle.html (invariants bdl-1 to bdl-12, fullUrl, references)
"""

import re
from typing import Any

from conformance.fhir.validation.accept.plan import Json

__all__ = ["check_bundle", "entries_of"]

_PLAIN = frozenset({"collection", "searchset"})
_ENTRY = frozenset({"fullUrl", "resource", "link", "search"})
_SINGLE = frozenset({"self", "first", "previous", "prev", "next", "last"})
_ADDRESS = re.compile(r"https?://[^\s?#]*/([A-Z][A-Za-z]*)/([A-Za-z0-9.-]{1,64})").fullmatch


def entries_of(resource: Any) -> dict[str, str] | None:
    """The resource types in a Bundle by fullUrl; None for any other resource."""
    if resource["resourceType"] != "Bundle":
        return None
    return {
        entry["fullUrl"]: entry["resource"]["resourceType"]
        for entry in resource.get("entry", ())
        if "fullUrl" in entry and "resource" in entry
    }


def check_bundle(found: Json, walk: Any, _row: Any) -> bool:
    """Whether a Bundle is a collection or a searchset whose entries are certainly right, and stands alone."""
    kind = found["type"]
    if kind not in _PLAIN or walk.outermost is not found or walk.depth != 1:
        return False
    if kind == "collection" and (
        "total" in found or any("search" in entry for entry in found.get("entry", ()))
    ):
        return False
    relations = [link["relation"] for link in found.get("link", ()) if link["relation"] in _SINGLE]
    if len(relations) != len(set(relations)):
        return False
    seen = set()
    for entry in found.get("entry", ()):
        full_url = entry.get("fullUrl")
        if (
            not entry.keys() <= _ENTRY
            or not full_url
            or full_url in seen
            or not _agrees(full_url, entry["resource"])
        ):
            return False
        seen.add(full_url)
    return True


def _agrees(full_url: str, resource: Json) -> bool:
    """Whether an entry's identity is that of its resource."""
    if full_url.startswith("urn:uuid:"):
        return True
    address = _ADDRESS(full_url)
    if address is None or "/_history/" in full_url:
        return False
    return address[1] == resource["resourceType"] and address[2] == resource.get("id")
