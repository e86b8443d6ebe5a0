"""FHIRPath as rules need it: whether an expression holds at a node, and which nodes it selects.

The judge evaluates expressions, because it has the engine and the typed tree; where it cannot, the answer is None and
a rule says that it was not evaluated.
"""

from typing import Protocol, runtime_checkable

from conformance.fhir.validation.node import Node
from conformance.fhir.validation.scope import Scope


@runtime_checkable
class Evaluates(Protocol):
    """A scope that evaluates FHIRPath."""

    def holds(self, node: Node, expression: str, constants: dict[str, Node]) -> bool | None:
        """Whether an expression is true at a node, with further `%constants`; None where it cannot be decided."""
        ...

    def select(self, node: Node, expression: str) -> tuple[Node, ...] | None:
        """The nodes that an expression selects from a node; None where it cannot be decided."""
        ...


def holds(scope: Scope, node: Node, expression: str, **constants: Node) -> bool | None:
    """Whether an expression is true at a node, or None where that cannot be decided."""
    return scope.holds(node, expression, constants) if isinstance(scope, Evaluates) else None


def selects(scope: Scope, origin: Node, expression: str, node: Node) -> bool | None:
    """Whether a node is among those that an expression selects from another, or None where that is unknown."""
    found = scope.select(origin, expression) if isinstance(scope, Evaluates) else None
    if found is None:
        return None
    return any(one is node or one.expression == node.expression for one in found)
