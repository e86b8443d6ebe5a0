"""Expressions ready to run: `compile_expression`, `compile_invariant`, `Expression`."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import DecimalException
from functools import lru_cache
from typing import Any

from conformance.fhir.fhirpath.compiling import compiled
from conformance.fhir.fhirpath.environment import DEFAULT_LIMIT, Env, Expr
from conformance.fhir.fhirpath.errors import EvaluationError, StepLimit
from conformance.fhir.fhirpath.nodes import Item, Items, Node, root
from conformance.fhir.fhirpath.parser import parse
from conformance.fhir.fhirpath.services import NOTHING_AT_HAND, Services
from conformance.fhir.fhirpath.shapes import Model
from conformance.fhir.fhirpath.syntax import Syntax
from conformance.fhir.fhirpath.values import truth

TOO_DEEP = "the expression goes too deep on these data"
TOO_MANY_DIGITS = "a number has more digits than can be reckoned with"
_NO_VARIABLES: dict[str, Items] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression: its text, its syntax tree, and the closure that evaluates it."""

    text: str
    syntax: Syntax
    run: Expr

    def evaluate(
        self,
        focus: Any,
        *,
        model: Model | None = None,
        variables: Mapping[str, Any] | None = None,
        services: Services = NOTHING_AT_HAND,
        limit: int = DEFAULT_LIMIT,
    ) -> list[Item]:
        """What the expression gives on `focus`: a `Node`, a resource as JSON, a list of nodes, or None for nothing.

        `variables` adds to `%context`, `%resource` and FHIR's constants, or replaces them; a value is one item or
        a list. `limit` is how many items may be visited. Raises EvaluationError, its StepLimit, SemanticError for
        types that do not exist, and Undecided.
        """
        context = (focus,) if focus.__class__ is Node else _context(focus, model)
        env = Env(context, model, services, _variables(variables) if variables else _NO_VARIABLES, limit)
        try:
            return list(self.run(env))
        except RecursionError:
            raise StepLimit(TOO_DEEP) from None
        except DecimalException:
            raise EvaluationError(TOO_MANY_DIGITS) from None

    def evaluate_bool(
        self,
        focus: Any,
        *,
        model: Model | None = None,
        variables: Mapping[str, Any] | None = None,
        services: Services = NOTHING_AT_HAND,
        limit: int = DEFAULT_LIMIT,
    ) -> bool | None:
        """Whether an invariant holds: None for an empty result, the value of one Boolean, True for any other item.

        Several items are an EvaluationError; otherwise as `evaluate`.
        """
        context = (focus,) if focus.__class__ is Node else _context(focus, model)
        env = Env(context, model, services, _variables(variables) if variables else _NO_VARIABLES, limit)
        try:
            return truth(self.run(env), "the result of an invariant")
        except RecursionError:
            raise StepLimit(TOO_DEEP) from None
        except DecimalException:
            raise EvaluationError(TOO_MANY_DIGITS) from None


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """An expression by its text. Raises ExpressionSyntaxError (what is wrong, and where) or SemanticError."""
    tree = parse(text)
    return Expression(text, tree, compiled(tree, text))


@lru_cache(maxsize=4096)
def compile_invariant(text: str) -> Expression:
    """The same for published invariants and search parameters, which let `as` filter several items. Raises alike."""
    tree = parse(text)
    return Expression(text, tree, compiled(tree, text, as_filters=True))


def _context(focus: Any, model: Model | None) -> Items:
    if focus is None:
        return ()
    if isinstance(focus, Node):
        return (focus,)
    if isinstance(focus, list | tuple):
        return [root(item, model) if isinstance(item, dict) else item for item in focus]
    return (root(focus, model),) if isinstance(focus, dict) else (focus,)


def _variables(given: Mapping[str, Any] | None) -> Mapping[str, Items]:
    if not given:
        return _NO_VARIABLES
    return {name: value if isinstance(value, list | tuple) else (value,) for name, value in given.items()}
