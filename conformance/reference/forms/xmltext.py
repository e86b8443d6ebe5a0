"""A resource written as XML: elements in the order of their definitions, primitives as attributes.

See https://hl7.org/fhir/R4/xml.html. What the definitions do not know is left out.
"""

from typing import Any
from xml.sax.saxutils import quoteattr

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.table import Element
from conformance.reference.forms.jsontext import Decimal

FHIR_XML = "application/fhir+xml;charset=utf-8"
_NAMESPACE = "http://hl7.org/fhir"


def dump(resource: dict[str, Any]) -> bytes:
    """The resource as an XML document in UTF-8."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    _resource(out, resource, f' xmlns="{_NAMESPACE}"')
    return "".join(out).encode("utf-8", "replace")


def _resource(out: list[str], resource: dict[str, Any], namespace: str = "") -> None:
    name = resource.get("resourceType", "")
    structure = r4().type(name)
    if structure is None:
        return
    out.append(f"<{name}{namespace}>")
    _members(out, resource, structure.root.children)
    out.append(f"</{name}>")


def _members(out: list[str], owner: dict[str, Any], children: tuple[Element, ...]) -> None:
    for element in children:
        if element.representation == "xmlAttr":
            continue
        for name, code in _names(element):
            values, twins = _listed(owner.get(name)), _listed(owner.get(f"_{name}"))
            for index in range(max(len(values), len(twins))):
                value = values[index] if index < len(values) else None
                twin = twins[index] if index < len(twins) else None
                _element(out, name, value, twin, element, code)


def _names(element: Element) -> list[tuple[str, str]]:
    """The names that an element may have in JSON and XML, each with its type."""
    if not element.is_choice:
        return [(element.name, element.types[0].code if element.types else "")]
    stem = element.name.removesuffix("[x]")
    return [(stem + ref.code[:1].upper() + ref.code[1:], ref.code) for ref in element.types]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _element(out: list[str], name: str, value: Any, twin: Any, element: Element, code: str) -> None:
    if code == "xhtml":
        out.append(str(value))
    elif isinstance(value, dict) and "resourceType" in value:
        out.append(f"<{name}>")
        _resource(out, value)
        out.append(f"</{name}>")
    else:
        content = value if isinstance(value, dict) else twin if isinstance(twin, dict) else {}
        children = r4().children(element, code)
        out.append(f"<{name}{_attributes(content, children)}")
        if value is not None and not isinstance(value, dict):
            out.append(f" value={_quoted(value)}")
        out.append(">")
        _members(out, content, children)
        out.append(f"</{name}>")


def _attributes(content: dict[str, Any], children: tuple[Element, ...]) -> str:
    return "".join(
        f" {child.name}={_quoted(content[child.name])}"
        for child in children
        if child.representation == "xmlAttr" and child.name in content
    )


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        return '"true"' if value else '"false"'
    text = value.text if isinstance(value, Decimal) else str(value)
    return quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
