"""Aggregates and sorting. Source: FHIRPath N1, 7; FHIRPath 3.0 (sort, sum, min, max, avg)."""

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from conformance.fhir.fhirpath.arithmetic import ARITHMETIC
from conformance.fhir.fhirpath.comparing import ordered
from conformance.fhir.fhirpath.environment import EMPTY, Env, Expr, Step
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.functions.registry import MANY, Arguments, Function, each, function, plain
from conformance.fhir.fhirpath.nodes import Item, Items
from conformance.fhir.fhirpath.values import single


@function("aggregate", 1, 2)
def aggregate(arguments: Arguments) -> Step:
    """What the aggregator makes of each item and of `$total`, from the given start on."""
    run = arguments[0].run
    start = arguments[1].run if len(arguments) > 1 else None

    def step(env: Env, items: Items) -> Items:
        env.spend(len(items))
        kept = env.this, env.index, env.total
        env.total = start(env) if start else EMPTY
        for place, item in enumerate(items):
            env.this, env.index = (item,), place
            env.total = run(env)
        found = env.total
        env.this, env.index, env.total = kept
        return found

    return step


def _folded(name: str, reckon: Callable[[Items, Items], Items]) -> Function:
    def step(env: Env, items: Items) -> Items:
        env.spend(len(items))
        found = items[:1]
        for item in items[1:]:
            found = reckon(found, (item,))
        return found

    return Function(name, 0, 0, lambda _arguments: step)


def _least(one: Items, other: Items) -> Items:
    return other if one and _order(other[0], one[0]) < 0 else one


def _greatest(one: Items, other: Items) -> Items:
    return other if one and _order(other[0], one[0]) > 0 else one


sum_ = _folded("sum", ARITHMETIC["+"])
min_ = _folded("min", _least)
max_ = _folded("max", _greatest)


@plain("avg")
def avg(env: Env, items: Items) -> Items:
    """The mean."""
    total = sum_.build(())(env, items)
    return ARITHMETIC["/"](total, (len(items),)) if items else EMPTY


@function("sort", 0, MANY)
def sort(arguments: Arguments) -> Step:
    """The items in order of the given keys, or of themselves. A key with a leading `-` sorts downwards.

    Items without a key come first, in either direction.
    """
    keys: list[tuple[Expr, int]] = [(argument.run, argument.descends) for argument in arguments]

    def step(env: Env, items: Items) -> Items:
        columns = [
            ([single(found, "a sort key") for _, found in each(env, items, run)], sign) for run, sign in keys
        ]
        if not keys:
            columns = [([single((item,), "a sort key") for item in items], 1)]

        def compared(one: int, other: int) -> int:
            return _compared(columns, one, other)

        rows = sorted(range(len(items)), key=cmp_to_key(compared))
        return [items[row] for row in rows]

    return step


def _compared(columns: list[tuple[list[Any], int]], one: int, other: int) -> int:
    for values, sign in columns:
        first, second = values[one], values[other]
        if first is None or second is None:
            if first is not second:
                return -1 if first is None else 1
            continue
        found = _order(first, second)
        if found:
            return found * sign
    return 0


def _order(first: Item, second: Item) -> int:
    found = ordered((first,), (second,))
    if found is None:
        raise EvaluationError(f"sort() cannot tell which of {first} and {second} comes first")
    return found
