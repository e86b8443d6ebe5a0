"""A place in a resource while it is judged: its value, its type, and the way back to the root."""

from typing import Any

from conformance.fhir.definitions.table import Element

__all__ = ["Node"]


class Node:
    """One occurrence of an element.

    `value` is the JSON value (an object for complex types, a scalar or None for primitives); `extra` the object of
    the sibling `_name` that carries a primitive's id and extensions; `type` the FHIR type name of the value;
    `element` the base definition's element; `name` the JSON property, `index` the place in its array (None where
    JSON shows no array). `resource` is the nearest resource node (itself, for a resource). `groups` holds the nodes
    directly below by the element's name (`value[x]` for a choice), `plan` how the walk judges this one,
    `path_node` the same place as the FHIRPath engine sees it, once it was needed.
    """

    __slots__ = (
        "_expression",
        "_pointer",
        "element",
        "extra",
        "groups",
        "index",
        "name",
        "parent",
        "path_node",
        "plan",
        "resource",
        "type",
        "value",
    )

    def __init__(  # noqa: PLR0913 - a place has this many sides, all named by the caller
        self,
        value: Any,
        type_name: str,
        element: Element,
        *,
        name: str = "",
        index: int | None = None,
        extra: dict[str, Any] | None = None,
        parent: "Node | None" = None,
        is_resource: bool = False,
    ) -> None:
        self.value = value
        self.type = type_name
        self.element = element
        self.name = name
        self.index = index
        self.extra = extra
        self.parent = parent
        self.resource: Node = self if is_resource or parent is None else parent.resource
        self.plan: Any = None
        self.path_node: Any = None
        self.groups: dict[str, list[Node]] = {}
        self._expression: str | None = None
        self._pointer: str | None = None

    @property
    def root(self) -> "Node":
        """The outermost resource."""
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    @property
    def children(self) -> "tuple[Node, ...]":
        """The nodes directly below, in document order, as far as groups of one name keep it."""
        return tuple(node for group in self.groups.values() for node in group)

    @property
    def is_resource(self) -> bool:
        """Whether this is a resource: the outermost, a contained one, or one in a Bundle or Parameters."""
        return self.resource is self

    @property
    def expression(self) -> str:
        """The place as FHIRPath: `Patient.name[0].given[1]`, `Observation.value.ofType(Quantity).unit`."""
        if self._expression is None:
            if self.parent is None:
                self._expression = self.type
            else:
                step = self.element.name
                step = f"{step[:-3]}.ofType({self.type})" if step.endswith("[x]") else step
                at = "" if self.index is None else f"[{self.index}]"
                self._expression = f"{self.parent.expression}.{step}{at}"
        return self._expression

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer: `/name/0/given/1`, or `/name/0/_given/1` of a primitive without a value."""
        if self._pointer is None:
            bare = self.value is None and self.extra is not None
            self._pointer = self.pointer_by(f"_{self.name}" if bare else self.name)
        return self._pointer

    def pointer_by(self, name: str) -> str:
        """The pointer of this place by one of the two names that a primitive has: `gender` or `_gender`."""
        above = self.parent
        if above is None:
            return ""
        # what is below a primitive stands in its companion
        holder = above.pointer if above.extra is None else above.pointer_by(f"_{above.name}")
        return f"{holder}/{name}" if self.index is None else f"{holder}/{name}/{self.index}"
