"""Reading a Bundle, whatever odd shape it comes in (https://hl7.org/fhir/R4/bundle.html)."""

from typing import Any

from conformance.fhir.elements import Resource


def entries(bundle: Resource) -> list[dict[str, Any]]:
    """The entries of a bundle that are objects."""
    found = bundle.get("entry")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def matches(bundle: Resource) -> list[Resource]:
    """The resources that a search found: neither those included beside them nor outcomes about the search."""
    return [
        entry["resource"]
        for entry in entries(bundle)
        if isinstance(entry.get("resource"), dict) and _mode(entry) == "match"
    ]


def link(bundle: Resource, relation: str) -> str | None:
    """The URL of the first link of this relation; None where there is none."""
    links = bundle.get("link")
    for item in links if isinstance(links, list) else []:
        if isinstance(item, dict) and item.get("relation") == relation and isinstance(item.get("url"), str):
            return str(item["url"])
    return None


def total(bundle: Resource) -> int | None:
    """The number of all matches on all pages; None where it is not stated."""
    value = bundle.get("total")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def reference(resource: Resource) -> str:
    """`Type/id` of a resource; what is missing or no text is left empty."""
    kind, identity = resource.get("resourceType"), resource.get("id")
    return f"{kind if isinstance(kind, str) else ''}/{identity if isinstance(identity, str) else ''}"


def is_subsetted(resource: Resource) -> bool:
    """Whether the resource says of itself that parts are missing (https://hl7.org/fhir/R4/search.html#elements)."""
    meta = resource.get("meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    return isinstance(tags, list) and any(
        isinstance(tag, dict) and tag.get("code") == "SUBSETTED" for tag in tags
    )


def _mode(entry: dict[str, Any]) -> str:
    search = entry.get("search")
    mode = search.get("mode") if isinstance(search, dict) else None
    if isinstance(mode, str):
        return mode
    return "outcome" if entry["resource"].get("resourceType") == "OperationOutcome" else "match"
