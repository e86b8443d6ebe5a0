"""Contained resources: each has an id of its own, and holds no meta data of a version (references.html#contained).

Nesting, versions, security labels and being referred to are the invariants dom-2 to dom-5, and are not told twice.
"""

from collections.abc import Iterable

from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import shortened, text_at
from conformance.fhir.validation.scope import Scope


def identities(node: Node, scope: Scope) -> Iterable[Issue]:
    """Every contained resource has an id, and no two have the same: a fragment could not tell them apart."""
    seen: set[str] = set()
    if not isinstance(node.value, dict) or "contained" not in node.value:
        return
    for contained in scope.below(node, "contained"):
        identity = text_at(contained.value, "id")
        if not identity and isinstance(contained.value, dict):
            yield scope.issue(
                contained,
                "contained-id-missing",
                "a contained resource needs an id, so that a reference can name it",
                code="required",
            )
        elif identity and identity in seen:
            yield scope.issue(
                contained,
                "contained-id-repeated",
                f"more than one contained resource has the id {shortened(identity)!r}",
            )
        seen.add(identity)


RULES = (identities,)
