"""Filtering, projection and navigation. Source: FHIRPath N1, 5.2, 5.8 and 6.3 (types)."""

from conformance.fhir.fhirpath.environment import EMPTY, Env, Step, boolean
from conformance.fhir.fhirpath.equality import key
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.functions.registry import Arguments, each, function, holds, plain
from conformance.fhir.fhirpath.nodes import Items, Node, children
from conformance.fhir.fhirpath.types import is_of, of_exactly, type_argument
from conformance.fhir.fhirpath.values import type_of


@function("where", 1)
def where(arguments: Arguments) -> Step:
    """Those that meet the criterion."""
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        if not items:
            return EMPTY
        env.spend(len(items))
        this, index = env.this, env.index
        found = []
        for place, item in enumerate(items):
            env.this, env.index = (item,), place
            if holds(run(env)):
                found.append(item)
        env.this, env.index = this, index
        return found

    return step


@function("select", 1)
def select(arguments: Arguments) -> Step:
    """What the projection gives for each, joined."""
    run = arguments[0].run
    return lambda env, items: (
        [found for _, result in each(env, items, run) for found in result] if items else EMPTY
    )


@function("repeat", 1)
def repeat(arguments: Arguments) -> Step:
    """What the projection gives for each, and for what it gave, until nothing new comes."""
    run = arguments[0].run

    def step(env: Env, items: Items) -> Items:
        seen = set()
        found = []
        current = items
        while current:
            fresh = []
            for _, result in each(env, current, run):
                for item in result:
                    identity = key(item)
                    if identity not in seen:
                        seen.add(identity)
                        fresh.append(item)
            found += fresh
            current = fresh
        return found

    return step


@plain("children")
def children_(env: Env, items: Items) -> Items:
    """All child elements."""
    if len(items) == 1:
        item = items[0]
        return children(item) if isinstance(item, Node) else EMPTY
    found = [child for item in items if isinstance(item, Node) for child in children(item)]
    env.spend(len(found))
    return found


@plain("descendants")
def descendants_(env: Env, items: Items) -> Items:
    """All elements below."""
    found: list[Node] = []
    level = [item for item in items if isinstance(item, Node)]
    while level:
        level = [child for node in level for child in children(node)]
        env.spend(len(level))
        found += level
    return found


@function("ofType", 1)
def of_type(arguments: Arguments) -> Step:
    """Those of a type."""
    name = type_argument(arguments[0].syntax, "ofType()")
    return lambda env, items: of_exactly(items, name, env.model)


@function("is", 1)
def is_(arguments: Arguments) -> Step:
    """Whether the only item is of a type."""
    name = type_argument(arguments[0].syntax, "is()")
    return lambda env, items: boolean(is_of(items, name, env.model))


@function("as", 1)
def as_(arguments: Arguments) -> Step:
    """The only item where it is of a type."""
    name = type_argument(arguments[0].syntax, "as()")

    def step(env: Env, items: Items) -> Items:
        if len(items) > 1:
            raise EvaluationError(
                f"as({name}) needs one item, and has {len(items)}", hint="ofType() filters."
            )
        return of_exactly(items, name, env.model)

    return step


@plain("type")
def type_(_env: Env, items: Items) -> Items:
    """The type of each, with `namespace` and `name`."""
    return [type_of(item) for item in items]
