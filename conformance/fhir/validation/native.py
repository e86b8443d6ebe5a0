"""The invariants that almost every resource meets, judged without their expressions.

They say the same as the published expressions (for dom-3 and ref-1 with what those plainly mean, see the errata), in
one walk where the expression takes seven, and without the cost of an engine for each of ten thousand references.

Sources: FHIR R4, https://hl7.org/fhir/R4/domainresource.html#invs, https://hl7.org/fhir/R4/references.html#contained,
https://hl7.org/fhir/R4/extensibility.html#Extension
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.resolving import contained_in, container
from conformance.fhir.validation.telling import Telling

__all__ = ["ELSEWHERE", "NATIVE", "Native"]

Native = Callable[[Telling, Node, str], None]
IN_NARRATIVE = re.compile(r"""\s(?:src|href)\s*=\s*["'](#[A-Za-z0-9.-]{1,64})["']""")
"""An image or link to a contained resource: https://hl7.org/fhir/R4/narrative.html#images"""
POINTING = frozenset({"uri", "url", "canonical"})
ELSEWHERE = frozenset({"ele-1", "txt-1", "txt-2"})
"""Those that the judging of a value's form tells, more precisely than their expressions."""


def _referred_to(judge: Telling, node: Node, structure: str) -> None:
    """dom-3: a contained resource is referred to from elsewhere in its container, or refers to it."""
    contained = node.groups.get("contained")
    if not contained:
        return
    named = set(_pointers(node))
    for resource in contained:
        identity = resource.value.get("id")
        if f"#{identity}" not in named and "#" not in set(_pointers(resource)):
            judge.tell(resource, "contained-not-referred-to", structure=structure, rule="dom-3")


def _pointers(node: Node) -> Iterator[str]:
    """Every reference and address below a node that stays inside its resource; in its narrative as well."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        for group in here.groups.values():
            waiting += group
        if here.type == "xhtml" and isinstance(here.value, str):
            yield from IN_NARRATIVE.findall(here.value)
        points = here.type in POINTING or here.name == "reference"
        if points and isinstance(here.value, str) and here.value.startswith("#"):
            yield here.value


def _leads_inside(judge: Telling, node: Node, structure: str) -> None:
    """ref-1: a reference within the resource names a resource that it contains, or, from there, the container."""
    reference = node.value.get("reference")
    if not isinstance(reference, str) or not reference.startswith("#"):
        return
    outer = container(node)
    if reference == "#":
        if outer is node.resource:
            judge.tell(node, "reference-to-itself", structure=structure, rule="ref-1")
        return
    if reference[1:] not in judge.once(outer, contained_in):
        judge.tell(node, "reference-not-contained", structure=structure, rule="ref-1", found=reference)


def _readable(judge: Telling, node: Node, structure: str) -> None:
    """dom-6: a resource that stands for itself has a narrative; a contained one is told by its container's."""
    text = node.value.get("text")
    if node.name == "contained" or (isinstance(text, dict) and ("div" in text or "_div" in text)):
        return
    judge.tell(node, "narrative-missing", structure=structure, rule="dom-6", severity=Severity.WARNING)


def _one_content(judge: Telling, node: Node, structure: str) -> None:
    """ext-1: an extension has extensions or a value, and not both."""
    if ("extension" in node.groups) is ("value[x]" in node.groups):
        found = "both" if "extension" in node.groups else "neither"
        judge.tell(node, "extension-content", structure=structure, rule="ext-1", found=found)


NATIVE: Mapping[str, Native] = MappingProxyType(
    {"dom-3": _referred_to, "dom-6": _readable, "ref-1": _leads_inside, "ext-1": _one_content}
)
