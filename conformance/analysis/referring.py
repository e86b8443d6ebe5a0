"""Literal references in resources: where each stands, where it leads, and a fair choice among many.

Source: FHIR R4, https://hl7.org/fhir/R4/references.html#literal
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from conformance.fhir.addresses import scheme
from conformance.fhir.bundles import reference as name_of

Resource = dict[str, Any]
Leads = Literal["here", "elsewhere", "contained", "unresolvable"]
"""To this server, to another one, to a contained resource, or nowhere that can be asked (urn:uuid, a search)."""

_TARGET = re.compile(
    r"(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/(?P<version>[A-Za-z0-9.-]{1,64}))?"
)


@dataclass(frozen=True)
class Referring:
    """One literal reference: the resource and the element path in which it stands, and what it says."""

    source: str
    path: str
    reference: str

    def leads(self, base: str) -> Leads:
        """Where it leads, for a server with this base URL."""
        if self.reference.startswith("#"):
            return "contained"
        if self.target(base):
            return "here"
        elsewhere = scheme(self.reference) in {"http", "https"} and not self.reference.startswith(f"{base}/")
        return "elsewhere" if elsewhere else "unresolvable"

    def target(self, base: str) -> str:
        """`Type/id` or `Type/id/_history/version` of the resource on this server; empty for all others."""
        relative = self.reference.removeprefix(f"{base}/")
        return relative if _TARGET.fullmatch(relative) else ""


def literal_references(resource: Resource) -> Iterator[Referring]:
    """Every literal reference of a resource, those of its contained resources too, in document order.

    A hostile resource may be nested deeper than Python recurses, so the tree is walked with a stack.
    """
    source, waiting = name_of(resource), [(str(resource.get("resourceType", "")), resource)]
    found = []
    while waiting:
        path, node = waiting.pop()
        if isinstance(node.get("reference"), str):
            found.append(Referring(source, path, node["reference"]))
        inner = [
            (f"{path}.{name}", item)
            for name, value in node.items()
            for item in (value if isinstance(value, list) else [value])
            if isinstance(item, dict)
        ]
        waiting += reversed(inner)
    yield from found


def chosen(found: Iterable[Referring], base: str, most: int) -> list[Referring]:
    """At most so many references that lead to this server, each target once, dealt over the paths and types.

    The choice depends on nothing but what was found, so that it is the same whenever it is made.
    """
    piles: dict[tuple[str, str], list[Referring]] = {}
    seen: set[str] = set()
    for each in sorted(found, key=lambda one: (one.path, one.reference, one.source)):
        target = each.target(base)
        if target and target not in seen:
            seen.add(target)
            piles.setdefault((each.path, target.partition("/")[0]), []).append(each)
    dealt: list[Referring] = []
    for number in range(most):
        dealt += [pile[number] for _, pile in sorted(piles.items()) if number < len(pile)]
        if len(dealt) >= most:
            break
    return dealt[:most]
