"""Which elements a resource or type of FHIR R4 has, with their types: what the store can hold.

The elements are those of the definitions that are shipped (FHIR R4 4.0.1); JSON names them as
https://hl7.org/fhir/R4/json.html says, a choice with its type behind it (`valueQuantity`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.table import Element

RESOURCE = "Resource"
"""The type of an element that holds a whole resource (`contained`, `Bundle.entry.resource`)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element by its name in JSON: the name of its type (for the parts of a resource, their path).

    `shape` names what is below it; empty for a primitive.
    """

    type: str
    repeats: bool
    shape: str = ""


Shape = Mapping[str, Field]

_PARTS: dict[str, Element] = {}
"""The elements that have others of their own, by path, as they are come upon."""


@cache
def shape_of(name: str) -> Shape | None:
    """The elements of a resource type, data type or part of either (`Patient.contact`); None where there is none."""
    if name in _PARTS:
        return _fields(r4().children(_PARTS[name]))
    structure = r4().type(name)
    if structure is None or structure.kind == "logical":
        return None
    return _fields(structure.root.children)


def is_resource(name: str) -> bool:
    """Whether this is the name of a resource type of R4 that may stand by itself."""
    structure = r4().type(name)
    return structure is not None and structure.kind == "resource" and not structure.abstract


def _fields(elements: tuple[Element, ...]) -> Shape:
    found: dict[str, Field] = {}
    for element in elements:
        if element.children or element.content_reference:
            shared = r4().shared(element) if element.content_reference else element
            if shared is not None:
                _PARTS[shared.path] = shared
                found[element.name] = Field(shared.path, element.repeats, shared.path)
            continue
        for reference in element.types:
            name = element.name
            if element.is_choice:
                name = name.removesuffix("[x]") + reference.code[:1].upper() + reference.code[1:]
            found[name] = Field(reference.code, element.repeats, _shape(reference.code))
    return found


def _shape(code: str) -> str:
    if code in {RESOURCE, "DomainResource"}:
        return RESOURCE
    structure = r4().type(code)
    primitive = structure is not None and structure.kind == "primitive-type"
    return "" if primitive else code
