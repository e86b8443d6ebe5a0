"""Small StructureDefinitions for the tests, and what becomes of them when they are laid over R4."""

from typing import Any

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.library import CORE
from conformance.fhir.definitions.table import Element, Structure
from conformance.fhir.packages.package import from_resources

URL = "http://example.org/StructureDefinition/ours"


def profile(*rows: dict[str, Any], of: str = "Patient", url: str = URL, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "name": "Ours",
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "type": of,
        "baseDefinition": CORE + of,
        "derivation": "constraint",
        "differential": {"element": list(rows)},
    } | more


def row(identity: str, **facts: Any) -> dict[str, Any]:
    path = ".".join(step.partition(":")[0] for step in identity.split("."))
    slice_name = identity.rsplit(".", 1)[-1].partition(":")[2]
    return {"id": identity, "path": path} | ({"sliceName": slice_name} if slice_name else {}) | facts


def laid(*resources: dict[str, Any]) -> Structure:
    found = from_resources(resources, base=r4()).structure(URL)
    assert found is not None
    return found


def at(structure: Structure, identity: str) -> Element:
    """The element of an id; a KeyError where the tree has none."""
    return {element.id: element for element in everything(structure.root)}[identity]


def everything(element: Element) -> list[Element]:
    below = [*element.children, *element.slices]
    return [element, *(found for child in below for found in everything(child))]
