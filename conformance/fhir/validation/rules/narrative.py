"""What the narrative of a resource points to; what stands in it is judged with the form of its value.

Source: FHIR R4, https://hl7.org/fhir/R4/narrative.html
"""

from collections.abc import Iterable

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import everything_below, shortened, text_at
from conformance.fhir.validation.scope import Scope
from conformance.fhir.validation.xhtml import narrative_links


def links(node: Node, scope: Scope) -> Iterable[Issue]:
    """What a narrative points to inside its document is there: an id or name in a narrative, or an element's id."""
    if not isinstance(node.value, str) or "#" not in node.value:
        return
    found = narrative_links(node.value)
    wanted = [*found.links, *found.images]
    if not wanted or not (missing := [one for one in wanted if one and one not in found.targets]):
        return
    known = scope.once(_outermost(node), _targets)
    for one in dict.fromkeys(missing):
        if one not in known:
            yield scope.issue(
                node,
                "narrative-link-missing",
                f"the narrative points to {shortened('#' + one)!r}, and nothing here has that id or name",
                code="not-found",
                severity=Severity.WARNING,
            )


def _outermost(node: Node) -> Node:
    """The resource in which ids are looked up: a document's narratives are shown together, others alone."""
    root = node.root
    if root.type == "Bundle" and text_at(root.value, "type") == "document":
        return root
    resource = node.resource
    while resource.name == "contained" and resource.parent is not None:
        resource = resource.parent.resource
    return resource


def _targets(resource: Node) -> frozenset[str]:
    """The ids and names that a narrative of the resource may point to."""
    targets: set[str] = set()
    for found in everything_below(resource.value):
        if identity := text_at(found, "id"):
            targets.add(identity)
        if div := text_at(found, "div"):
            targets.update(narrative_links(div).targets)
    return frozenset(targets)


RULES = (links,)
