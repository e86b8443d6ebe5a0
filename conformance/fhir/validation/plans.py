"""What the walk needs to know of a type, prepared once: its JSON properties, its rules, its invariants.

A plan belongs to one element of a base definition and one type that its value may have. Plans are made when they are
first needed and kept, so that the second Patient costs no preparation.
"""

from typing import Any

from conformance.fhir.definitions.library import CORE, Definitions
from conformance.fhir.definitions.table import Constraint, Element, Structure, TypeRef
from conformance.fhir.validation.limits import Limits, is_judged
from conformance.fhir.validation.native import ELSEWHERE, NATIVE, Native
from conformance.fhir.validation.primitives import SURE
from conformance.fhir.validation.rules import RULES
from conformance.fhir.validation.scope import Rule

__all__ = ["ATTRIBUTE", "Plan", "Plans", "Property"]

ANY_RESOURCE = frozenset({"Resource", "DomainResource"})
ATTRIBUTE = "xmlAttr"
"""The representation of what is an attribute in XML, which can have neither id nor extensions of its own."""


class Property:
    """One JSON property of a type: the element and the type that its name stands for.

    `companion` is set for `_name`, which carries the ids and extensions of a primitive: the name without underscore.
    """

    __slots__ = ("companion", "element", "name", "plan", "primitive", "ref", "repeats", "resource", "type")

    def __init__(self, element: Element, ref: TypeRef, plan: "Plan", name: str, companion: str = "") -> None:
        self.element = element
        self.ref = ref
        self.plan = plan
        self.type = plan.type
        self.name = name
        self.companion = companion
        self.primitive = plan.primitive
        self.resource = plan.any_resource
        self.repeats = element.repeats


class Plan:
    """How a value of one type at one element is judged by the base definition alone."""

    __slots__ = (
        "_plans",
        "_properties",
        "any_resource",
        "counted",
        "element",
        "limits",
        "native",
        "primitive",
        "profiles",
        "required",
        "rules",
        "structure",
        "sure",
        "type",
    )

    def __init__(self, plans: "Plans", element: Element, ref: TypeRef) -> None:
        definitions = plans.definitions
        self._plans = plans
        self._properties: dict[str, Property] | None = None
        self.element = element
        self.type = "id" if _is_resource_id(definitions, element) else ref.code
        self.profiles = ref.profiles
        self.structure: Structure | None = definitions.type(self.type)
        self.primitive = _is_primitive(self.structure)
        self.sure = SURE.get(self.type) if self.primitive else None
        self.any_resource = self.type in ANY_RESOURCE
        root = self.structure.root if self.structure is not None and not self.any_resource else None
        shared = definitions.shared(element) if element.content_reference else None
        constraints = _constraints(element, shared, root)
        self.native: tuple[Native, ...] = tuple(NATIVE[row.key] for row in constraints if row.key in NATIVE)
        self.limits = Limits(
            fixed=element.fixed,
            pattern=element.pattern,
            min_value=element.min_value,
            max_value=element.max_value,
            max_length=element.max_length,
            binding=element.binding if is_judged(element.binding) else None,
            constraints=tuple(row for row in constraints if row.key not in NATIVE),
        )
        self.rules = plans.rules_of(self.type)
        children = () if self.any_resource else definitions.children(element, self.type)
        self.required = tuple(child for child in children if child.min > 0)
        self.counted = tuple(child for child in children if child.max is not None and child.max > 1)

    @property
    def properties(self) -> dict[str, Property]:
        """Every JSON property that a value of this type may have, by name."""
        if self._properties is None:
            self._properties = self._make_properties()
        return self._properties

    @property
    def stated(self) -> str:
        """The canonical of the definition that the element stands in, which states its binding and its limits."""
        return CORE + self.element.path.partition(".")[0]

    @property
    def url(self) -> str:
        """The canonical of the type's own definition."""
        return self.structure.url if self.structure is not None else CORE + self.type

    def _make_properties(self) -> dict[str, Property]:
        made: dict[str, Property] = {}
        for child in () if self.any_resource else self._plans.definitions.children(self.element, self.type):
            for name, ref in named_types(child):
                plan = self._plans.of(child, ref)
                made[name] = Property(child, ref, plan, name)
                if plan.primitive and child.representation != ATTRIBUTE:
                    made[f"_{name}"] = Property(child, ref, plan, name, companion=name)
        return made


class Plans:
    """All plans over one set of definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._made: dict[tuple[int, str], Plan] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._resources: dict[str, Plan | None] = {}

    def of(self, element: Element, ref: TypeRef) -> Plan:
        """The plan of one of the types that an element may have."""
        key = (id(element), ref.code)
        plan = self._made.get(key)
        if plan is None:
            plan = self._made[key] = Plan(self, element, ref)
        return plan

    def resource(self, name: str) -> Plan | None:
        """The plan of a resource type by its name, or None where no loaded definition is a resource of that name."""
        if name not in self._resources:
            structure = self.definitions.type(name)
            known = structure is not None and structure.kind == "resource" and not structure.is_profile
            self._resources[name] = (
                self.of(structure.root, TypeRef(name)) if structure is not None and known else None
            )
        return self._resources[name]

    def rules_of(self, type_name: str) -> tuple[Rule, ...]:
        """The rules in code for a type: its own, those of the types that it derives from, and those of every node."""
        found = self._rules.get(type_name)
        if found is None:
            rules: list[Rule] = [] if type_name == "Element" else list(RULES.get("Element", ()))
            name = type_name
            while name:
                rules += RULES.get(name, ())
                structure = self.definitions.type(name)
                name = structure.base.removeprefix(CORE) if structure is not None else ""
            found = self._rules[type_name] = tuple(dict.fromkeys(rules))
        return found


def named_types(element: Element) -> tuple[tuple[str, TypeRef], ...]:
    """The JSON names that an element may have, each with its type: a choice has one name for each type."""
    if element.is_choice:
        stem = element.name[:-3]
        return tuple((f"{stem}{ref.code[0].upper()}{ref.code[1:]}", ref) for ref in element.types if ref.code)
    if element.content_reference:
        return ((element.name, TypeRef("BackboneElement")),)
    return tuple((element.name, ref) for ref in element.types[:1])


def json_kind(value: Any) -> str:
    """What a JSON value is, as a message names it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    return "a string" if isinstance(value, str) else "a number"


def _constraints(*elements: Element | None) -> tuple[Constraint, ...]:
    """The invariants of an element, of the one that it shares and of its type, each once.

    Those that are judged natively are not among them.
    """
    found: dict[tuple[str, str], Constraint] = {}
    for element in elements:
        for constraint in element.constraints if element is not None else ():
            if constraint.key not in ELSEWHERE:
                found.setdefault((constraint.key, constraint.expression), constraint)
    return tuple(found.values())


def _is_primitive(structure: Structure | None) -> bool:
    return structure is not None and structure.kind == "primitive-type"


def _is_resource_id(definitions: Definitions, element: Element) -> bool:
    """Whether this is the logical id of a resource, which the published definitions type as string."""
    owner, _, name = element.path.partition(".")
    structure = definitions.type(owner) if name == "id" else None
    return structure is not None and structure.kind == "resource"
