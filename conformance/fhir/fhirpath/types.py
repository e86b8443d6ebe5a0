"""Type specifiers: which type a name means, and which items are of it. Source: FHIRPath N1, 6.3; FHIR R4."""

from conformance.errors import closest
from conformance.fhir.fhirpath.errors import EvaluationError, SemanticError
from conformance.fhir.fhirpath.nodes import Item, Items, Node, is_resource
from conformance.fhir.fhirpath.shapes import Model
from conformance.fhir.fhirpath.syntax import Member, Path, Syntax, TypeName
from conformance.fhir.fhirpath.values import SYSTEM_TYPES, type_of

PRIMITIVES = frozenset(("Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time"))


def type_argument(syntax: Syntax, what: str) -> TypeName:
    """The type that an argument names: `Quantity`, `FHIR.Quantity`. Raises SemanticError for any other expression."""
    match syntax:
        case Member(name=name):
            return TypeName(name)
        case Path(source=Member(name=namespace), step=Member(name=name)):
            return TypeName(name, namespace)
        case _:
            raise SemanticError(f"{what} takes the name of a type, such as Quantity or System.String")


def is_of(items: Items, type_name: TypeName, model: Model | None) -> bool | None:
    """Whether the only item is of a type or of one that derives from it; None for no item."""
    namespace = namespace_of(type_name, model)
    if not items:
        return None
    if len(items) > 1:
        raise EvaluationError(f"is {type_name} needs one item, and has {len(items)}")
    return _is(items[0], namespace, type_name.name)


def of_exactly(items: Items, type_name: TypeName, model: Model | None) -> Items:
    """The items of a type. A primitive must be of that very type: a code is not taken for a string."""
    namespace = namespace_of(type_name, model)
    name = type_name.name
    return [item for item in items if _is_exactly(item, namespace, name)]


def fhir_name(type_name: TypeName) -> TypeName:
    """The FHIR primitive that an unqualified `String` or `DateTime` of a published invariant stands for."""
    if type_name.namespace or type_name.name not in PRIMITIVES:
        return type_name
    return TypeName(type_name.name[0].lower() + type_name.name[1:])


def namespace_of(type_name: TypeName, model: Model | None) -> str:
    """`FHIR` or `System`, FHIR first; "" where no model can tell. Raises SemanticError where neither has the type."""
    if type_name.namespace:
        return type_name.namespace
    if model is None:
        return ""
    if model.is_type(type_name.name):
        return "FHIR"
    if type_name.name in SYSTEM_TYPES:
        return "System"
    suggestion = closest(type_name.name, SYSTEM_TYPES)
    raise SemanticError(f"there is no type {type_name.name!r}{suggestion}")


def _is(item: Item, namespace: str, name: str) -> bool:
    if not isinstance(item, Node):
        return namespace in ("System", "") and (type_of(item).name == name or name == "Any")
    if item.shape is not None:
        return namespace in ("FHIR", "") and name in item.shape.ancestors
    return _untyped_is(item, namespace, name)


def _is_exactly(item: Item, namespace: str, name: str) -> bool:
    if isinstance(item, Node) and item.shape is not None and item.shape.system:
        return namespace in ("FHIR", "") and item.shape.name == name
    return _is(item, namespace, name)


def _untyped_is(node: Node, namespace: str, name: str) -> bool:
    if namespace in ("System", "") and node.is_primitive and type_of(node).name == name:
        return True
    if namespace in ("FHIR", ""):
        return node.type_name == name or (is_resource(node) and name in ("Resource", "DomainResource"))
    return False
