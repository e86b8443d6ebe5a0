"""Extensions: their urls, whether they modify, and where they may stand.

Source: FHIR R4, https://hl7.org/fhir/R4/extensibility.html#extension (the url of an extension inside another may be
relative; an extension that modifies stands in modifierExtension and no other does) and
https://hl7.org/fhir/R4/defining-extensions.html#context. An extension that no loaded package defines is allowed
("can be used by any system") and is recorded as not evaluated, unless whoever runs the validator refuses those. The
same goes for an unknown modifier: "applications processing a resource are required to check for modifier extensions"
binds who reads the resource, not the resource; a relative url has a meaning only as a part that the
extension around it defines.
"""

import re
from collections.abc import Iterable, Iterator

from conformance.fhir.definitions.table import Element, Structure
from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.leeway import Allowed, Refused
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.parts import parts_of
from conformance.fhir.validation.rules.contexts import allows, stands_for_another
from conformance.fhir.validation.rules.expressions import holds
from conformance.fhir.validation.rules.reading import first_below, shortened, structure_of, text_at
from conformance.fhir.validation.rules.urls import is_absolute
from conformance.fhir.validation.scope import Scope

_EXAMPLE = re.compile(r"https?://([^/]*\.)?example\.(org|com|net)(:\d+)?(/|\Z)")


def extension(node: Node, scope: Scope) -> Iterable[Issue]:
    """One extension against its definition's kind and contexts."""
    url = text_at(node.value, "url")
    if not url:
        return  # the element table says that it is missing
    if not is_absolute(url):
        if node.parent is None or node.parent.type != "Extension":
            yield scope.issue(
                first_below(scope, node, "url"),
                "extension-url-relative",
                f"the url of an extension is absolute unless the extension is part of another; {shortened(url)!r} "
                "is not",
            )
        elif (owner := _not_a_part(node, url, scope)) is not None:
            yield scope.issue(
                first_below(scope, node, "url"),
                "extension-part-unknown",
                f"{shortened(url)!r} is no part that {owner.url} defines, and a relative url has no meaning of its own",
                code="structure",
                structure=owner.url,
            )
        return
    definition = structure_of(scope, url)
    if definition is None:
        scope.cannot_judge(node, "extension", url, why_unknown(node.name))
        yield from _unknown(node, url, scope)
        return
    if definition.type != "Extension" or not definition.is_profile:
        yield scope.issue(
            first_below(scope, node, "url"),
            "extension-url-other-kind",
            f"{shortened(url)!r} defines {'all extensions' if definition.type == 'Extension' else definition.type}, "
            "not an extension",
        )
        return
    yield from _modifier(node, definition, scope)
    yield from _context(node, definition, scope)


def _unknown(node: Node, url: str, scope: Scope) -> Iterator[Issue]:
    """What is wrong with an extension that no loaded package defines."""
    leeway = scope.leeway
    if _EXAMPLE.match(url):
        if not leeway.allows(Allowed.EXAMPLE_URLS):
            yield scope.issue(
                first_below(scope, node, "url"),
                "extension-example-url",
                f"{shortened(url)!r} is reserved for examples: no definition can ever be published there",
            )
        return
    modifies = node.name == "modifierExtension" and leeway.refuses(Refused.UNKNOWN_MODIFIERS)
    if modifies or leeway.refuses(Refused.UNKNOWN_EXTENSIONS):
        yield scope.issue(
            first_below(scope, node, "url"),
            "extension-unknown",
            f"no loaded package defines {shortened(url)!r}, and such extensions are refused here",
            code="not-found",
        )


def why_unknown(name: str) -> str:
    """Why an extension in `extension` or `modifierExtension` was not judged, and what follows for its readers."""
    if name != "modifierExtension":
        return "no loaded package defines this extension"
    return (
        "no loaded package defines this modifier extension; a reader that does not know it must not process "
        "the resource"
    )


def _not_a_part(node: Node, url: str, scope: Scope) -> Structure | None:
    """The definition of the extension around a part, where it is loaded and defines no part of this url.

    None as well where that cannot be told, or where the structure tells it (no parts at all, closed slices).
    """
    urls = [url]
    above = node.parent
    while above is not None and above.type == "Extension" and not is_absolute(text_at(above.value, "url")):
        urls.append(text_at(above.value, "url"))
        above = above.parent
    if above is None or above.type != "Extension" or node.name != "extension":
        return None
    definition = structure_of(scope, text_at(above.value, "url"))
    if definition is None or definition.type != "Extension":
        return None
    element: Element | None = definition.root
    while urls and element is not None:
        parts = parts_of(element)
        if parts is None:
            return None
        element = parts.get(urls.pop())
    return None if element is not None or urls else definition


def _modifier(node: Node, definition: Structure, scope: Scope) -> Iterator[Issue]:
    if node.name not in {"extension", "modifierExtension"} or node.parent is None:
        return
    modifies = definition.root.is_modifier
    if modifies and node.name == "extension":
        yield scope.issue(
            node,
            "extension-modifier-in-extension",
            f"{shortened(definition.url)!r} modifies the meaning of what it stands on, so it belongs in "
            "modifierExtension",
            code="structure",
        )
    elif not modifies and node.name == "modifierExtension":
        yield scope.issue(
            node,
            "extension-no-modifier",
            f"{shortened(definition.url)!r} modifies nothing, so it belongs in extension, not in modifierExtension",
            code="structure",
        )


def _context(node: Node, definition: Structure, scope: Scope) -> Iterator[Issue]:
    holder = node.parent
    if holder is None or stands_for_another(holder):
        return
    answers = [allows(context, holder, scope) for context in definition.contexts]
    if True not in answers and answers:
        if None in answers:
            scope.cannot_judge(
                node, "extension", definition.url, "whether it may stand here could not be decided"
            )
            return
        places = ", ".join(shortened(context.expression) for context in definition.contexts)
        yield scope.issue(
            node,
            "extension-context",
            f"{shortened(definition.url)!r} may stand on {places}, and this is {holder.element.path} ({holder.type})",
            code="structure",
            structure=definition.url,
        )
        return
    for expression in definition.context_invariants:
        answer = holds(scope, holder, expression, extension=node)
        if answer is None:
            scope.cannot_judge(
                node, "invariant", expression, f"a condition of {definition.url} was not evaluated"
            )
        elif not answer:
            yield scope.issue(
                node,
                "extension-context-invariant",
                f"{shortened(definition.url)!r} may stand here only where {expression} is true",
                code="invariant",
                structure=definition.url,
            )


RULES = (extension,)
