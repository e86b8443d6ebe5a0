"""A StructureDefinition's base and differential, as far as a validator needs them to be sound.

Source: FHIR R4, https://hl7.org/fhir/R4/structuredefinition.html (baseDefinition, differential: each path is one of
the base's) and https://hl7.org/fhir/R4/elementdefinition.html, eld-11 (a binding only for coded elements, strings and
URIs; its published expression is true of any type, so the rule is judged here).
"""

from collections.abc import Iterable, Iterator

from conformance.fhir.definitions.table import Element
from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import (
    first_below,
    object_at,
    objects_at,
    shortened,
    structure_of,
    text_at,
    type_of,
)
from conformance.fhir.validation.scope import Scope

_BINDABLE = frozenset(
    {
        "code",
        "Coding",
        "CodeableConcept",
        "Quantity",
        "string",
        "uri",
        "url",
        "canonical",
        "oid",
        "uuid",
        "id",
    }
    | {"Duration", "Age", "Count", "Distance", "Money", "CodeableReference", "Reference", "markdown"}
)
_OPEN = frozenset({"Resource", "DomainResource", "Element", "BackboneElement"})


def base(node: Node, scope: Scope) -> Iterable[Issue]:
    """A structure does not derive from itself; a base that is not loaded is not judged."""
    url, canonical = text_at(node.value, "url"), text_at(node.value, "baseDefinition")
    if not canonical:
        return
    if url and canonical.partition("|")[0] == url:
        yield scope.issue(
            first_below(scope, node, "baseDefinition"),
            "structure-base-cyclic",
            "the structure names itself as its base, so nothing says what it constrains",
            code="business-rule",
        )
    elif structure_of(scope, canonical) is None:
        scope.cannot_judge(node, "structure", canonical, "the base of this structure is not loaded")


def differential(node: Node, scope: Scope) -> Iterable[Issue]:
    """Each path of a profile's differential leads to an element of its type, and a binding stands on coded ones."""
    kind = text_at(node.value, "type")
    definition = type_of(scope, kind) if kind.isalnum() else None
    if text_at(node.value, "derivation") != "constraint" or definition is None:
        return
    for row in scope.below(node, "differential", "element"):
        path = text_at(row.value, "path")
        if not path:
            continue
        first, *steps = path.split(".")
        if first != kind:
            yield _unknown(row, path, kind, scope)
            continue
        found = _follow(definition.root, steps, scope)
        if found is False:
            yield _unknown(row, path, kind, scope)
        elif isinstance(found, Element) and steps:
            yield from _binding(row, found, path, scope)


def _unknown(row: Node, path: str, kind: str, scope: Scope) -> Issue:
    return scope.issue(
        row,
        "structure-path-unknown",
        f"{kind} has no element with the path {shortened(path)!r}",
        code="value",
    )


def _follow(element: Element, steps: list[str], scope: Scope) -> Element | bool:
    """The element that steps lead to; False where there is none, True where it cannot be told."""
    names: tuple[str, ...] = ("",)
    for at, step in enumerate(steps):
        if at and "" in names and not (element.children or element.content_reference):
            return True  # below a choice whose type nobody names
        candidates = [child for name in names for child in scope.definitions.children(element, name)]
        found = next((child for child in candidates if _is_step(child, step)), None)
        if found is None:
            return not candidates or any(name in _OPEN and not element.children for name in names)
        element = found
        names = (_typed(found, step),) if found.is_choice else tuple(ref.code for ref in found.types) or ("",)
    return element


def _is_step(child: Element, step: str) -> bool:
    if child.name == step:
        return True
    return child.is_choice and bool(_typed(child, step))


def _typed(choice: Element, step: str) -> str:
    """The type that a name such as valueQuantity gives a choice, empty for none."""
    stem = choice.name.removesuffix("[x]")
    names = {f"{stem}{ref.code[:1].upper()}{ref.code[1:]}": ref.code for ref in choice.types}
    return names.get(step, "")


def _binding(row: Node, found: Element, path: str, scope: Scope) -> Iterator[Issue]:
    if not object_at(row.value, "binding"):
        return
    stated = {text_at(one, "code") for one in objects_at(row.value, "type")}
    kinds = stated or {ref.code for ref in found.types}
    if not kinds:
        return
    if not kinds & _BINDABLE:
        yield scope.issue(
            row,
            "structure-binding-type",
            f"{shortened(path)!r} is {' or '.join(sorted(kinds))}, whose values cannot be bound to codes",
            code="business-rule",
        )


RULES = (base, differential)
