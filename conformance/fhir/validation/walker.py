"""The walk over a document's JSON: every value gets a node with its type, and what has the wrong form is told.

It judges by the base definitions alone: unknown properties, arrays and objects where they belong, null alignment,
choices, resource types, cardinality. What the values themselves say is judged afterwards, node by node.

Source: FHIR R4, https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/formats.html
"""

from typing import Any

from conformance.fhir.definitions.table import Element
from conformance.fhir.documents.document import step_of
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.messages import shown
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.plans import ATTRIBUTE, Plan, Plans, Property, json_kind
from conformance.fhir.validation.telling import Telling

__all__ = ["DEEPEST", "Walk"]

DEEPEST = (
    150  # levels; a Questionnaire nested by hand stays far below, and each level costs two Python frames
)


class Walk:
    """One pass over one document. `nodes` are all nodes whose form allows them to be judged, in document order."""

    def __init__(self, plans: Plans, telling: Telling) -> None:
        self._plans = plans
        self._tell = telling.tell
        self.nodes: list[Node] = []

    def resource(self, value: Any, place: Node, depth: int = 0) -> Node | None:
        """Walks a resource; `place` is a node that stands where it is. None where its type cannot be known."""
        if not isinstance(value, dict):
            self._tell(place, "not-an-object", found=json_kind(value))
            return None
        name = value.get("resourceType")
        if name is None:
            self._tell(place, "resource-type-missing")
            return None
        plan = self._plans.resource(name) if isinstance(name, str) else None
        if plan is None or plan.structure is None:
            self._tell(place, "resource-type-unknown", found=shown(name))
            return None
        if plan.structure.abstract:
            self._tell(place, "resource-type-abstract", found=name)
            return None
        node = Node(
            value, name, place.element if place.parent else plan.element,
            name=place.name, index=place.index, parent=place.parent, is_resource=True,
        )  # fmt: skip
        node.plan = plan
        self._object(node, plan, depth)
        return node

    def _object(self, node: Node, plan: Plan, depth: int) -> None:
        """Walks the properties of an object."""
        self.nodes.append(node)
        if depth > DEEPEST:
            self._tell(node, "too-deep", limit=DEEPEST)
            return
        value: dict[str, Any] = node.value
        if not value:
            self._tell(node, "object-empty", structure=plan.url)
            return
        properties = plan.properties
        for name, given in value.items():
            known = properties.get(name)
            if known is None:
                self._unknown(node, plan, name)
            elif known.companion:
                if known.companion not in value:
                    self._primitives(node, known, None, given, depth)
            elif known.primitive:
                self._primitives(node, known, given, value.get(f"_{name}"), depth)
            else:
                self._complex(node, known, given, depth)
        self._count(node, plan)

    def _unknown(self, node: Node, plan: Plan, name: str) -> None:
        if name == "resourceType":
            if not node.is_resource:
                self._tell(node, "resource-type-misplaced", structure=plan.url, type=node.type)
            return
        place = _nameless(node, name)
        if name.startswith("_") and name[1:] in plan.properties:
            found = plan.properties[name[1:]]
            if found.element.representation == ATTRIBUTE:
                self._tell(
                    place, "companion-of-attribute", structure=plan.url, found=shown(name), name=found.name
                )
                return
            self._tell(
                place,
                "primitive-companion-misplaced",
                structure=plan.url,
                found=shown(name),
                name=found.name,
                type=found.type,
            )
            return
        for child in self._plans.definitions.children(plan.element, plan.type):
            rest = name.removeprefix(child.name[:-3])
            if child.is_choice and name.startswith(child.name[:-3]) and rest[:1].isupper():
                allowed = ", ".join(ref.code for ref in child.types)
                self._tell(place, "choice-type-not-allowed", structure=plan.url,
                           found=shown(name), element=child.name, allowed=allowed)  # fmt: skip
                return
        self._tell(place, "property-unknown", structure=plan.url, type=node.type, found=shown(name))

    def _primitives(self, node: Node, known: Property, given: Any, extra: Any, depth: int) -> None:
        """Walks a primitive element: its value or values, and the companion with their ids and extensions."""
        self._tell_null(node, known, given, extra)
        if given is None and extra is None:
            return
        if (
            known.repeats
            and (given is None or isinstance(given, list))
            and (extra is None or isinstance(extra, list))
        ):
            self._aligned(node, known, given, extra, depth)
            return
        if not known.repeats:
            if isinstance(given, list) or isinstance(extra, list):
                of_values = isinstance(given, list)
                self._tell(
                    self._named(node, known, of_values=of_values), "array-not-allowed", name=known.name
                )
                return
        else:
            of_values = given is not None and not isinstance(given, list)
            wrong = given if of_values else extra
            self._tell(
                self._named(node, known, of_values=of_values),
                "array-expected",
                name=known.name,
                found=json_kind(wrong),
            )
            if isinstance(given, list) or isinstance(extra, list):
                return
        self._primitive(node, known, given, extra, None, depth)

    def _tell_null(self, node: Node, known: Property, given: Any, extra: Any) -> None:
        """Tells a property or companion that is null: JSON of FHIR has null in arrays only."""
        holder = node.value if node.extra is None else node.extra
        if given is None and known.name in holder:
            self._tell(self._named(node, known, of_values=True), "null-not-allowed")
        if extra is None and f"_{known.name}" in holder:
            self._tell(self._named(node, known, of_values=False), "null-not-allowed")

    def _aligned(self, node: Node, known: Property, given: Any, extra: Any, depth: int) -> None:
        values, companions = given or (), extra or ()
        if (given is not None and not values) or (extra is not None and not companions):
            of_values = given is not None and not values
            self._tell(self._named(node, known, of_values=of_values), "array-empty", name=known.name)
        if values and companions and len(values) != len(companions):
            self._tell(
                self._place(node, known, given),
                "array-lengths-differ",
                severity=Severity.WARNING,  # what is missing at the end can only be null
                name=known.name,
                values=len(values),
                companions=len(companions),
            )
        for index in range(max(len(values), len(companions))):
            value = values[index] if index < len(values) else None
            companion = companions[index] if index < len(companions) else None
            if value is None and companion is None:
                self._tell(self._named(node, known, index, of_values=index < len(values)), "null-not-allowed")
            else:
                self._primitive(node, known, value, companion, index, depth)

    def _primitive(
        self, node: Node, known: Property, given: Any, extra: Any, index: int | None, depth: int
    ) -> None:
        child = self._place(node, known, given, index)
        child.plan = known.plan
        if isinstance(given, dict | list):
            self._tell(child, "type-not-allowed", found=json_kind(given), allowed=known.type)
            return
        node.groups.setdefault(known.element.name, []).append(child)
        if given is not None or isinstance(extra, dict):
            self.nodes.append(child)
        if extra is None:
            return
        if not isinstance(extra, dict):
            place = self._named(node, known, index, of_values=False)
            self._tell(place, "object-expected", type=place.name, found=json_kind(extra))
            return
        child.extra = extra
        if not extra:
            self._tell(child, "object-empty")
        self._companion(child, known, extra, depth)

    def _companion(self, child: Node, known: Property, extra: dict[str, Any], depth: int) -> None:
        """Walks the object `_name`, which stands beside the primitive `name` or in its stead."""
        url, properties = known.plan.url, known.plan.properties
        value = properties.get("value")
        if child.value is None and value is not None and value.element.min > 0:
            self._tell(child, "value-missing", structure=url, element=known.element.path)
        for name, below in extra.items():
            found = properties.get(name)
            if found is None or found.companion or name == "value":
                if not (name.startswith("_") and name[1:] in extra and found is not None):
                    self._tell(
                        _nameless(child, name),
                        "property-unknown",
                        structure=url,
                        type=f"_{known.name}",
                        found=shown(name),
                    )
            elif found.element.max == 0:
                self._tell(
                    _nameless(child, name), "not-allowed-here", structure=url, element=found.element.path
                )
            elif found.primitive:
                self._primitives(child, found, below, extra.get(f"_{name}"), depth + 1)
            else:
                self._complex(child, found, below, depth)

    def _complex(self, node: Node, known: Property, given: Any, depth: int) -> None:
        """Walks an element whose values are objects."""
        if isinstance(given, list):
            if not known.repeats:
                self._tell(self._place(node, known, given), "array-not-allowed", name=known.name)
                return
            if not given:
                self._tell(self._place(node, known, given), "array-empty", name=known.name)
            for index, item in enumerate(given):
                self._item(node, known, item, index, depth)
            return
        if known.repeats:
            self._tell(
                self._place(node, known, given), "array-expected", name=known.name, found=json_kind(given)
            )
        self._item(node, known, given, None, depth)

    def _item(self, node: Node, known: Property, given: Any, index: int | None, depth: int) -> None:
        child = self._place(node, known, given, index)
        if given is None:
            self._tell(child, "null-not-allowed")
        elif known.resource:
            resource = self.resource(given, child, depth + 1)
            if resource is not None:
                node.groups.setdefault(known.element.name, []).append(resource)
        elif not isinstance(given, dict):
            self._tell(child, "object-expected", type=known.type, found=json_kind(given))
        else:
            child.plan = known.plan
            node.groups.setdefault(known.element.name, []).append(child)
            self._object(child, known.plan, depth + 1)

    def _place(self, node: Node, known: Property, given: Any, index: int | None = None) -> Node:
        return Node(given, known.type, known.element, name=known.name, index=index, parent=node)

    def _named(self, node: Node, known: Property, index: int | None = None, *, of_values: bool) -> Node:
        """The place of a primitive property, or that of its companion, for what is told of the property itself."""
        name = known.name if of_values else f"_{known.name}"
        return Node(None, known.type, known.element, name=name, index=index, parent=node)

    def _count(self, node: Node, plan: Plan) -> None:
        """Judges how often each element is there."""
        groups = node.groups
        for element in plan.required:
            found = max(len(groups.get(element.name, ())), _given(node.value, element))
            if found < element.min:
                if element.min == 1:
                    self._tell(node, "missing", structure=plan.url, element=element.path)
                else:
                    self._tell(
                        node,
                        "too-few",
                        structure=plan.url,
                        element=element.path,
                        least=element.min,
                        found=found,
                    )
        for element in plan.counted:
            found = len(groups.get(element.name, ()))
            if element.max is not None and found > element.max:
                self._tell(
                    node, "too-many", structure=plan.url, element=element.path, most=element.max, found=found
                )
        for name, group in groups.items():
            if len(group) > 1 and name.endswith("[x]"):
                names = dict.fromkeys(child.name for child in group)
                if len(names) > 1:
                    self._tell(
                        node, "choice-repeated", structure=plan.url, element=name, found=", ".join(names)
                    )


def _nameless(node: Node, name: str) -> Node:
    """The place of a property for which there is no element: the pointer knows it, FHIRPath does not."""
    place = Node(None, "", node.element, name=step_of(name), parent=node)
    place._expression = node.expression  # noqa: SLF001 - a place without an element of its own
    return place


def _given(value: dict[str, Any], element: Element) -> int:
    """How many values the document names for an element, so that what was refused already is not told twice."""
    if element.is_choice:
        stem = element.name[:-3]
        return sum(name.startswith(stem) and name != stem for name in value)
    given = value.get(element.name)
    return len(given) if isinstance(given, list) else int(given is not None)
