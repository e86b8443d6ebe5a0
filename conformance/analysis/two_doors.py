"""One version of a resource as two interfaces of one server show it: a read or a search, and an export.

What may differ between them is brought into one form: a reference to the server itself is relative or absolute
(https://hl7.org/fhir/R4/references.html#literal); an attachment holds its bytes or says where they are, which the Bulk
Data guide has an export do; objects that repeat stand in any order.
"""

import json
from typing import Any

from conformance.analysis.round_trip import Resource

WHERE_OR_WHAT = frozenset({"url", "data", "size", "hash"})
GENERATED = frozenset({"generated", "extensions"})


def in_one_form(resource: Resource, base: str) -> Resource:
    """The resource with references to `base` made relative, and attachments without their bytes and address."""
    return {name: _plain(value, base.rstrip("/") + "/") for name, value in resource.items()}


def aligned(before: Any, after: Any) -> Any:
    """`after` with its objects that repeat in the order of `before`, where they are the same ones."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {
            name: aligned(before[name], value) if name in before else value for name, value in after.items()
        }
    if not isinstance(before, list) or not isinstance(after, list):
        return after
    if all(isinstance(item, dict) for item in (*before, *after)) and _same_ones(before, after):
        return before
    return [*map(aligned, before, after), *after[len(before) :]]


def _same_ones(some: list[Any], others: list[Any]) -> bool:
    return sorted(map(_key, some)) == sorted(map(_key, others))


def narrative_adds(resource: Resource) -> bool:
    """Whether the narrative may hold what the elements do not (https://hl7.org/fhir/R4/narrative.html)."""
    text = resource.get("text")
    return isinstance(text, dict) and text.get("status") not in GENERATED


def _plain(value: Any, base: str) -> Any:
    if isinstance(value, list):
        return [_plain(item, base) for item in value]
    if not isinstance(value, dict):
        return value
    attachment = "contentType" in value and "resourceType" not in value
    found = {
        name: _plain(item, base)
        for name, item in value.items()
        if not (attachment and name.removeprefix("_") in WHERE_OR_WHAT)
    }
    reference = found.get("reference")
    if isinstance(reference, str):
        found["reference"] = reference.removeprefix(base)
    return found


def _key(item: dict[str, Any]) -> str:
    return json.dumps(item, sort_keys=True, default=lambda number: f"decimal {number}")
