"""Breaking an invariant: instances are changed near the element until the expression is false there.

Whether it is false is found by evaluating the expression directly, not by asking the validator that is measured.
"""

import copy
import itertools
from collections.abc import Iterator
from typing import Any

from benchmarks.correctness.instances import BOOKKEEPING, OTHERS, SAMPLES, Maker
from benchmarks.correctness.results import MISSED, NOT_CONSTRUCTIBLE, REFUSED, Job, Result, told
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Constraint, Element
from conformance.fhir.fhirpath import compile_expression
from conformance.fhir.fhirpath.errors import FhirPathError
from conformance.fhir.fhirpath.model import DefinitionsModel
from conformance.fhir.fhirpath.nodes import root

MOST_TRIES = 400
CONTAINED: dict[str, Any] = {"resourceType": "Basic", "id": "inner", "code": {"text": "sample"}}
CONTAINED_WRONGLY: tuple[dict[str, Any], ...] = (
    {},
    {"contained": [CONTAINED]},
    {"meta": {"versionId": "1"}},
    {"meta": {"security": [{"code": "sample"}]}},
)
ODD: tuple[Any, ...] = ("", "another", "#gone", "0", "-1", -1, 0, 1000, 2.5, True, False)


class Breaker:
    """Searches for instances in which one invariant does not hold."""

    def __init__(self, definitions: Definitions, maker: Maker) -> None:
        self._definitions = definitions
        self._maker = maker
        self._model = DefinitionsModel(definitions)

    def broken(
        self, job: Job, chain: tuple[Element, ...], element: Element, constraint: Constraint
    ) -> Result:
        """What came of breaking one invariant of one element."""
        said = Result(job.structure.url, element.id, "invariant", NOT_CONSTRUCTIBLE, constraint.key)
        forced = job.valid(chain)
        if forced is None:
            return said.because(f"{constraint.key}: {job.trouble(chain)}")
        path = _path(chain)
        nearest = ""
        for made in itertools.islice(self._variants(job, chain, element, forced), MOST_TRIES):
            if not self._is_false(made, job.structure.type, path, constraint.expression):
                continue
            outcome = job.judge(made)
            errors = [issue for issue in outcome.issues if issue.is_error]
            if any(issue.rule == constraint.key for issue in errors):
                return said.ending(REFUSED, constraint.key)
            unjudged = [rule for rule in outcome.not_evaluated if rule.subject == constraint.key]
            if unjudged or not errors:
                why = f"not evaluated: {unjudged[0].reason}" if unjudged else "accepted"
                return said.ending(MISSED, f"{constraint.key}: {why}")
            nearest = f"; each breaks another rule too: {told(errors[0])}"
        return said.because(f"{constraint.key}: no instance was found in which only this is false{nearest}")

    def _is_false(self, made: dict[str, Any], type_name: str, path: str, expression: str) -> bool:
        try:
            start = root(made, self._model, type_name)
            places = compile_expression(path).evaluate(start, model=self._model) if path else (start,)
            compiled = compile_expression(expression)
            return any(compiled.evaluate_bool(place, model=self._model) is not True for place in places)
        except FhirPathError:
            return False

    def _variants(
        self, job: Job, chain: tuple[Element, ...], element: Element, forced: frozenset[str]
    ) -> Iterator[dict[str, Any]]:
        plain = self._maker.make(job.structure, chain, None, forced)
        if not chain:
            yield from ({**plain, "contained": [{**CONTAINED, **more}]} for more in CONTAINED_WRONGLY)
        keys = _keys(chain)
        yield from _changed(plain, keys)
        children = [
            child
            for child in self._definitions.children(element)
            if child.max != 0 and child.name not in BOOKKEEPING and element.children
        ]
        fuller = [
            self._maker.make(job.structure, chain, None, forced | {child.id for child in group})
            for count in (1, 2)
            for group in itertools.islice(itertools.combinations(children, count), 60)
        ]
        yield from fuller
        for made in fuller[:40]:
            yield from _changed(made, keys)


def _path(chain: tuple[Element, ...]) -> str:
    return ".".join(element.name.removesuffix("[x]") for element in chain)


def _keys(chain: tuple[Element, ...]) -> tuple[str, ...]:
    return tuple(element.name.removesuffix("[x]") for element in chain)


def _changed(made: dict[str, Any], keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Copies of an instance, each with one thing below the element taken away, doubled or replaced."""
    for place in _places(made, keys):
        for spot in _spots(_at(made, place), place):
            *above, last = spot
            holder = _at(made, above)
            yield _with(made, above, last, None)
            value = holder[last]
            for other in _others(value):
                yield _with(made, above, last, other)


def _others(value: Any) -> Iterator[Any]:
    if isinstance(value, list) and value:
        yield [*value, copy.deepcopy(value[0])]
    if isinstance(value, str):
        yield from (
            sample for sample in {*map(str, SAMPLES.values()), *map(str, OTHERS.values())} if sample != value
        )
    if isinstance(value, str | bool | int | float):
        yield from (odd for odd in ODD if type(odd) is type(value) and odd != value)


def _places(value: Any, keys: tuple[str, ...], so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, keys, (*so_far, index))
        return
    if not keys:
        yield so_far
        return
    if isinstance(value, dict):
        for name, child in value.items():
            rest = name.removeprefix("_").removeprefix(keys[0])
            if name in {keys[0], "_" + keys[0]} or (rest != name and rest[:1].isupper()):
                yield from _places(child, keys[1:], (*so_far, name))


def _spots(value: Any, so_far: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if so_far:
        yield so_far
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, child in members:
        if name != "resourceType":
            yield from _spots(child, (*so_far, name))


def _at(value: Any, place: Any) -> Any:
    for step in place:
        value = value[step]
    return value


def _with(made: dict[str, Any], above: list[Any], last: Any, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(made)
    holder = _at(changed, above)
    if value is None:
        del holder[last]
        if not holder and above:
            return changed
    else:
        holder[last] = value
    return changed
