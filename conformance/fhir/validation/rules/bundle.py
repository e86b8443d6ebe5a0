"""What a Bundle's entries must say about themselves, beside the invariants bdl-1 to bdl-12.

Source: FHIR R4, https://hl7.org/fhir/R4/bundle.html#bundle-unique, #references and #transaction, and the definition of
Bundle.entry.fullUrl.
"""

from collections.abc import Iterable, Iterator

from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.bundle_index import BundleIndex, index_of
from conformance.fhir.validation.rules.reading import (
    everything_below,
    is_resource_type,
    object_at,
    shortened,
    text_at,
)
from conformance.fhir.validation.rules.urls import Form, is_absolute, literal
from conformance.fhir.validation.scope import Scope

_WITHOUT_FULL_URL = frozenset({"transaction", "batch", "transaction-response", "batch-response"})
_REQUESTS = frozenset({"transaction", "batch"})
_SINGLE_LINKS = frozenset({"self", "first", "previous", "prev", "next", "last"})


def full_urls(node: Node, scope: Scope) -> Iterable[Issue]:
    """Each entry's fullUrl is there, is absolute, and agrees with the type and id of its resource."""
    kind = text_at(node.value, "type")
    for entry in scope.below(node, "entry"):
        resource = object_at(entry.value, "resource")
        if not resource:
            continue
        full_url = text_at(entry.value, "fullUrl")
        if full_url:
            yield from _agrees(entry, full_url, kind, scope)
        elif kind not in _WITHOUT_FULL_URL and not (kind == "searchset" and not text_at(resource, "id")):
            yield scope.issue(
                entry,
                "bundle-full-url-missing",
                f"an entry of a {kind or 'Bundle'} needs a fullUrl, the identity of its resource; "
                "give a urn:uuid: where the resource has no address",
                code="required",
            )


def _agrees(entry: Node, full_url: str, kind: str, scope: Scope) -> Iterator[Issue]:
    resource = object_at(entry.value, "resource")
    if not is_absolute(full_url):
        yield scope.issue(
            entry, "bundle-full-url-relative", f"fullUrl {shortened(full_url)!r} is not an absolute URL"
        )
        return
    read = literal(full_url)
    if read.form is not Form.RESTFUL or not is_resource_type(scope, read.type):
        return
    found_type, found_id = text_at(resource, "resourceType"), text_at(resource, "id")
    method = text_at(object_at(entry.value, "request"), "method")
    if not found_id and kind in _REQUESTS and method == "POST":
        return  # the server gives the identity
    if not found_id:
        yield scope.issue(
            entry,
            "bundle-full-url-no-id",
            f"fullUrl {shortened(full_url)!r} is the address of {read.type}/{read.id}, "
            "and the resource has no id that agrees with it",
        )
    elif (found_type, found_id) != (read.type, read.id):
        yield scope.issue(
            entry,
            "bundle-full-url-id",
            f"fullUrl {shortened(full_url)!r} does not agree with the resource, which is "
            f"{shortened(found_type)}/{shortened(found_id)}",
        )


def links(node: Node, scope: Scope) -> Iterable[Issue]:
    """A Bundle has one self link and one of each link to a page (http.html#paging, search.html#conformance)."""
    seen: set[str] = set()
    for link in scope.below(node, "link"):
        relation = text_at(link.value, "relation")
        if relation in seen and relation in _SINGLE_LINKS:
            yield scope.issue(
                link,
                "bundle-link-repeated",
                f"the Bundle has more than one link {relation!r}, so it is not clear which one is meant",
            )
        seen.add(relation)


def requests(node: Node, scope: Scope) -> Iterable[Issue]:
    """An entry of a transaction or batch that is PUT or POST carries the resource."""
    if text_at(node.value, "type") not in _REQUESTS:
        return
    for entry in scope.below(node, "entry"):
        method = text_at(object_at(entry.value, "request"), "method")
        if method in {"PUT", "POST"} and not object_at(entry.value, "resource"):
            yield scope.issue(
                entry,
                "bundle-entry-resource",
                f"an entry with method {method} needs the resource that it sends",
                code="required",
            )


def types_by_uuid(node: Node, scope: Scope) -> Iterable[Issue]:
    """A relative reference whose id is an entry's UUID names the type of that entry's resource."""
    index = index_of(node.value)
    suspects = {
        at
        for at, resource in enumerate(index.resources)
        if any(_wrong_type(text_at(found, "reference"), index) for found in everything_below(resource))
    }
    for entry in scope.below(node, "entry") if suspects else ():
        if entry.index in suspects:
            for reference in references_below(entry, scope):
                literal_text = text_at(reference.value, "reference")
                if found := _wrong_type(literal_text, index):
                    yield scope.issue(
                        reference,
                        "bundle-reference-type",
                        f"reference {shortened(literal_text)!r} names a {literal(literal_text).type}, "
                        f"and the entry with that UUID is a {shortened(found)}",
                        code="structure",
                    )


def _wrong_type(reference: str, index: BundleIndex) -> str:
    wanted = literal(reference).type if reference else ""
    found = (
        [text_at(index.resources[at], "resourceType") for at in index.by_uuid(reference)] if wanted else []
    )
    return found[0] if found and wanted not in found else ""


def references_below(node: Node, scope: Scope) -> Iterator[Node]:
    """Every Reference below a node, in document order."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if found.type == "Reference":
            yield found
        waiting.extend(reversed(scope.children(found)))


RULES = (full_urls, links, requests, types_by_uuid)
