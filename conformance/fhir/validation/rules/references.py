"""What a Reference must be, and what it may lead to.

Source: FHIR R4, https://hl7.org/fhir/R4/references.html (literal references, Reference.type) and
https://hl7.org/fhir/R4/http.html#trules (conditional references).

That a `#id` has its contained resource is the invariant ref-1, and is not told twice. What a profile asks of a target
(its structure, aggregation) is judged where profiles are.
"""

from collections.abc import Iterable

from conformance.fhir.definitions.library import CORE
from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import (
    is_resource_type,
    shortened,
    structure_of,
    text_at,
    type_of,
)
from conformance.fhir.validation.rules.urls import Form, Literal, literal
from conformance.fhir.validation.scope import Resolved, Scope

_NAMING = frozenset({Form.RELATIVE, Form.RESTFUL, Form.CONDITIONAL})


def form(node: Node, scope: Scope) -> Iterable[Issue]:
    """A reference is an absolute URL, a fragment, or relative as `Type/id`, of a type that exists."""
    text = text_at(node.value, "reference")
    if not text:
        return
    read = literal(text)
    if read.form is Form.UNKNOWN:
        yield scope.issue(
            node,
            "reference-form",
            f"{shortened(text)!r} is no reference: it is neither Type/id nor an absolute URL nor #id",
        )
    elif read.form in {Form.RELATIVE, Form.CONDITIONAL} and not is_resource_type(scope, read.type):
        yield scope.issue(
            node,
            "reference-type-unknown",
            f"{shortened(text)!r} names {read.type}, which is no resource type",
        )
    elif read.form is Form.CONDITIONAL and not _in_transaction(node):
        yield scope.issue(
            node,
            "reference-conditional",
            f"{shortened(text)!r} is a search, and only a reference in a transaction may be one",
        )


def _in_transaction(node: Node) -> bool:
    """Whether the node stands in a transaction: nothing else defines conditional references."""
    above: Node | None = node
    while above is not None:
        if above.type == "Bundle" and text_at(above.value, "type") in {"transaction", "batch"}:
            return True
        above = above.parent
    return False


def stated_type(node: Node, scope: Scope) -> Iterable[Issue]:
    """Reference.type is a resource type, and agrees with what the reference names or leads to."""
    stated = text_at(node.value, "type")
    if not stated:
        return
    name = stated.removeprefix(CORE)
    if "/" not in name and ":" not in name and not _is_resource(scope, name):
        yield scope.issue(
            node,
            "reference-type-unknown",
            f"Reference.type {shortened(stated)!r} is no resource type",
            code="value",
        )
        return
    text = text_at(node.value, "reference")
    found = _named_or_found(literal(text), _resolved(node, text, scope), scope) if text else ""
    if found and found != name and not _is_a(scope, found, name):
        yield scope.issue(
            node,
            "reference-type-disagrees",
            f"Reference.type is {shortened(stated)!r}, and the reference leads to a {found}",
            code="structure",
        )


def targets(node: Node, scope: Scope) -> Iterable[Issue]:
    """A reference leads to a type that its element allows in the base definition."""
    allowed = {target for row in node.element.types if row.code == "Reference" for target in row.targets}
    text = text_at(node.value, "reference")
    found = _named_or_found(literal(text), _resolved(node, text, scope), scope) if text else ""
    found = found or text_at(node.value, "type").removeprefix(CORE)
    if not allowed or not found or f"{CORE}{found}" in allowed or not _is_resource(scope, found):
        return
    types = {target: _type_of(scope, target) for target in sorted(allowed)}
    if not any(_is_a(scope, found, name) for name in types.values() if name):
        if unknown := next((target for target, name in types.items() if not name), ""):
            scope.cannot_judge(node, "reference", unknown, "its definition is not loaded")
            return
        yield scope.issue(
            node,
            "reference-target-type",
            f"the reference leads to {found}, and this element allows {', '.join(sorted(set(types.values())))}",
            code="structure",
        )


def _type_of(scope: Scope, canonical: str) -> str:
    found = structure_of(scope, canonical)
    return found.type if found is not None else ""


def _resolved(node: Node, text: str, scope: Scope) -> Resolved:
    return scope.resolve(node, text) if text else Resolved(None, external=True)


def _named_or_found(read: Literal, resolved: Resolved, scope: Scope) -> str:
    """The type of what a reference leads to, or else the one that it names; empty where neither is known."""
    if resolved.node is not None:
        return resolved.node.type
    return read.type if read.form in _NAMING and is_resource_type(scope, read.type) else ""


def _is_resource(scope: Scope, name: str) -> bool:
    found = type_of(scope, name) if name.isalnum() else None
    return found is not None and found.kind == "resource"


def _is_a(scope: Scope, name: str, other: str) -> bool:
    return name == other or scope.definitions.is_a(name, other)


RULES = (form, stated_type, targets)
