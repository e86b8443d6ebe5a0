"""How a function is written down: a name, how many arguments it takes, and what builds its step.

A builder is called once, when an expression is compiled, with its arguments; the step that it returns is called for
each evaluation with what stands before the function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from conformance.fhir.fhirpath.environment import EMPTY, Env, Expr, Step
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.nodes import Item, Items
from conformance.fhir.fhirpath.syntax import Syntax
from conformance.fhir.fhirpath.values import described, single, system, truth

MANY = 100
"""The most arguments that any function takes."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: as it was written, and compiled. It is evaluated in the context of the whole step.

    `descends` is -1 where `sort()` reads a leading `-` as downwards; `run` is then without it.
    """

    syntax: Syntax
    run: Expr
    descends: int = 1


Arguments = tuple[Argument, ...]
Build = Callable[[Arguments], Step]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: `build` makes its step of `least` to `most` arguments."""

    name: str
    least: int
    most: int
    build: Build


def function(name: str, least: int = 0, most: int | None = None) -> Callable[[Build], Function]:
    """Decorates a builder: it becomes the function of this name."""

    def made(build: Build) -> Function:
        return Function(name, least, least if most is None else most, build)

    return made


def plain(name: str) -> Callable[[Callable[[Env, Items], Items]], Function]:
    """Decorates the step of a function without arguments."""

    def made(step: Callable[[Env, Items], Items]) -> Function:
        return Function(name, 0, 0, lambda _arguments: step)

    return made


def gathered(*modules: ModuleType) -> dict[str, Function]:
    """All functions that modules define, by name."""
    found: dict[str, Function] = {}
    for module in modules:
        for part in vars(module).values():
            if isinstance(part, Function):
                found[part.name] = part
    return found


def each(env: Env, items: Items, run: Expr) -> list[tuple[Item, Items]]:
    """Every item with what the expression gives where the item is `$this` and its place `$index`."""
    env.spend(len(items))
    this, index = env.this, env.index
    found = []
    for place, item in enumerate(items):
        env.this, env.index = (item,), place
        found.append((item, run(env)))
    env.this, env.index = this, index
    return found


def holds(result: Items) -> bool:
    """Whether a criterion's result is true."""
    return truth(result, "a criterion") is True


def text_of(items: Items, what: str) -> str | None:
    """The only item as a text; None where there is none. Raises EvaluationError for anything else."""
    value = single(items, what)
    if value is None or isinstance(value, str):
        return value
    raise EvaluationError(f"{what} needs a String, not {described(items[0])}")


def integer_of(items: Items, what: str) -> int | None:
    """The only item as an Integer; None where there is none. Raises EvaluationError for anything else."""
    value = single(items, what)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise EvaluationError(f"{what} needs an Integer, not {described(items[0])}")


def values_of(items: Items) -> list[object]:
    """The System values of items, those without a value left out."""
    return [value for value in map(system, items) if value is not None]


def only(value: Item | None) -> Items:
    """A collection of one value, empty for None."""
    return EMPTY if value is None else (value,)
