"""Where an extension may stand: the names that a place in a resource goes by, and the contexts that allow it.

Source: FHIR R4, https://hl7.org/fhir/R4/defining-extensions.html#context and the code system
extension-context-type; for the interfaces, https://hl7.org/fhir/R5/canonicalresource.html. `Element` and `Resource`
name every place and every resource; a type names each of its own places and those of the types that derive from it.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from conformance.fhir.definitions.library import CORE
from conformance.fhir.definitions.table import Context
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.expressions import selects
from conformance.fhir.validation.rules.reading import structure_of, text_at, type_of
from conformance.fhir.validation.scope import Scope

_EVERYWHERE = "Element"
_CANONICAL = frozenset({"status", "publisher", "contact", "useContext"})
_GIVEN_ELSEWHERE = frozenset(
    f"ElementDefinition.{name}[x]"
    for name in ("fixed", "pattern", "defaultValue", "example.value", "minValue", "maxValue")
)
_INTERFACES = MappingProxyType(
    {"CanonicalResource": _CANONICAL, "MetadataResource": _CANONICAL | {"approvalDate", "lastReviewDate"}}
)


def allows(context: Context, holder: Node, scope: Scope) -> bool | None:
    """Whether a context allows an extension on a node; None where that cannot be decided."""
    if context.kind == "extension":
        return _is_extension(holder, context.expression)
    if context.kind == "fhirpath":
        return selects(scope, holder.resource, context.expression, holder)
    return _is_element(holder, context.expression, scope)


def stands_for_another(holder: Node) -> bool:
    """Whether a node is part of a value that a definition gives for elements elsewhere, whose context would count."""
    above: Node | None = holder
    while above is not None and not above.is_resource:
        if above.element.path in _GIVEN_ELSEWHERE:
            return True
        above = above.parent
    return False


def names_of(node: Node, scope: Scope) -> AbstractSet[str]:
    """The element ids and type names that a node goes by, as contexts write them."""
    names = {_EVERYWHERE, node.type, *_ancestors(node.type, scope)}
    if node.is_resource:
        names |= _interfaces(node.type, scope)
    for path in _paths(node):
        owner, dot, rest = path.partition(".")
        owners = (owner, *_ancestors(owner, scope))
        names |= {f"{one}{dot}{rest}" for one in owners} if rest else set(owners)
    return names


def _paths(node: Node) -> Iterator[str]:
    """The paths of a node: in its type's definition, in that of its resource, and that of a shared element."""
    element = node.element
    own = [element.path, *([element.content_reference] if element.content_reference else [])]
    steps: list[str] = []
    above: Node | None = node
    while above is not None and not above.is_resource:
        steps.append(above.element.name)
        above = above.parent
    if above is not None and steps:
        own.append(".".join([above.type, *reversed(steps)]))
    for path in own:
        yield path
        if path.endswith("[x]"):
            stem = path.removesuffix("[x]")
            yield stem
            yield f"{stem}{node.type[:1].upper()}{node.type[1:]}"


def _interfaces(name: str, scope: Scope) -> AbstractSet[str]:
    """The interfaces of R5, which contexts use for R4 too, of a resource type, by the elements that make them up."""
    found = type_of(scope, name)
    elements = {child.name for child in found.root.children} if found is not None else set()
    return {interface for interface, needed in _INTERFACES.items() if needed <= elements}


def _ancestors(name: str, scope: Scope) -> Iterator[str]:
    found, seen = type_of(scope, name) if name.isalnum() else None, {name}
    while found is not None and found.base.startswith(CORE):
        above = found.base.removeprefix(CORE)
        if above in seen:
            return
        seen.add(above)
        yield above
        found = type_of(scope, above)


def _is_element(holder: Node, expression: str, scope: Scope) -> bool | None:
    url, hash_, identity = expression.rpartition("#")
    if not hash_:
        bare = expression.removeprefix(CORE)
        if "/" in bare:  # a profile as a whole: any instance of it
            return scope.conforms(holder, expression)
        return _without_slices(bare) in names_of(holder, scope) and (":" not in bare or None)
    if url and url.removeprefix(CORE).isalnum() and url.startswith(CORE):
        return identity in names_of(holder, scope)
    if _without_slices(identity) not in names_of(holder, scope):
        return False
    profile = structure_of(scope, url)
    if profile is None or ":" in identity:
        return None
    meets = scope.conforms(holder.resource, url)
    return None if meets is None else meets


def _without_slices(identity: str) -> str:
    return ".".join(step.partition(":")[0] for step in identity.split("."))


def _is_extension(holder: Node, expression: str) -> bool:
    """Whether a node is the extension that a context names, or its value; `outer#inner` is one inside another."""
    if holder.type != "Extension":
        above = holder.parent
        return above is not None and above.type == "Extension" and _is_extension(above, expression)
    own = text_at(holder.value, "url")
    url, hash_, inner = expression.partition("#")
    if not hash_:
        return own == url
    above = holder.parent
    outer = text_at(above.value, "url") if above is not None and above.type == "Extension" else ""
    return outer == url and own == inner.rpartition(":")[2]
