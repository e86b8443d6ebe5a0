"""A ValueSet's filters by the properties and the concepts of the code systems that are loaded.

Source: FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions (the operation of a filter must be one that the
property has) and https://hl7.org/fhir/R4/codesystem.html#filters.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import Json, objects_at, shortened, text_at
from conformance.fhir.validation.scope import Scope

_DEFINED = {
    "concept": frozenset(
        {"=", "is-a", "descendent-of", "is-not-a", "in", "not-in", "generalizes", "exists", "regex"}
    ),
    "code": frozenset(
        {"=", "is-a", "descendent-of", "is-not-a", "in", "not-in", "generalizes", "exists", "regex"}
    ),
    "display": frozenset({"=", "regex", "in", "not-in", "exists"}),
}
_TRUTHS = frozenset({"true", "false"})
_OF_CONCEPTS = frozenset({"is-a", "descendent-of", "is-not-a", "generalizes"})


def filters(node: Node, scope: Scope) -> Iterable[Issue]:
    """Each filter uses a property that its code system has, an operation that fits, and a value of its kind."""
    for part in ("include", "exclude"):
        for clause in scope.below(node, "compose", part):
            system = text_at(clause.value, "system")
            definition = scope.definitions.code_system(system) if system else None
            if definition is None:
                continue
            for row in scope.below(clause, "filter"):
                yield from _filter(row, definition, system, scope)


def _filter(row: Node, definition: Json, system: str, scope: Scope) -> Iterator[Issue]:
    name, operation, value = (text_at(row.value, key) for key in ("property", "op", "value"))
    declared = {text_at(one, "code"): one for one in objects_at(definition, "property")}
    allowed = {
        text_at(one, "code"): frozenset(op for op in _list(one.get("operator")) if isinstance(op, str))
        for one in objects_at(definition, "filter")
    }
    known = {*declared, *allowed, *_DEFINED}
    if name and name not in known and text_at(definition, "content") == "complete":
        yield scope.issue(
            row,
            "value-set-filter-property",
            f"{shortened(system)} declares no property {shortened(name)!r} to filter by",
            severity=Severity.WARNING,
        )
        return
    operations = allowed.get(name)
    if operation and operations and operation not in operations:
        yield scope.issue(
            row,
            "value-set-filter-operation",
            f"the operation {operation!r} is not one of {', '.join(sorted(operations))}, which "
            f"{shortened(system)} allows for {name!r}",
        )
    if (
        text_at(declared.get(name), "type") == "boolean"
        and operation in {"=", "exists"}
        and value not in _TRUTHS
    ):
        yield scope.issue(
            row,
            "value-set-filter-value",
            f"the property {name!r} is true or false, and the filter asks for {shortened(value)!r}",
        )
    if operation in _OF_CONCEPTS and value and scope.terminology is not None:
        answer = scope.terminology.in_system(system, value)
        if answer.is_not_member:
            yield scope.issue(
                row,
                "value-set-filter-concept",
                f"{shortened(value)!r} is no code of {shortened(system)}, so the filter {operation} finds nothing",
                code="code-invalid",
            )


def concepts(node: Node, scope: Scope) -> Iterable[Issue]:
    """Each code that a ValueSet lists by name is one of its code system, where that can be told."""
    if scope.terminology is None:
        return
    for part in ("include", "exclude"):
        for clause in scope.below(node, "compose", part):
            system = text_at(clause.value, "system")
            for concept in scope.below(clause, "concept") if system else ():
                code = text_at(concept.value, "code")
                if code and scope.terminology.in_system(system, code).is_not_member:
                    yield scope.issue(
                        concept,
                        "value-set-concept-unknown",
                        f"{shortened(code)!r} is no code of {shortened(system)}",
                        code="code-invalid",
                        severity=Severity.WARNING,
                    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


RULES = (filters, concepts)
