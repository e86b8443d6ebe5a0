"""Invariants: FHIRPath expressions that must be true of a node, with the severity that the definition gives them.

An expression that cannot be evaluated (it needs a server, it is no FHIRPath, it ran too long) is recorded as not
evaluated: it neither fails nor passes anything.

Source: FHIR R4, https://hl7.org/fhir/R4/conformance-rules.html#constraints and
https://hl7.org/fhir/R4/fhirpath.html (variables and additional functions)
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Constraint
from conformance.fhir.fhirpath import Expression, compile_invariant
from conformance.fhir.fhirpath.errors import FhirPathError, StepLimit
from conformance.fhir.fhirpath.model import DefinitionsModel
from conformance.fhir.fhirpath.nodes import Node as PathNode
from conformance.fhir.fhirpath.nodes import root
from conformance.fhir.fhirpath.services import UNKNOWN, Services, Unknown
from conformance.fhir.validation.bindings import member_of
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.judge import Judge
from conformance.fhir.validation.messages import Plain, shown
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.xhtml import narrative_problems

__all__ = ["Invariants"]

MOST_STEPS = 500_000
MOST_EXHAUSTED = 3


class Invariants:
    """Evaluates the invariants of all structures of a set of definitions; each expression is compiled once."""

    def __init__(self, definitions: Definitions) -> None:
        self._model = DefinitionsModel(definitions)
        self._compiled: dict[str, Expression | FhirPathError] = {}
        self._exhausted: Counter[str] = Counter()

    def judge(self, judge: Judge, node: Node, constraint: Constraint, structure: str) -> None:
        """Tells where an invariant does not hold."""
        try:
            holds = self._expression(constraint.expression).evaluate_bool(
                self._path_node(node),
                model=self._model,
                services=self._services(judge, node),
                limit=MOST_STEPS,
            )
        except StepLimit as failure:
            self._tired_of(constraint.expression, failure)
            judge.cannot_judge(node, "invariant", constraint.key, failure.message)
            return
        except FhirPathError as failure:
            judge.cannot_judge(node, "invariant", constraint.key, failure.message)
            return
        if holds is not True:
            judge.tell(
                node,
                "invariant",
                structure=constraint.source or structure,
                rule=constraint.key,
                severity=Severity.WARNING if constraint.severity == "warning" else Severity.ERROR,
                expression=shown(Plain(constraint.expression)),
            )

    def holds(self, judge: Judge, node: Node, expression: str, constants: Mapping[str, Node]) -> bool | None:
        """Whether an expression is true at a node, with further `%constants`; None where it cannot be decided."""
        variables = {name: (self._path_node(one),) for name, one in constants.items()}
        try:
            return self._expression(expression).evaluate_bool(
                self._path_node(node),
                model=self._model,
                services=self._services(judge, node),
                variables=variables,
            )
        except FhirPathError:
            return None

    def select(self, judge: Judge, node: Node, expression: str) -> tuple[Node, ...] | None:
        """The nodes that an expression selects from a node; None where it cannot be decided."""
        try:
            found = self._expression(expression).evaluate(
                self._path_node(node), model=self._model, services=self._services(judge, node)
            )
        except FhirPathError:
            return None
        places = (_place_of(node.root, item) for item in found if isinstance(item, PathNode))
        return tuple(place for place in places if place is not None)

    def _tired_of(self, expression: str, failure: StepLimit) -> None:
        """An expression that came to no end several times is not tried again."""
        self._exhausted[expression] += 1
        if self._exhausted[expression] >= MOST_EXHAUSTED:
            self._compiled[expression] = failure

    def _expression(self, text: str) -> Expression:
        found = self._compiled.get(text)
        if found is None:
            try:
                found = compile_invariant(text)
            except FhirPathError as failure:
                found = failure
            self._compiled[text] = found
        if isinstance(found, FhirPathError):
            raise found
        return found

    def _path_node(self, node: Node) -> PathNode:
        """The node as the engine sees it: with the type that the walk found, below the same parent."""
        found: PathNode | None = node.path_node
        if found is None:
            found = node.path_node = self._made(node)
        return found

    def _made(self, node: Node) -> PathNode:
        if node.parent is None:
            return root(node.value, self._model, node.type)
        parent = self._path_node(node.parent)
        link = parent.shape.by_key.get(node.name) if parent.shape is not None else None
        if parent.shape is None or link is None:
            return PathNode(node.value, node.extra, self._model.shape(node.type), parent, index=node.index)
        shape = self._model.shape(node.type) if node.is_resource else parent.shape.target(link)
        return PathNode(node.value, node.extra, shape, parent, link, node.index)

    def _services(self, judge: Judge, node: Node) -> Services:
        """What an evaluation may ask: the judge of this document, on the nodes of this document."""
        found: Services | None = judge.services
        if found is not None:
            return found
        top = node.root

        def resolve(reference: str, at: PathNode) -> "PathNode | Literal[Unknown.UNKNOWN] | None":
            place = _place_of(top, at)
            if place is None:
                return UNKNOWN
            target = judge.resolve(place, reference)
            if target.node is not None:
                return self._path_node(target.node)
            return UNKNOWN if target.external else None

        def conforms_to(at: PathNode, canonical: str) -> bool | None:
            place = _place_of(top, at)
            return None if place is None else judge.conforms(place, canonical)

        def is_member(item: object, value_set: str) -> bool | None:
            if judge.terminology is None:
                return None
            place = _place_of(top, item) if isinstance(item, PathNode) else None
            if place is not None:
                return member_of(judge.terminology, place, value_set)
            return _decided(judge.terminology.validate(value_set, item)) if isinstance(item, str) else None

        made = Services(resolve, is_member, conforms_to, html_ok=is_narrative)
        judge.services = made
        return made


def is_narrative(text: str) -> bool:
    """Whether a narrative has no error (`htmlChecks()`)."""
    return not any(found.is_error for found in narrative_problems(text))


def _decided(answer: Any) -> bool | None:
    return None if answer.cannot_tell else bool(answer.is_member)


def _place_of(top: Node, found: PathNode) -> Node | None:
    """The place in the walk that a node of the engine stands for; None for what the walk could not type."""
    if found.parent is None:
        return top
    parent = _place_of(top, found.parent)
    if parent is None:
        return None
    for group in parent.groups.values():
        first = group[0]
        if found.index is not None and first.index is not None and found.index < len(group):
            exact = group[found.index]  # what could not be judged leaves gaps; mostly there are none
            if exact.name == found.link.key and exact.index == found.index:
                return exact
        if first.name == found.link.key or first.element.is_choice:
            for node in group:
                if node.name == found.link.key and node.index == found.index:
                    return node
    return None
