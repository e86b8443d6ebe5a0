"""A resource read from XML into the shape of its JSON, by the definitions of its elements.

See https://hl7.org/fhir/R4/xml.html. Document types are refused, so that no document can have anything expanded.
"""

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.table import Element
from conformance.reference.forms.jsontext import Decimal

FHIR, XHTML = "http://hl7.org/fhir", "http://www.w3.org/1999/xhtml"
_DEEPEST = 200
_INTEGERS = frozenset({"integer", "positiveInt", "unsignedInt"})


@dataclass
class _Node:
    name: str
    attributes: dict[str, str]
    start: int
    children: list["_Node"] = field(default_factory=list)
    text: str = ""


def parse(body: bytes) -> dict[str, Any]:
    """The resource; raises ValueError with what is wrong with the document."""
    return _resource(_tree(body))


def _tree(body: bytes) -> _Node:
    reader = expat.ParserCreate(namespace_separator=" ")
    top = _Node("", {}, 0)
    open_nodes = [top]

    def begin(name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace not in {FHIR, XHTML}:
            raise ValueError(f"the element {local} is not of FHIR's namespace")
        if len(open_nodes) > _DEEPEST:
            raise ValueError("the XML is nested too deeply")
        node = _Node(local if namespace == FHIR else "div", attributes, reader.CurrentByteIndex)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def end(name: str) -> None:
        node = open_nodes.pop()
        if name == f"{XHTML} div":
            closed = body.index(b">", reader.CurrentByteIndex) + 1
            node.text = body[node.start : closed].decode("utf-8")

    def refuse(*_: Any) -> None:
        raise ValueError("the XML has a document type")

    reader.StartElementHandler, reader.EndElementHandler = begin, end
    reader.StartDoctypeDeclHandler = refuse
    try:
        body.decode("utf-8")
        reader.Parse(body, True)
    except expat.ExpatError as error:
        raise ValueError(f"the XML is not well-formed: {error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"the body is not UTF-8: {error.reason} at byte {error.start}") from error
    return top.children[0]


def _resource(node: _Node) -> dict[str, Any]:
    structure = r4().type(node.name)
    if structure is None:
        raise ValueError(f"there is no resource type {node.name}")
    return {"resourceType": node.name, **_members(node, structure.root.children)}


def _members(node: _Node, children: tuple[Element, ...]) -> dict[str, Any]:
    known = {name: (element, code) for element in children for name, code in _names(element)}
    members: dict[str, Any] = {
        name: value for name, value in node.attributes.items() if name in known and name != "value"
    }
    for child in node.children:
        if child.name not in known:
            raise ValueError(f"{node.name} has no element {child.name}")
        element, code = known[child.name]
        value, twin = _value(child, element, code)
        if not element.repeats:
            members |= {child.name: value} if value is not None else {}
            members |= {f"_{child.name}": twin} if twin else {}
            continue
        values, twins = members.setdefault(child.name, []), members.setdefault(f"_{child.name}", [])
        values.append(value)
        twins.append(twin or None)
    return {
        name: value
        for name, value in members.items()
        if not isinstance(value, list) or any(one is not None for one in value)
    }


def _names(element: Element) -> list[tuple[str, str]]:
    if not element.is_choice:
        return [(element.name, element.types[0].code if element.types else "")]
    stem = element.name.removesuffix("[x]")
    return [(stem + ref.code[:1].upper() + ref.code[1:], ref.code) for ref in element.types]


def _value(node: _Node, element: Element, code: str) -> tuple[Any, dict[str, Any]]:
    """The value of an element, and what stands beside it where it is a primitive: its id and extensions."""
    if code == "xhtml":
        return node.text, {}
    if code == "Resource":
        return _resource(node.children[0]), {}
    content = _members(node, r4().children(element, code))
    if not code[:1].islower():
        return content, {}
    return _primitive(node.attributes.get("value"), code), content


def _primitive(text: str | None, code: str) -> Any:
    if text is None:
        return None
    if code == "boolean" and text in {"true", "false"}:
        return text == "true"
    if code in _INTEGERS:
        return int(text)
    return Decimal(text) if code == "decimal" else text
