"""Extensions: their urls, whether they modify, and where they may stand.

Source: FHIR R4, https://hl7.org/fhir/R4/extensibility.html#extension (the url of an extension inside another may be
relative; an extension that modifies stands in modifierExtension and no other does) and
https://hl7.org/fhir/R4/defining-extensions.html#context. An extension that no loaded package defines is allowed
("can be used by any system") and is recorded as not evaluated.
"""

import re
from collections.abc import Iterable, Iterator

from conformance.fhir.definitions.table import Structure
from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.contexts import allows
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
        return
    definition = structure_of(scope, url)
    if definition is None:
        if _EXAMPLE.match(url) and not scope.trusts_examples:
            yield scope.issue(
                first_below(scope, node, "url"),
                "extension-example-url",
                f"{shortened(url)!r} is reserved for examples: no definition can ever be published there",
            )
        scope.cannot_judge(node, "extension", url, "no loaded package defines this extension")
        return
    if definition.type != "Extension":
        yield scope.issue(
            first_below(scope, node, "url"),
            "extension-url-other-kind",
            f"{shortened(url)!r} defines {definition.type}, not an extension",
        )
        return
    yield from _modifier(node, definition, scope)
    yield from _context(node, definition, scope)


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
    if holder is None:
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
