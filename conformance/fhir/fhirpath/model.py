"""The engine's view of loaded FHIR definitions: `DefinitionsModel`, one shape a type, made when first asked for."""

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element
from conformance.fhir.fhirpath.shapes import Link, Shape

__all__ = ["DefinitionsModel"]

_SYSTEM = {
    "boolean": "Boolean",
    "integer": "Integer",
    "integer64": "Integer",
    "decimal": "Decimal",
    "date": "Date",
    "dateTime": "DateTime",
    "instant": "DateTime",
    "time": "Time",
}
"""To which System type each primitive converts; those that are not named here are Strings."""

_RESOURCES = frozenset({"Resource", "DomainResource"})


class DefinitionsModel:
    """The `Model` of the types that a `Definitions` knows."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._shapes: dict[str, Shape | None] = {}
        self._ancestors: dict[str, frozenset[str]] = {}

    def shape(self, key: str) -> Shape | None:
        """The shape of a type or of a backbone element by its path; None where the definitions have none."""
        try:
            return self._shapes[key]
        except KeyError:
            found = self._shapes[key] = self._made(key)
            return found

    def is_type(self, name: str) -> bool:
        """Whether the definitions have a type of this name."""
        return bool(name) and self.definitions.type(name) is not None

    def _made(self, key: str) -> Shape | None:
        structure = self.definitions.type(key.split(".", 1)[0]) if key else None
        if structure is None:
            return None
        element: Element | None = structure.root
        for step in key.split(".")[1:]:
            element = (
                next((child for child in element.children if child.name == step), None) if element else None
            )
        if element is None:
            return None
        own = "." not in key
        name = key if own else (element.types[0].code if element.types else "BackboneElement")
        primitive = own and structure.kind == "primitive-type"
        return Shape(
            key=key,
            name=name,
            ancestors=self._types(name),
            system=_system(self._types(name)) if primitive else "",
            links=self._links(element, key),
            shape_of=self.shape,
            is_resource=own and structure.kind == "resource",
        )

    def _types(self, name: str) -> frozenset[str]:
        found = self._ancestors.get(name)
        if found is None:
            structure = self.definitions.type(name)
            base = structure.base.rsplit("/", 1)[-1] if structure and structure.base else ""
            above = self._types(base) if base and base != name else frozenset()
            found = self._ancestors[name] = above | {name}
        return found

    def _links(self, element: Element, key: str) -> dict[str, tuple[Link, ...]]:
        found: dict[str, tuple[Link, ...]] = {}
        for child in self.definitions.children(element):
            name = child.name.removesuffix("[x]")
            if name == "value" and self._is_value_of_primitive(key):
                continue
            found[name] = tuple(self._link(child, name, code, key) for code in _codes(child))
        return found

    def _link(self, child: Element, name: str, code: str, key: str) -> Link:
        member = name + code[:1].upper() + code[1:] if child.is_choice else name
        if child.content_reference:
            target = child.content_reference
        elif child.children and not child.is_choice:
            target = f"{key}.{child.name}"
        else:
            target = code
        structure = self.definitions.type(target) if "." not in target else None
        if target in _RESOURCES:
            target = ""
        primitive = structure is not None and structure.kind == "primitive-type"
        return Link(name, member, target, child.repeats, "_" + member if primitive else "")

    def _is_value_of_primitive(self, key: str) -> bool:
        structure = self.definitions.type(key) if "." not in key else None
        return structure is not None and structure.kind == "primitive-type"


def _codes(child: Element) -> tuple[str, ...]:
    return tuple(ref.code for ref in child.types) or ("",)


def _system(types: frozenset[str]) -> str:
    return next((_SYSTEM[name] for name in types if name in _SYSTEM), "String")
