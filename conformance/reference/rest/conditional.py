"""Interactions that name a resource by a search instead of its id.

See https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #3.1.0.7.1 (conditional delete) and #patch.
"""

from typing import Any

from conformance.reference.behaviour.whole import SearchBehaviour
from conformance.reference.forms.negotiation import pairs
from conformance.reference.forms.outcomes import RequestError, bad_request
from conformance.reference.records.store import Version
from conformance.reference.rest.changing import created, deleted, updated
from conformance.reference.search.matching import match
from conformance.reference.search.query import Reader
from conformance.reference.supplier import Supplier

_NOT_FILTERS = frozenset(
    {"_sort", "_count", "_summary", "_elements", "_include", "_revinclude", "_total", "_format"}
)


def matching(supplier: Supplier, resource_type: str, query: str) -> list[Version]:
    """The current resources that a search finds, two at most; refuses (400) a search without a condition."""
    given = [(name, value) for name, value in pairs(query) if name.split(":")[0] not in _NOT_FILTERS]
    reader = Reader(supplier.store, resource_type, supplier.settings.base_url, SearchBehaviour())
    found = reader.read(given, strict=True)
    if not found.clauses:
        raise bad_request("A conditional interaction needs a search parameter that chooses", "required")
    return supplier.store.fetch(match(supplier.store, found))


def create_unless(
    supplier: Supplier, resource: dict[str, Any], query: str, identifier: str | None = None
) -> tuple[Version, bool]:
    """Create a resource unless a search finds one; says also whether it was created."""
    behaviour = supplier.behaviour.life.together
    with supplier.store.transaction():
        found = matching(supplier, resource["resourceType"], query)
        if len(found) > 1 and behaviour.many_stop_create:
            raise _several(query, found)
        if len(found) == 1 and behaviour.existing_stops_create:
            return found[0], False
        return created(supplier, resource, identifier), True


def update_match(
    supplier: Supplier, resource: dict[str, Any], query: str, if_match: str | None
) -> tuple[Version, bool]:
    """Update the one resource that a search finds, or create one; says also whether it was created."""
    behaviour = supplier.behaviour.life.together
    with supplier.store.transaction():
        found = matching(supplier, resource["resourceType"], query)
        if len(found) > 1 and behaviour.many_stop_update:
            raise _several(query, found)
        if found and behaviour.match_is_updated:
            identifier = found[0].id
            if behaviour.other_match_refused and resource.get("id") not in {None, identifier}:
                raise bad_request(f"The body's id is {resource['id']!r}; the search finds {identifier!r}")
            return updated(supplier, {**resource, "id": identifier}, identifier, if_match)
        if "id" in resource:
            return updated(supplier, resource, resource["id"], if_match)
        return created(supplier, resource), True


def delete_match(supplier: Supplier, resource_type: str, query: str, if_match: str | None) -> Version | None:
    """Delete the one resource that a search finds, if it finds one."""
    behaviour = supplier.behaviour.life.together
    with supplier.store.transaction():
        found = matching(supplier, resource_type, query)
        if len(found) > 1 and behaviour.many_stop_delete:
            raise _several(query, found)
        if not found or not behaviour.conditional_delete_deletes:
            return None
        return deleted(supplier, resource_type, found[0].id, if_match)


def only_match(supplier: Supplier, resource_type: str, query: str) -> Version:
    """The one resource that a search finds; refuses (404) none and (412) several."""
    found = matching(supplier, resource_type, query)
    if len(found) > 1:
        raise _several(query, found)
    if not found:
        raise RequestError(404, "not-found", f"Nothing matches {resource_type}?{query}")
    return found[0]


def _several(query: str, found: list[Version]) -> RequestError:
    return RequestError(
        412, "multiple-matches", f"{query!r} finds {len(found)} resources, where one is needed"
    )
