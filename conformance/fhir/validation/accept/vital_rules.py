"""The invariants of R4's vital signs, judged without the interpreter: they lie on every seventh resource of a record.

Each is known by its whole text, so that a package that gives the same key to another expression is interpreted as ever.
Source: FHIR R4, https://hl7.org/fhir/R4/vitalsigns.html
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.table import Constraint, Element

__all__ = ["VitalRules"]

Test = Callable[[Any, Any, Any], Any]
TESTS = {
    ("vs-1", "dateTime"): "vs_1",
    ("vs-1", "Period"): "always",  # it asks something of a dateTime only
    ("vs-2", "Observation"): "vs_2",
    ("vs-3", "BackboneElement"): "vs_3",
}
"""The names of their closures, by key and by the type of what they are asked of."""


class VitalRules:
    """The tests of the vital signs' own invariants."""

    def __init__(self, closures: Any) -> None:
        self._tests: Mapping[tuple[str, str], Test] = {
            place: getattr(closures, name) for place, name in TESTS.items()
        }

    def test(self, constraint: Constraint, element: Element, type_name: str) -> Test | None:
        """The test of a constraint, None where it is none of R4's vital signs or lies elsewhere."""
        found = self._tests.get((constraint.key, type_name))
        if found is None or not element.path.startswith("Observation"):
            return None
        return found if (constraint.key, constraint.expression) in self._published else None

    @cached_property
    def _published(self) -> frozenset[tuple[str, str]]:
        structure = r4().type("vitalsigns")
        rows = [structure.root, *structure.root.children] if structure is not None else []
        keys = {key for key, _ in TESTS}
        return frozenset(
            (each.key, each.expression) for row in rows for each in row.constraints if each.key in keys
        )
