"""What FHIR's XML looks like: which elements and attributes each type has, in what order, and how JSON shows them.

Source: FHIR R4 XML, https://hl7.org/fhir/R4/xml.html, and the element table of the loaded definitions.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element

__all__ = ["Kind", "Part", "Shape", "Shapes", "shapes_of"]

Kind = Literal["primitive", "complex", "resource", "xhtml"]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One element or attribute that may stand in a type: `order` is its place in the sequence."""

    name: str
    order: int
    repeats: bool
    type: str
    kind: Kind
    element: Element


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The elements and attributes of one type, by the name that XML gives them."""

    elements: dict[str, Part]
    attributes: dict[str, Part]


class Shapes:
    """The shapes that definitions give, each made when it is first asked for."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._of_types: dict[str, Shape] = {}
        # By identity: elements compare by all that they contain, and the definitions keep each alive.
        self._of_elements: dict[int, Shape] = {}

    def of_resource(self, name: str) -> Shape | None:
        """The shape of a resource type, or None where no loaded package defines one of this name."""
        found = self._definitions.type(name)
        return self.of_type(name) if found and found.kind == "resource" and not found.abstract else None

    def of_type(self, name: str) -> Shape:
        """The shape of a type; of an unknown one, that of nothing at all."""
        made = self._of_types.get(name)
        if made is None:
            found = self._definitions.type(name)
            made = self._of_types[name] = self._made(found.root.children if found else ())
        return made

    def of_part(self, part: Part) -> Shape:
        """The shape of what stands within an element."""
        if not part.element.children and not part.element.content_reference:
            return self.of_type(part.type)
        made = self._of_elements.get(id(part.element))
        if made is None:
            made = self._made(self._definitions.children(part.element, part.type))
            self._of_elements[id(part.element)] = made
        return made

    def defines(self, name: str) -> bool:
        """Whether any loaded package defines a type of this name."""
        return self._definitions.type(name) is not None

    def _made(self, children: tuple[Element, ...]) -> Shape:
        shape = Shape({}, {})
        for order, element in enumerate(children):
            held = shape.attributes if element.representation == "xmlAttr" else shape.elements
            if not element.is_choice:
                code = element.types[0].code if element.types else ""
                held[element.name] = self._part(element, element.name, order, code)
                continue
            for type_ref in element.types:
                name = element.name.removesuffix("[x]") + type_ref.code[:1].upper() + type_ref.code[1:]
                held[name] = self._part(element, name, order, type_ref.code)
        return shape

    def _part(self, element: Element, name: str, order: int, code: str) -> Part:
        return Part(name, order, element.repeats, code, self._kind(code), element)

    def _kind(self, code: str) -> Kind:
        if code == "xhtml":
            return "xhtml"
        found = self._definitions.type(code) if code else None
        if found is None:
            return "complex"
        if found.kind == "primitive-type":
            return "primitive"
        return "resource" if found.kind == "resource" else "complex"


@lru_cache(maxsize=8)
def shapes_of(definitions: Definitions) -> Shapes:
    """The shapes of these definitions, kept for the next document."""
    return Shapes(definitions)
