"""A CodeSystem's concepts use the properties that it declares, with values of their types.

Source: FHIR R4, https://hl7.org/fhir/R4/codesystem.html#properties and the definition of CodeSystem.concept.property.
That its codes are unique is the invariant csd-1.
"""

from collections.abc import Iterable, Iterator

from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import choice_of, objects_at, shortened, text_at
from conformance.fhir.validation.scope import Scope

_STANDARD = frozenset(
    {"inactive", "deprecated", "notSelectable", "parent", "child", "status", "retirementDate"}
)


def properties(node: Node, scope: Scope) -> Iterable[Issue]:
    """A concept's property is declared, and its value has the declared type."""
    declared = {text_at(one, "code"): text_at(one, "type") for one in objects_at(node.value, "property")}
    for concept in _concepts(node, scope):
        for row in scope.below(concept, "property"):
            name = text_at(row.value, "code")
            found, _ = choice_of(row.value, "value")
            if name and name not in declared and name not in _STANDARD:
                yield scope.issue(
                    row,
                    "code-system-property-undeclared",
                    f"the code system declares no property {shortened(name)!r}",
                    code="not-found",
                )
            elif found and (wanted := declared.get(name)) and found[:1].lower() + found[1:] != wanted:
                yield scope.issue(
                    row,
                    "code-system-property-type",
                    f"the property {shortened(name)!r} is declared as {shortened(wanted)}, and this is {found}",
                    code="value",
                )


def _concepts(node: Node, scope: Scope) -> Iterator[Node]:
    waiting = list(reversed(scope.below(node, "concept")))
    while waiting:
        concept = waiting.pop()
        yield concept
        waiting.extend(reversed(scope.below(concept, "concept")))


RULES = (properties,)
