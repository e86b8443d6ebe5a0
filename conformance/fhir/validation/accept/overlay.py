"""Profiles as tests that are laid over the walk: only what a profile adds to the base definitions is asked.

The tests are made from the same deltas that `explain` judges by. What a profile asks and is not understood here makes
a test that never passes where it matters.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Structure
from conformance.fhir.validation.accept.asked import Asked, Test
from conformance.fhir.validation.accept.bindings import Bindings
from conformance.fhir.validation.accept.foreign import Foreign
from conformance.fhir.validation.accept.notes import Notes
from conformance.fhir.validation.accept.plan import Json
from conformance.fhir.validation.deltas import Deltas
from conformance.fhir.validation.guides import global_profiles

__all__ = ["Overlays"]

NO_DEFINITION = "its definition is not loaded"


class Overlays:
    """Makes the test of each structure when it is first asked for, and ends the walk of each resource."""

    def __init__(
        self,
        definitions: Definitions,
        bindings: Bindings,
        notes: Notes,
        requested: Sequence[str],
        closures: Any,
    ) -> None:
        self._definitions = definitions
        self._notes = notes
        self._deltas = Deltas(definitions)
        self._asked = Asked(definitions, bindings, notes, Foreign(definitions), self.of_profiles, closures)
        self._closures = closures
        self._never: Test = closures.never
        self._made: dict[str, Test] = {}
        self._open: list[str] = []
        self._requested = requested
        self._everywhere = global_profiles(definitions)
        self._by_type: dict[str, tuple[Test, ...]] = {}
        self._declared: dict[str, tuple[str, Test] | None] = {}

    @property
    def lies_on_all(self) -> bool:
        """Whether something is asked of resources that do not ask for it themselves."""
        return bool(self._requested or self._everywhere)

    def of(self, structure: Structure) -> Test:
        """The test of what a structure asks of a value of its type, which the walk has already found right."""
        key = f"{structure.url}|{structure.version}"
        if key not in self._made:
            if key in self._open:  # it leads back to itself: its own test, made by the time it is called
                return partial(self._later, key)
            self._open.append(key)
            try:
                self._made[key] = self._asked.of(self._deltas.of(structure), structure.type)
            finally:
                self._open.remove(key)
        return self._made[key]

    def _later(self, key: str, found: Any, walk: Any, row: Any) -> Any:
        return self._made[key](found, walk, row)

    def of_profiles(self, profiles: Sequence[str], type_name: str) -> Test | None:
        """The test that a value meets at least one of these structures; None where that is no question."""
        tests = []
        for canonical in profiles:
            structure = self._structure(canonical)
            if structure is None:
                return self._unknown(canonical)
            if not self._definitions.is_a(type_name, structure.type):
                return self._never
            if not structure.is_profile:
                return None
            tests.append(self.of(structure))
        found: Test = self._closures.either(tests)
        return found

    def finish(self, resource: Json, walk: Any, row: Any) -> bool:
        """What is asked of a resource whose parts are right: the structures that were requested, and its own."""
        if self._requested and walk.depth == 0:
            tests = self._by_type.get(row.type)
            if tests is None:
                tests = self._by_type[row.type] = self._fitting(row.type)
            for test in tests:
                if not test(resource, walk, row):
                    return False
        if row.type in self._everywhere and resource is walk.outermost:
            for canonical in self._everywhere[row.type]:
                if not self._meets(canonical, resource, walk, row):
                    return False
        meta = resource.get("meta")
        if meta is not None and "profile" in meta:
            return all(self._meets(canonical, resource, walk, row) for canonical in meta["profile"])
        return True

    def _meets(self, canonical: str, resource: Json, walk: Any, row: Any) -> bool:
        if canonical not in self._declared:
            structure = self._structure(canonical)
            if len(self._declared) > 1000:  # noqa: PLR2004 - what a hostile document declares is not kept for ever
                self._declared.clear()
            self._declared[canonical] = None if structure is None else (structure.type, self.of(structure))
        known = self._declared[canonical]
        if known is None:
            return self._notes.note("structure", canonical, NO_DEFINITION)
        type_name, test = known
        return self._definitions.is_a(row.type, type_name) and bool(test(resource, walk, row))

    def _fitting(self, type_name: str) -> tuple[Test, ...]:
        found = {canonical: self._structure(canonical) for canonical in self._requested}
        tests: list[Test] = [self._unknown(canonical) for canonical, each in found.items() if each is None]
        known = [each for each in found.values() if each is not None]
        fitting = [each for each in known if self._definitions.is_a(type_name, each.type)]
        if known and not fitting:
            return (self._never,)
        return (*tests, *(self.of(each) for each in fitting))

    def _structure(self, canonical: str) -> Structure | None:
        try:
            return self._definitions.structure(canonical)
        except DefinitionProblem:
            return None

    def _unknown(self, canonical: str) -> Callable[..., bool]:
        return lambda _found, _walk, _row: self._notes.note("structure", canonical, NO_DEFINITION)
