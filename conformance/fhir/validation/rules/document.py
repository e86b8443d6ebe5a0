"""A document: what the Composition refers to is inside, and nothing else is.

Source: FHIR R4, https://hl7.org/fhir/R4/documents.html#content ("SHALL be included in the bundle when the document is
assembled", "The document bundle SHALL include only") and #css.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.bundle_index import BundleIndex, index_of
from conformance.fhir.validation.rules.reading import (
    Json,
    everything_below,
    first_below,
    shortened,
    text_at,
)
from conformance.fhir.validation.rules.urls import Form, literal
from conformance.fhir.validation.scope import Scope

_DIRECT = (
    ("subject",),
    ("encounter",),
    ("author",),
    ("attester", "party"),
    ("custodian",),
    ("event", "detail"),
)
_IN_SECTIONS = (("author",), ("focus",), ("entry",))
_TEXTUAL = frozenset({Form.FRAGMENT, Form.CONDITIONAL, Form.UNKNOWN})


def composition_targets(node: Node, scope: Scope) -> Iterable[Issue]:
    """What a document's Composition refers to directly is in the Bundle."""
    if not _is_document(node):
        return
    index = index_of(node.value)
    composition = _composition(node, scope)
    for reference in _direct_references(composition, scope) if composition else ():
        text = text_at(reference.value, "reference")
        if not text or literal(text).form in _TEXTUAL or index.find(text, 0) is not None:
            continue
        alike = index.by_id(text)
        hint = (
            f"; {len(alike)} of its entries look alike by type and id, but their fullUrl is not the one that this "
            f"reference stands for in an entry whose own fullUrl is {shortened(index.full_urls[0])!r}"
            if alike
            else ""
        )
        yield scope.issue(
            reference,
            "document-reference-missing",
            f"{shortened(text)!r} is not in the document, and what a Composition refers to must be{hint}",
            code="not-found",
        )


def reachable(node: Node, scope: Scope) -> Iterable[Issue]:
    """Each entry of a document is the Composition, is reached from it, is a stylesheet, or a Provenance."""
    if not _is_document(node):
        return
    index = index_of(node.value)
    reached = _reached(index)
    styles = {at for link in _stylesheets(node) if (at := _stylesheet(link, index)) is not None}
    for entry in scope.below(node, "entry"):
        at = entry.index
        if at is None or at in reached or at in styles or not index.resources[at]:
            continue
        resource = index.resources[at]
        points_in = any(target in reached for target in _targets(resource, at, index))
        if points_in and text_at(resource, "resourceType") == "Provenance":
            continue
        yield scope.issue(
            entry,
            "document-entry-unreachable",
            f"{shortened(index.full_urls[at]) or 'this entry'} does not belong to the document: no chain of "
            "references leads to it from the Composition",
            code="business-rule",
            severity=Severity.WARNING if points_in else Severity.ERROR,
        )


def stylesheets(node: Node, scope: Scope) -> Iterable[Issue]:
    """A relative link to a stylesheet names a Binary in the document."""
    if not _is_document(node):
        return
    index = index_of(node.value)
    for link in scope.below(node, "link"):
        url = text_at(link.value, "url")
        if text_at(link.value, "relation") != "stylesheet" or literal(url).form is not Form.RELATIVE:
            continue
        if _stylesheet(url, index) is None:
            yield scope.issue(
                first_below(scope, link, "url"),
                "document-stylesheet-missing",
                f"the stylesheet {shortened(url)!r} is not in the document",
                code="not-found",
            )


def _is_document(node: Node) -> bool:
    return text_at(node.value, "type") == "document"


def _composition(node: Node, scope: Scope) -> Node | None:
    first = next(iter(scope.below(node, "entry", "resource")), None)
    if first is None or first.parent is None or first.parent.index != 0:
        return None
    return first if first.type == "Composition" else None


def _direct_references(composition: Node, scope: Scope) -> Iterator[Node]:
    for path in _DIRECT:
        yield from scope.below(composition, *path)
    waiting = list(reversed(scope.below(composition, "section")))
    while waiting:
        section = waiting.pop()
        for path in _IN_SECTIONS:
            yield from scope.below(section, *path)
        waiting.extend(reversed(scope.below(section, "section")))


def _targets(resource: Json, source: int, index: BundleIndex) -> Iterator[int]:
    for found in everything_below(resource):
        text = text_at(found, "reference")
        target = index.find(text, source) if text else None
        if target is not None:
            yield target


def _reached(index: BundleIndex) -> AbstractSet[int]:
    reached: set[int] = set()
    waiting = [0] if index.resources else []
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached.add(at)
            waiting.extend(_targets(index.resources[at], at, index))
    return reached


def _stylesheets(node: Node) -> list[str]:
    links = node.value.get("link") if isinstance(node.value, dict) else None
    return [
        text_at(link, "url")
        for link in (links if isinstance(links, list) else ())
        if text_at(link, "relation") == "stylesheet"
    ]


def _stylesheet(url: str, index: BundleIndex) -> int | None:
    """The entry of a stylesheet: its link stands in no entry, so the Composition's base completes it."""
    if not index.resources:
        return None
    found = index.find(url, 0)
    return found if found is not None else next(iter(index.by_id(url)), None)


RULES = (composition_targets, reachable, stylesheets)
