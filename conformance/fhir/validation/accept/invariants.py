"""The invariants of a place as tests of the walk: compiled where the shipped table states them, else interpreted.

The walk itself judges ele-1, ext-1, ref-1, dom-2 to dom-5 and the narrative's rules, which are left out here.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.library import CORE, Definitions
from conformance.fhir.definitions.table import Constraint, Element
from conformance.fhir.fhirpath.errors import FhirPathError
from conformance.fhir.fhirpath.parser import parse
from conformance.fhir.validation.accept.compiler import Compiler
from conformance.fhir.validation.accept.conditions import compiled
from conformance.fhir.validation.accept.foreign import Foreign
from conformance.fhir.validation.accept.paths import Place
from conformance.fhir.validation.accept.plan import Plan

__all__ = ["Invariants"]

BY_THE_WALK = frozenset(
    {"ele-1", "ext-1", "ref-1", "dom-2", "dom-3", "dom-4", "dom-5", "txt-1", "txt-2"}
    | {f"bdl-{number}" for number in range(1, 13)}
)
STATED_BY = ("Element", "Extension", "Reference", "DomainResource", "Narrative", "Bundle", "Patient")
"""Where the shipped table states them, at the types themselves and as restated at elements."""

Test = Callable[[Any, Any, Any], Any]


class Invariants:
    """Makes tests of the constraints that hold at an element."""

    def __init__(self, definitions: Definitions, closures: Any) -> None:
        self._definitions = definitions
        self._closures = closures
        self._foreign = Foreign(definitions)

    def of_object(self, plan: Plan, owner: Element) -> list[Test]:
        """The test of the constraints that the type or backbone element itself states."""
        return self._tests(owner, plan.type, plan.path, owner.constraints)

    def of_element(self, element: Element, type_name: str) -> list[Test]:
        """The test of what an element asks beyond its type."""
        structure = self._definitions.type(type_name)
        own = {(each.key, each.expression) for each in structure.root.constraints} if structure else set()
        more = [each for each in element.constraints if (each.key, each.expression) not in own]
        return self._tests(element, type_name, element.path, more)

    def of_scalar(self, element: Element, type_name: str) -> list[Callable[[Any], Any]]:
        """Tests of a primitive's own constraints; none of them is ever certain."""
        asked = [each for each in element.constraints if self._asked(each)]
        return [_never] if asked and type_name != "xhtml" else []

    def _tests(self, element: Element, type_name: str, path: str, given: Iterable[Constraint]) -> list[Test]:
        first = path.split(".", 1)[0]
        structure = self._definitions.type(first)
        if structure is None or not self._definitions.is_shipped(first):
            asked = (each for each in given if self._asked(each))
            return [self._foreign.test(each.expression, element, type_name) for each in asked]
        resource = first if structure.kind == "resource" else ""
        compiler = Compiler(self._definitions, Place(element, type_name), resource)
        sources = [self._source(compiler, each) for each in given if self._asked(each)]
        test = compiled([source for source in sources if source], compiler.names, self._closures)
        return [] if test is None else [test]

    def _source(self, compiler: Compiler, constraint: Constraint) -> str:
        try:
            return compiler.condition(parse(constraint.expression))[0]
        except FhirPathError:
            return "False"

    def _asked(self, constraint: Constraint) -> bool:
        ours = constraint.source.startswith(CORE) or not constraint.source
        walked = ours and constraint.expression in _walked().get(constraint.key, ())
        return constraint.severity == "error" and not walked


@cache
def _walked() -> dict[str, set[str]]:
    """The expressions of the constraints that the walk judges itself: by a key alone anybody could pass for them."""
    found: dict[str, set[str]] = {key: set() for key in BY_THE_WALK}
    for name in STATED_BY:
        structure = r4().type(name)
        assert structure is not None, "the shipped table defines its base types"
        waiting = [structure.root]
        while waiting:
            element = waiting.pop()
            waiting.extend(element.children)
            for constraint in element.constraints:
                if constraint.key in found:
                    found[constraint.key].add(constraint.expression)
    return found


def _never(_value: Any) -> bool:
    return False
