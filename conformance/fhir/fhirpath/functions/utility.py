"""Utility functions. Source: FHIRPath N1, 5.9; FHIRPath 3.0 (defineVariable)."""

from conformance.fhir.fhirpath.environment import Env, Step
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.functions.registry import Arguments, each, function, plain, text_of
from conformance.fhir.fhirpath.nodes import Items
from conformance.fhir.fhirpath.temporal import Date, DateTime, Time, zone_text
from conformance.fhir.fhirpath.variables import is_standard


@function("trace", 1, 2)
def trace(arguments: Arguments) -> Step:
    """The items as they are, shown to whoever listens."""
    projection = arguments[1].run if len(arguments) > 1 else None

    def step(env: Env, items: Items) -> Items:
        name = text_of(arguments[0].run(env), "trace()") or ""
        shown = (
            [found for _, result in each(env, items, projection) for found in result] if projection else items
        )
        env.services.trace(name, shown)
        return items

    return step


@plain("now")
def now(env: Env, _items: Items) -> Items:
    """The time of the evaluation."""
    moment = env.now()
    offset = moment.utcoffset()
    zone = zone_text(None if offset is None else int(offset.total_seconds()) // 60)
    return (DateTime.parse(moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + zone),)


@plain("today")
def today(env: Env, _items: Items) -> Items:
    """The day of the evaluation."""
    return (Date.parse(env.now().date().isoformat()),)


@plain("timeOfDay")
def time_of_day(env: Env, _items: Items) -> Items:
    """The time of the day of the evaluation."""
    return (Time.parse(env.now().time().isoformat(timespec="milliseconds")),)


@function("defineVariable", 1, 2)
def define_variable(arguments: Arguments) -> Step:
    """The items as they are; from here on a variable holds them, or what the expression gives on them."""
    run = arguments[1].run if len(arguments) > 1 else None

    def step(env: Env, items: Items) -> Items:
        name = text_of(arguments[0].run(env), "defineVariable()")
        if not name:
            raise EvaluationError("defineVariable() needs a name")
        if name in env.variables or is_standard(name):
            raise EvaluationError(f"the variable %{name} is already defined")
        value = items
        if run is not None:
            this = env.this
            env.this = items
            value = run(env)
            env.this = this
        env.variables = {**env.variables, name: value}
        return items

    return step
