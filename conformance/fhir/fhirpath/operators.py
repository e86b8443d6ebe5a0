"""The operators as closures: each function takes compiled operands and returns a compiled expression.

Source: FHIRPath N1, 6.
"""

from collections.abc import Callable, Sequence

from conformance.fhir.fhirpath.arithmetic import ARITHMETIC
from conformance.fhir.fhirpath.comparing import ordered
from conformance.fhir.fhirpath.environment import EMPTY, FALSE, TRUE, Env, Expr, boolean
from conformance.fhir.fhirpath.equality import distinct, equal, equal_items, equivalent
from conformance.fhir.fhirpath.errors import EvaluationError, Undecided
from conformance.fhir.fhirpath.nodes import Items, Node
from conformance.fhir.fhirpath.values import single, text, truth

CHAINED = frozenset({"and", "or", "|"})
"""Operators for which a row of operands is one closure: they are associative."""


def chain(operator: str, operands: Sequence[Expr]) -> Expr:
    """`a and b and c`, `a or b or c`, `a | b | c`."""
    if operator == "|":
        return _union(tuple(operands))
    return _connected(tuple(operands), ends=operator == "or")


def binary(operator: str, left: Expr, right: Expr) -> Expr:
    """Any other infix operator."""
    if operator in ARITHMETIC:
        return _arithmetic(operator, left, right)
    if operator in _COMPARISONS:
        return _compared(operator, left, right)
    return _OTHERS[operator](left, right)


def equals_text(left: Expr, wanted: str) -> Expr:
    """`left = 'text'`, the most frequent operation of all invariants."""

    def run(env: Env) -> Items:
        items = left(env)
        if not items:
            return EMPTY
        if len(items) == 1:
            item = items[0]
            if item.__class__ is Node:
                value, shape = item.value, item.shape
                if value.__class__ is str and (shape is None or shape.system == "String"):
                    return TRUE if value == wanted else FALSE
        return boolean(equal(items, (wanted,)))

    return run


def _connected(operands: tuple[Expr, ...], *, ends: bool) -> Expr:
    """`and` ends at the first False, `or` at the first True. What another operand decides need not be known."""
    ended, going_on = boolean(ends), boolean(not ends)

    def run(env: Env) -> Items:
        unknown = False
        pending: Undecided | None = None
        for operand in operands:
            try:
                found = operand(env)
                value = True if found is TRUE else False if found is FALSE else truth(found)
            except Undecided as error:
                pending = error
                continue
            if value is ends:
                return ended
            if value is None:
                unknown = True
        if pending is not None:
            raise pending
        return EMPTY if unknown else going_on

    return run


def _implies(left: Expr, right: Expr) -> Expr:
    def run(env: Env) -> Items:
        premise = truth(left(env))
        if premise is False:
            return TRUE
        conclusion = truth(right(env))
        if conclusion or premise:
            return boolean(conclusion)
        return EMPTY

    return run


def _xor(left: Expr, right: Expr) -> Expr:
    def run(env: Env) -> Items:
        first, second = truth(left(env)), truth(right(env))
        return EMPTY if first is None or second is None else boolean(first != second)

    return run


def _union(operands: tuple[Expr, ...]) -> Expr:
    def run(env: Env) -> Items:
        found = [item for operand in operands for item in operand(env)]
        env.spend(len(found))
        return distinct(found) if len(found) > 1 else found

    return run


def _equals(left: Expr, right: Expr) -> Expr:
    def run(env: Env) -> Items:
        items = left(env)
        return boolean(equal(items, right(env))) if items else EMPTY

    return run


def _differs(left: Expr, right: Expr) -> Expr:
    def run(env: Env) -> Items:
        items, others = left(env), right(env)
        if len(items) == 1 and len(others) == 1 and items[0].__class__ is bool is others[0].__class__:
            return FALSE if items[0] is others[0] else TRUE
        found = equal(items, others)
        return EMPTY if found is None else boolean(not found)

    return run


def _in(left: Expr, right: Expr) -> Expr:
    return lambda env: _membership(env, left(env), right(env), "in")


def _contains(left: Expr, right: Expr) -> Expr:
    def run(env: Env) -> Items:
        items = left(env)
        return _membership(env, right(env), items, "contains")

    return run


def _membership(env: Env, sought: Items, items: Items, operator: str) -> Items:
    if not sought:
        return EMPTY
    if len(sought) > 1:
        raise EvaluationError(f"{operator} looks for one item, and was given {len(sought)}")
    env.spend(len(items))
    item = sought[0]
    return TRUE if any(equal_items(item, other) for other in items) else FALSE


_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def _compared(operator: str, left: Expr, right: Expr) -> Expr:
    meets = _COMPARISONS[operator]

    def run(env: Env) -> Items:
        order = ordered(left(env), right(env))
        return EMPTY if order is None else TRUE if meets(order) else FALSE

    return run


def _arithmetic(operator: str, left: Expr, right: Expr) -> Expr:
    reckon = ARITHMETIC[operator]

    def run(env: Env) -> Items:
        found = reckon(left(env), right(env))
        if found and found[0].__class__ is str:
            env.spend_text(len(found[0]))
        return found

    return run


def _joined(left: Expr, right: Expr) -> Expr:
    def run(env: Env) -> Items:
        first, second = _as_text(left(env)), _as_text(right(env))
        env.spend_text(len(first) + len(second))
        return (first + second,)

    return run


def _as_text(items: Items) -> str:
    value = single(items, "&")
    if value is None:
        return ""
    found = text(value)
    if found is None:
        raise EvaluationError("& joins texts; this has none")
    return found


def _equivalent(left: Expr, right: Expr) -> Expr:
    return lambda env: boolean(equivalent(left(env), right(env)))


def _not_equivalent(left: Expr, right: Expr) -> Expr:
    return lambda env: boolean(not equivalent(left(env), right(env)))


_OTHERS: dict[str, Callable[[Expr, Expr], Expr]] = {
    "implies": _implies,
    "xor": _xor,
    "=": _equals,
    "!=": _differs,
    "~": _equivalent,
    "!~": _not_equivalent,
    "in": _in,
    "contains": _contains,
    "&": _joined,
}
