"""From the element table to plans: one for each type or backbone element, made when it is first met.

Source: FHIR R4, https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element, TypeRef
from conformance.fhir.validation.accept import properties
from conformance.fhir.validation.accept.bindings import Bindings
from conformance.fhir.validation.accept.extensions import Extensions
from conformance.fhir.validation.accept.invariants import Invariants
from conformance.fhir.validation.accept.lexical import CHECKS, SOME_TEXT
from conformance.fhir.validation.accept.plan import Check, Kind, Plan, Row
from conformance.fhir.validation.accept.quick import Met, PlainReference
from conformance.fhir.validation.accept.rules import ABSOLUTE, LEFT, LITERAL, RULES
from conformance.fhir.validation.accept.targets import resource_types

__all__ = ["Planner"]

MOST_TYPES = 1000
"""Names of resource types that are remembered, right or wrong ones."""
ANY_RESOURCE = frozenset({"Resource", "DomainResource"})


class Planner:
    """Makes plans over one set of definitions.

    `profiled` gives the tests that a profile of a type asks for, `by_code` those of types whose codes ask for more.
    """

    def __init__(
        self,
        definitions: Definitions,
        bindings: Bindings,
        extensions: Extensions,
        invariants: Invariants,
        profiled: Callable[[tuple[str, ...], str], Callable[..., Any] | None],
        by_code: Mapping[str, Callable[..., Any]],
    ) -> None:
        self.definitions = definitions
        self._bindings = bindings
        self._extensions = extensions
        self._invariants = invariants
        self._profiled = profiled
        self._by_code = by_code
        self._types: dict[str, Plan] = {}
        self._parts: dict[str, Plan] = {}
        self._resources: dict[str, Row | None] = {}

    def resource(self, name: str) -> Row | None:
        """The row of a resource type, None where the definitions have no such concrete type."""
        if name not in self._resources and len(self._resources) < MOST_TYPES:
            structure = self.definitions.type(name) if name.isalpha() else None
            known = (
                structure is not None
                and structure.kind == "resource"
                and not structure.abstract
                and not structure.is_profile
                and name not in LEFT
            )
            self._resources[name] = (
                Row(name, name, name, Kind.OBJECT, build=partial(self.type, name)) if known else None
            )
        return self._resources.get(name)

    def type(self, name: str) -> Plan:
        """The plan of a resource or data type."""
        if name not in self._types:
            structure = self.definitions.type(name)
            plan = self._types[name] = Plan(name, name)
            if structure is not None:
                self._fill(plan, structure.root, structure.root.children)
                if structure.kind == "resource":
                    row = Row("resourceType", f"{name}.resourceType", "code", Kind.SCALAR)
                    row.check = frozenset({name}).__contains__
                    plan.add(row)
        return self._types[name]

    def part(self, element: Element) -> Plan:
        """The plan of a backbone element: of the element itself, or of the one whose content it shares."""
        if element.path not in self._parts:
            shared = self.definitions.shared(element) if element.content_reference else element
            plan = self._parts[element.path] = Plan(element.path, "BackboneElement")
            if shared is not None:
                self._fill(plan, element if element is shared else shared, shared.children)
        return self._parts[element.path]

    def _fill(self, plan: Plan, owner: Element, children: tuple[Element, ...]) -> None:
        required = []
        choices = 0
        for child in children:
            rows = self._rows(plan, child)
            if len(child.types) > 1 or child.is_choice:
                bit = 1 << choices
                choices += 1
                plan.required_bits |= bit if child.min > 0 else 0
                for row in rows:
                    row.bit = bit
                    row.kind = Kind.CHOICE_OBJECT if row.kind == Kind.OBJECT else Kind.CHOICE_SCALAR
            elif child.min > 0:
                required.append(child.name)
            for row in rows:
                plan.add(row)
                if row.check is not None and row.type in CHECKS and child.representation != "xmlAttr":
                    plan.add(properties.companion(row, self._extensions))
        plan.required = frozenset(required)
        tests = [*self._invariants.of_object(plan, owner), *RULES.get(plan.type, ())]
        tests += [properties.counted(child) for child in children if child.min > 1 or (child.max or 1) > 1]
        if plan.path == plan.type and plan.type in self._by_code:
            tests.append(self._by_code[plan.type])
        plan.after = tuple(tests)
        if (
            plan.path == "Coding" and len(tests) == 1
        ):  # nothing but that its code is known: the same each time
            plan.quick = Met()
        elif plan.path == "Reference" and len(tests) == len(RULES["Reference"]):
            plan.quick = PlainReference()

    def _rows(self, plan: Plan, child: Element) -> list[Row]:
        path = f"{plan.path}.{child.name}"
        if child.content_reference:
            kind = Kind.OBJECTS if child.repeats else Kind.OBJECT
            return [Row(child.name, path, "BackboneElement", kind, build=partial(self.part, child))]
        if child.is_choice:
            stem = child.name[:-3]
            return [
                self._row(plan, child, ref, f"{stem}{ref.code[:1].upper()}{ref.code[1:]}", path)
                for ref in child.types
            ]
        return [self._row(plan, child, child.types[0], child.name, path)] if child.types else []

    def _row(self, plan: Plan, child: Element, ref: TypeRef, name: str, path: str) -> Row:
        type_name = self._type_name(plan, child, ref)
        row = Row(name, path, type_name, Kind.OBJECTS if child.repeats else Kind.OBJECT)
        if type_name in CHECKS or type_name == "xhtml":
            row.kind = Kind.SCALARS if child.repeats else Kind.SCALAR
            row.check = self._scalar(child, type_name)
        elif type_name == "Extension":
            row.kind, row.special = Kind.SPECIAL, self._extensions.visit
            row.build = partial(self.type, "Extension")
        elif type_name in ANY_RESOURCE:
            row.kind = Kind.SPECIAL
            row.special = properties.contained if child.name == "contained" else properties.resource
        else:
            self._complex(row, child, ref)
        return row

    def _complex(self, row: Row, child: Element, ref: TypeRef) -> None:
        is_part = bool(child.children) and ref.code in {"BackboneElement", "Element"}
        row.build = partial(self.part, child) if is_part else partial(self.type, ref.code)
        if ref.code == "Reference":
            row.targets = resource_types(self.definitions, ref.targets)
        tests: list[Callable[..., Any]] = []
        if child.binding is not None and child.binding.strength == "required":
            tests.append(self._bindings.of_object(child.binding.value_set, ref.code))
        if child.binding is not None and child.binding.maximum:
            tests.append(self._bindings.of_widest(child.binding.maximum, ref.code))
        if not is_part:
            tests += self._invariants.of_element(child, ref.code)
        profiled = self._profiled(ref.profiles, ref.code) if ref.profiles else None
        if profiled is not None:
            tests.append(profiled)
        tests += properties.given(child)
        row.overlays = tuple(tests)

    def _scalar(self, child: Element, type_name: str) -> Check:
        name = "canonical" if child.path in ABSOLUTE else type_name
        check = properties.is_narrative if type_name == "xhtml" else CHECKS[name]
        if child.path == LITERAL:
            check = SOME_TEXT
        if child.binding is not None and child.binding.strength == "required":
            check = self._bindings.of_scalar(child.binding.value_set, check)
        if child.binding is not None and child.binding.maximum:
            check = self._bindings.of_scalar(child.binding.maximum, check)
        tests = [*properties.given_scalar(child), *self._invariants.of_scalar(child, type_name)]
        return properties.all_of(check, tests) if tests else check

    def _type_name(self, plan: Plan, child: Element, ref: TypeRef) -> str:
        structure = self.definitions.type(plan.path) if child.name == "id" and "." not in plan.path else None
        return "id" if structure is not None and structure.kind == "resource" else ref.code
