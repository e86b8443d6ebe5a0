"""Codings, identifiers and canonicals: what their texts must name.

Source: FHIR R4, https://hl7.org/fhir/R4/datatypes.html#Coding and #Identifier,
https://hl7.org/fhir/R4/references.html#canonical. The lexical forms of URIs and canonicals, and whether a code is in
a bound value set, are judged elsewhere.
"""

from collections.abc import Iterable

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.resolving import contained_in
from conformance.fhir.validation.rules.reading import first_below, shortened, text_at
from conformance.fhir.validation.rules.urls import is_absolute
from conformance.fhir.validation.scope import Scope

_URI_SYSTEM = "urn:ietf:rfc:3986"


def coding(node: Node, scope: Scope) -> Iterable[Issue]:
    """A Coding's system had better be an absolute URI, and a code without one means nothing.

    Coding.system is a `uri`, which may be relative: R4 says what it should be, not what it must be.
    """
    system, code = text_at(node.value, "system"), text_at(node.value, "code")
    if system and not is_absolute(system):
        yield scope.issue(
            first_below(scope, node, "system"),
            "coding-system-relative",
            f"system {shortened(system)!r} is no absolute URI, so it names no code system",
            code="code-invalid",
            severity=Severity.WARNING,
        )
    if code and not system:
        yield scope.issue(
            node,
            "coding-system-missing",
            f"the code {shortened(code)!r} has no system, so it has no defined meaning",
            code="invalid",
            severity=Severity.WARNING,
        )


def identifier(node: Node, scope: Scope) -> Iterable[Issue]:
    """An Identifier's system is absolute, and the value in the system of URIs is a URI.

    The definition of Identifier.system says "a URL that describes a set values that are unique"; a relative one
    describes another set in each place.
    """
    system, value = text_at(node.value, "system"), text_at(node.value, "value")
    if system and not is_absolute(system):
        yield scope.issue(
            first_below(scope, node, "system"),
            "identifier-system-relative",
            f"system {shortened(system)!r} is no absolute URI, so it names no set of identifiers",
            code="code-invalid",
        )
    if system == _URI_SYSTEM and value and not is_absolute(value):
        yield scope.issue(
            first_below(scope, node, "value"),
            "identifier-value-no-uri",
            f"the system {_URI_SYSTEM} says that the value is a full URI, and {shortened(value)!r} is none",
        )


def canonical(node: Node, scope: Scope) -> Iterable[Issue]:
    """A canonical that is a fragment names a contained resource."""
    text = node.value
    if (
        isinstance(text, str)
        and text.startswith("#")
        and len(text) > 1
        and not _contained(node, text[1:], scope)
    ):
        yield scope.issue(
            node,
            "canonical-contained-missing",
            f"{shortened(text)!r} names a contained resource, and there is none with that id",
            code="not-found",
        )


def _contained(node: Node, identity: str, scope: Scope) -> bool:
    """Whether the resource, or the one that contains it, holds a resource with this id."""
    above: Node | None = node.resource
    while above is not None:
        if identity in scope.once(above, contained_in):
            return True
        if above.name != "contained" or above.parent is None:
            return False
        above = above.parent.resource
    return False


CODING = (coding,)
IDENTIFIER = (identifier,)
CANONICAL = (canonical,)
