"""Existence functions. Source: FHIRPath N1, 5.1."""

from conformance.fhir.fhirpath.environment import EMPTY, FALSE, TRUE, Env, Step, boolean
from conformance.fhir.fhirpath.equality import distinct, key
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.functions.registry import Arguments, function, holds, plain
from conformance.fhir.fhirpath.nodes import Items
from conformance.fhir.fhirpath.values import described, system, truth


@plain("empty")
def empty(_env: Env, items: Items) -> Items:
    """Whether there is nothing."""
    return FALSE if items else TRUE


@function("exists", 0, 1)
def exists(arguments: Arguments) -> Step:
    """Whether there is anything, or anything that meets the criterion."""
    if not arguments:
        return lambda _env, items: TRUE if items else FALSE
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        env.spend(len(items))
        this, index = env.this, env.index
        found = FALSE
        for place, item in enumerate(items):
            env.this, env.index = (item,), place
            if holds(run(env)):
                found = TRUE
                break
        env.this, env.index = this, index
        return found

    return step


@function("all", 1)
def all_(arguments: Arguments) -> Step:
    """Whether every item meets the criterion; true for none."""
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        env.spend(len(items))
        this, index = env.this, env.index
        found = TRUE
        for place, item in enumerate(items):
            env.this, env.index = (item,), place
            if not holds(run(env)):
                found = FALSE
                break
        env.this, env.index = this, index
        return found

    return step


@plain("allTrue")
def all_true(_env: Env, items: Items) -> Items:
    """Whether all are true."""
    return boolean(all(value for value in _booleans(items, "allTrue()")))


@plain("anyTrue")
def any_true(_env: Env, items: Items) -> Items:
    """Whether one is true."""
    return boolean(any(value for value in _booleans(items, "anyTrue()")))


@plain("allFalse")
def all_false(_env: Env, items: Items) -> Items:
    """Whether all are false."""
    return boolean(not any(value for value in _booleans(items, "allFalse()")))


@plain("anyFalse")
def any_false(_env: Env, items: Items) -> Items:
    """Whether one is false."""
    return boolean(not all(value for value in _booleans(items, "anyFalse()")))


@function("subsetOf", 1)
def subset_of(arguments: Arguments) -> Step:
    """Whether every item is a member of the other collection."""
    run = arguments[0].run
    return lambda env, items: boolean(_within(items, run(env)))


@function("supersetOf", 1)
def superset_of(arguments: Arguments) -> Step:
    """Whether every item of the other collection is a member of this one."""
    run = arguments[0].run
    return lambda env, items: boolean(_within(run(env), items))


@plain("count")
def count(_env: Env, items: Items) -> Items:
    """How many there are."""
    return (len(items),)


@plain("distinct")
def distinct_(env: Env, items: Items) -> Items:
    """Each once."""
    env.spend(len(items))
    return distinct(items) if len(items) > 1 else items


@plain("isDistinct")
def is_distinct(env: Env, items: Items) -> Items:
    """Whether no two are equal."""
    env.spend(len(items))
    return boolean(len(items) <= 1 or len({key(item) for item in items}) == len(items))


@plain("not")
def not_(_env: Env, items: Items) -> Items:
    """The contrary."""
    if items is TRUE or items is FALSE:  # nearly always so: there is one of each
        return FALSE if items is TRUE else TRUE
    value = truth(items, "not()")
    return EMPTY if value is None else FALSE if value else TRUE


def _within(items: Items, others: Items) -> bool:
    if not items:
        return True
    known = {key(item) for item in others}
    return all(key(item) in known for item in items)


def _booleans(items: Items, what: str) -> list[bool]:
    found = []
    for item in items:
        value = system(item)
        if not isinstance(value, bool):
            raise EvaluationError(f"{what} needs Booleans, not {described(item)}")
        found.append(value)
    return found
