"""The narrative of a resource, and what it points to.

Source: FHIR R4, https://hl7.org/fhir/R4/narrative.html. The invariants txt-1 and txt-2 are told here, under their keys,
with the place in the text; the walk leaves them out.
"""

from collections.abc import Iterable, Iterator

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import Json, everything_below, shortened, text_at
from conformance.fhir.validation.scope import Scope
from conformance.fhir.validation.xhtml import narrative_links, narrative_problems


def content(node: Node, scope: Scope) -> Iterable[Issue]:
    """A narrative is well-formed XHTML of the allowed elements and attributes, and is not empty."""
    if not isinstance(node.value, str):
        return
    for problem in narrative_problems(node.value):
        place = f" (line {problem.line}, column {problem.column} of the narrative)" if problem.line else ""
        yield scope.issue(
            node,
            problem.message_id,
            f"{problem.words}{place}",
            code=problem.code,
            severity=Severity(problem.severity),
            rule=problem.rule,
        )


def links(node: Node, scope: Scope) -> Iterable[Issue]:
    """What a narrative points to inside its document is there: an id or name in a narrative, or an element's id."""
    if not isinstance(node.value, str) or "#" not in node.value:
        return
    found = narrative_links(node.value)
    wanted = [*found.links, *found.images]
    if not wanted or not (missing := [one for one in wanted if one and one not in found.targets]):
        return
    known = set(_targets(_outermost(node)))
    for one in dict.fromkeys(missing):
        if one not in known:
            yield scope.issue(
                node,
                "narrative-link-missing",
                f"the narrative points to {shortened('#' + one)!r}, and nothing here has that id or name",
                code="not-found",
                severity=Severity.WARNING,
            )


def _outermost(node: Node) -> Json:
    """The resource in which ids are looked up: a document's narratives are shown together, others alone."""
    root = node.root
    if root.type == "Bundle" and text_at(root.value, "type") == "document":
        return root.value if isinstance(root.value, dict) else {}
    resource = node.resource
    while resource.name == "contained" and resource.parent is not None:
        resource = resource.parent.resource
    return resource.value if isinstance(resource.value, dict) else {}


def _targets(value: Json) -> Iterator[str]:
    for found in everything_below(value):
        if identity := text_at(found, "id"):
            yield identity
        if div := text_at(found, "div"):
            yield from narrative_links(div).targets


RULES = (content, links)
