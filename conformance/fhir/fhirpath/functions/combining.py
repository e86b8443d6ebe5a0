"""Combining. Source: FHIRPath N1, 5.4."""

from conformance.fhir.fhirpath.environment import EMPTY, Step
from conformance.fhir.fhirpath.equality import distinct
from conformance.fhir.fhirpath.functions.registry import MANY, Arguments, function


@function("union", 1)
def union(arguments: Arguments) -> Step:
    """Both collections, each item once."""
    run = arguments[0].run
    return lambda env, items: distinct([*items, *run(env)])


@function("combine", 1, 2)
def combine(arguments: Arguments) -> Step:
    """Both collections, one after the other."""
    run = arguments[0].run
    return lambda env, items: [*items, *run(env)]


@function("coalesce", 1, MANY)
def coalesce(arguments: Arguments) -> Step:
    """The first argument that is not empty."""
    runs = [argument.run for argument in arguments]
    return lambda env, _items: next((found for run in runs if (found := run(env))), EMPTY)
