"""Subsetting. Source: FHIRPath N1, 5.3."""

from conformance.fhir.fhirpath.environment import EMPTY, Env, Step
from conformance.fhir.fhirpath.equality import key
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.functions.registry import Arguments, function, integer_of, plain
from conformance.fhir.fhirpath.nodes import Items


@plain("single")
def single_(_env: Env, items: Items) -> Items:
    """The only item. Several are an error."""
    if len(items) > 1:
        raise EvaluationError(f"single() found {len(items)} items")
    return items


@plain("first")
def first(_env: Env, items: Items) -> Items:
    """The first item."""
    return items[:1]


@plain("last")
def last(_env: Env, items: Items) -> Items:
    """The last item."""
    return items[-1:]


@plain("tail")
def tail(_env: Env, items: Items) -> Items:
    """All but the first."""
    return items[1:]


@function("skip", 1)
def skip(arguments: Arguments) -> Step:
    """All but the first few."""
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        number = integer_of(run(env), "skip()")
        return EMPTY if number is None else items[max(number, 0) :]

    return step


@function("take", 1)
def take(arguments: Arguments) -> Step:
    """The first few."""
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        number = integer_of(run(env), "take()")
        return EMPTY if number is None else items[: max(number, 0)]

    return step


@function("intersect", 1)
def intersect(arguments: Arguments) -> Step:
    """Those that are in both collections, each once."""
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        others = run(env) if items else EMPTY
        if not others:
            return EMPTY
        env.spend(len(items) + len(others))
        known = {key(item) for item in others}
        found = {identity: item for item in items if (identity := key(item)) in known}
        return list(found.values())

    return step


@function("exclude", 1)
def exclude(arguments: Arguments) -> Step:
    """Those that are not in the other collection."""
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        others = run(env)
        env.spend(len(items) + len(others))
        known = {key(item) for item in others}
        return [item for item in items if key(item) not in known]

    return step
