"""Nodes: elements of a resource as the engine sees them, over plain JSON.

A node knows its value, what its `_field` sibling adds, its type, its parent and how it was reached. Nodes are made
by the hundred thousand: they are plain slots, and nobody changes one after it was made.

Numbers: a `Decimal` keeps the digits that were written (`1.00`); a `float` is taken as the shortest decimal that
reads back as it. Read JSON with `parse_float=Decimal` wherever trailing zeros matter.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.fhir.fhirpath.shapes import Link, Model, Shape

Item = Any
"""A `Node`, or a System value: bool, int, Decimal, str, Date, DateTime, Time, Quantity, TypeInfo."""

Items = Sequence[Item]
"""A collection. Never changed after it is made: lists and tuples mix freely."""

_ROOT = Link("", "", "")


class Node:
    """One element: `value` is its JSON (None where only extensions are there), `extra` its `_field` object.

    `link` tells how its parent holds it, `index` its place in an array (None where JSON has no array).
    """

    __slots__ = ("extra", "index", "link", "parent", "shape", "value")

    def __init__(
        self,
        value: Any,
        extra: Mapping[str, Any] | None = None,
        shape: Shape | None = None,
        parent: "Node | None" = None,
        link: Link = _ROOT,
        index: int | None = None,
    ) -> None:
        self.value = value
        self.extra = extra
        self.shape = shape
        self.parent = parent
        self.link = link
        self.index = index

    def __repr__(self) -> str:
        return f"<{self.type_name} {location(self)}>"

    @property
    def name(self) -> str:
        """The element's name: `value` for `valueQuantity`; empty for a root."""
        return self.link.name

    @property
    def type_name(self) -> str:
        """The FHIR type, or what the JSON tells where no model does."""
        if self.shape is not None:
            return self.shape.name
        return type_in_json(self.value)

    @property
    def is_primitive(self) -> bool:
        """Whether it is a primitive: by its type, or by its JSON where the type is not known."""
        shape = self.shape
        return bool(shape.system) if shape is not None else self.value.__class__ is not dict


def root(resource: Any, model: Model | None = None, type_key: str = "") -> Node:
    """The node of a resource, or of any value whose type is told by `type_key`."""
    shape = None
    if model is not None:
        shape = model.shape(type_key or _declared(resource))
    return Node(resource, None, shape)


def type_in_json(value: Any) -> str:
    """What type JSON alone tells: that of a resource, or the kind of a scalar."""
    if isinstance(value, dict):
        return str(value.get("resourceType", "Element"))
    return {bool: "boolean", int: "integer", str: "string"}.get(type(value), "decimal")


def member(node: Node, name: str) -> Items:  # noqa: C901, PLR0911 - each way out as early as can be
    """The child elements of this name, in order; choice elements by their short name (`value`)."""
    value = node.value
    if value.__class__ is not dict:
        if node.extra is None:
            return ()
        value = node.extra
    shape = node.shape
    if shape is None:
        return _untyped(node, value, name)
    links = shape.links.get(name)
    if links is None:
        return ()
    if len(links) == 1:
        link = links[0]
        held = value.get(link.key)
        if held is None:
            if link.sibling not in value:
                return ()
        elif held.__class__ is not list and link.type:  # by far the most frequent case, without a call
            extra = value.get(link.sibling)
            return (Node(held, extra if extra.__class__ is dict else None, shape.target(link), node, link),)
        return _held(node, value, link, shape.target(link))
    choices = shape.choices[name]
    found: list[Node] = []
    for key in value:
        choice = choices.get(key)
        if choice is not None and (key == choice.key or choice.key not in value):
            found += _held(node, value, choice, shape.target(choice))
    return found


def children(node: Node) -> list[Node]:
    """All child elements in the order of the JSON; a member with no place in the type is an untyped child."""
    value = node.value
    if value.__class__ is not dict:
        value = node.extra
        if value is None:
            return []
    shape = node.shape
    found: list[Node] = []
    by_key = shape.by_key if shape is not None else {}
    for key in value:
        if key == "resourceType":
            continue
        if key[0:1] == "_":
            if key[1:] in value:
                continue
            key = key[1:]  # noqa: PLW2901 - a primitive that has only extensions
        link = by_key.get(key)
        if link is None or shape is None:
            found += _held(node, value, Link(key, key, "", sibling="_" + key), None)
        else:
            found += _held(node, value, link, shape.target(link))
    return found


def descendants(node: Node) -> Iterator[Node]:
    """All elements below, each before its own children, first level first as FHIRPath's `repeat(children())`."""
    level = children(node)
    while level:
        yield from level
        level = [child for above in level for child in children(above)]


def location(node: Node) -> str:
    """Where the node stands, as a FHIRPath: `Patient.name[0].given[1]`."""
    steps: list[str] = []
    current: Node | None = node
    while current is not None:
        place = "" if current.index is None else f"[{current.index}]"
        if current.parent is None:
            steps.append((current.name or current.type_name) + place)
        else:
            steps.append(current.name + place)
        current = current.parent
    return ".".join(reversed(steps))


def resource_of(node: Node) -> Node:
    """The resource that holds this node (`%resource`): itself where it is one; the root where none is known."""
    current = node
    while not is_resource(current) and current.parent is not None:
        current = current.parent
    return current


def root_resource_of(node: Node) -> Node:
    """`%rootResource`: the resource that contains the contained one, else the resource itself."""
    found = resource_of(node)
    while found.link.name == "contained" and found.parent is not None:
        found = resource_of(found.parent)
    return found


def is_resource(node: Node) -> bool:
    """Whether the node is a resource."""
    if node.shape is not None:
        return node.shape.is_resource
    return node.value.__class__ is dict and "resourceType" in node.value


def _held(node: Node, value: Mapping[str, Any], link: Link, shape: Shape | None) -> list[Node]:
    found = value.get(link.key)
    extra = value.get(link.sibling) if link.sibling else None
    if found.__class__ is not list and extra.__class__ is not list:
        if found is None and extra is None:
            return []
        if not link.type:
            shape = _resource_shape(node, found)
        return [Node(found, extra if extra.__class__ is dict else None, shape, node, link)]
    values: list[Any] = found if isinstance(found, list) else []
    extras: list[Any] = extra if isinstance(extra, list) else []
    nodes = []
    for index in range(max(len(values), len(extras))):
        one = values[index] if index < len(values) else None
        more = extras[index] if index < len(extras) else None
        if one is None and more is None:
            continue
        if not link.type:
            shape = _resource_shape(node, one)
        nodes.append(Node(one, more if more.__class__ is dict else None, shape, node, link, index))
    return nodes


def _resource_shape(node: Node, value: Any) -> Shape | None:
    if node.shape is None or value.__class__ is not dict:
        return None
    return node.shape.shape_of(_declared(value))


def _declared(value: Any) -> str:
    declared = value.get("resourceType") if isinstance(value, dict) else None
    return declared if isinstance(declared, str) else ""


def _untyped(node: Node, value: Mapping[str, Any], name: str) -> Items:
    if name not in value and "_" + name not in value:
        return ()
    return _held(node, value, Link(name, name, "", sibling="_" + name), None)
