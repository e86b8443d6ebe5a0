"""A look at an expression before there are data: whether it can ever find what it names on a type.

It follows the types through the expression as far as the model knows them, and never complains about what it does
not know. Source: FHIRPath N1, 9 (strict evaluation), FHIR R4, fhirpath.html#types.
"""

from dataclasses import dataclass

from conformance.errors import closest
from conformance.fhir.fhirpath.errors import SemanticError, StepLimit
from conformance.fhir.fhirpath.parser import parse
from conformance.fhir.fhirpath.shapes import Model, Shape
from conformance.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Indexer,
    Member,
    Path,
    Polarity,
    Special,
    Syntax,
    TypeName,
    TypeOperation,
    Variable,
)
from conformance.fhir.fhirpath.types import namespace_of, type_argument

__all__ = ["check"]

_LAMBDAS = frozenset({"where", "select", "all", "exists", "repeat", "aggregate", "iif", "sort", "trace"})
_SAME = frozenset({"where", "first", "last", "tail", "skip", "take", "single", "trace", "distinct", "sort"})
_SAME |= {"intersect", "exclude", "checkModifiers", "defineVariable"}
_ORDERED = frozenset({"first", "last", "tail", "skip", "take"})
_TYPED = frozenset({"ofType", "as"})


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an expression gives: its possible shapes (None: unknown), and whether it has an order."""

    shapes: tuple[Shape, ...] | None = None
    unordered: bool = False


_ANYTHING = _Kind()


def check(expression: str, type_key: str, model: Model, *, ordered: bool = False) -> None:
    """Look whether an expression makes sense on a type such as `Patient` or `Patient.contact`.

    Raises SemanticError for an element that the type does not have, for a path that begins with another type, and
    for a type that does not exist; with `ordered` also for `first()`, `skip()` and the like on what has no order.
    """
    shape = model.shape(type_key)
    if shape is None:
        raise SemanticError(f"there is no type {type_key!r}")
    start = _Kind((shape,))
    try:
        _Checker(model, start, ordered=ordered).kind(parse(expression), start)
    except RecursionError:
        raise StepLimit("the expression is too deep to be checked") from None


class _Checker:
    def __init__(self, model: Model, start: _Kind, *, ordered: bool) -> None:
        self.model = model
        self.start = start
        self.ordered = ordered

    def kind(self, tree: Syntax, this: _Kind) -> _Kind:  # noqa: C901, PLR0911 - one case for each kind of syntax
        match tree:
            case Member(name=name):
                return self.first(name, this)
            case Call():
                return self.call(tree, this, this)
            case Special(name="this"):
                return this
            case Variable(name="context"):
                return self.start
            case Path(source=source, step=step):
                return self.step(step, self.kind(source, this), this)
            case Indexer(source=source, index=index):
                self.kind(index, this)
                found = self.kind(source, this)
                self.in_order(found, "[ ]")
                return found
            case Polarity(operand=operand):
                self.kind(operand, this)
            case TypeOperation():
                self.kind(tree.operand, this)
                found = self.typed(tree.type)
                return found if tree.operator == "as" else _ANYTHING
            case Binary():
                left, right = self.kind(tree.left, this), self.kind(tree.right, this)
                if tree.operator == "|":
                    return _joined(left, right)
        return _ANYTHING

    def step(self, tree: Member | Call | Special, found: _Kind, this: _Kind) -> _Kind:
        match tree:
            case Member(name=name):
                return self.member(name, found)
            case Call():
                return self.call(tree, found, this)
            case _:
                return self.kind(tree, this)

    def first(self, name: str, this: _Kind) -> _Kind:
        """The first name of a path: the type of the context, or an element of it."""
        if this.shapes and name[:1].isupper() and self.model.is_type(name):
            fitting = tuple(shape for shape in this.shapes if name in shape.ancestors)
            if not fitting:
                raise SemanticError(f"the path begins with {name}, but stands on {_named(this.shapes)}")
            return _Kind(fitting)
        return self.member(name, this)

    def member(self, name: str, found: _Kind) -> _Kind:
        if found.shapes is None:
            return _ANYTHING
        targets: list[Shape] = []
        known = False
        unknown = False
        for shape in found.shapes:
            for link in shape.links.get(name, ()):
                known = True
                target = shape.target(link)
                if target is None:
                    unknown = True
                else:
                    targets.append(target)
        if not known:
            raise SemanticError(
                f"{_named(found.shapes)} has no element {name!r}{_suggestion(name, found.shapes)}"
            )
        return _Kind(None if unknown else tuple(targets), found.unordered)

    def call(self, tree: Call, found: _Kind, this: _Kind) -> _Kind:
        name = tree.name
        if name in _ORDERED:
            self.in_order(found, f"{name}()")
        if name in _TYPED or name == "is":
            typed = self.typed(type_argument(tree.arguments[0], f"{name}()")) if tree.arguments else _ANYTHING
            return typed if name in _TYPED else _ANYTHING
        inner = found if name in _LAMBDAS else this
        results = [self.kind(argument, inner) for argument in tree.arguments]
        if name in ("children", "descendants"):
            return _Kind(None, unordered=True)
        if name == "extension":
            shape = self.model.shape("Extension")
            return _Kind((shape,)) if shape else _ANYTHING
        if name == "select" and results:
            return results[0]
        if name in ("union", "combine") and results:
            return _joined(found, results[0])
        return found if name in _SAME else _ANYTHING

    def typed(self, name: TypeName) -> _Kind:
        if namespace_of(name, self.model) != "FHIR":
            return _ANYTHING
        shape = self.model.shape(name.name)
        if shape is None:
            raise SemanticError(f"there is no type {name}")
        return _Kind((shape,))

    def in_order(self, found: _Kind, what: str) -> None:
        if self.ordered and found.unordered:
            raise SemanticError(f"{what} needs an order, and children() and descendants() have none")


def _joined(left: _Kind, right: _Kind) -> _Kind:
    unordered = left.unordered or right.unordered
    if left.shapes is None or right.shapes is None:
        return _Kind(None, unordered)
    return _Kind((*left.shapes, *right.shapes), unordered)


def _named(shapes: tuple[Shape, ...]) -> str:
    return " or ".join(dict.fromkeys(shape.key for shape in shapes)) or "nothing"


def _suggestion(name: str, shapes: tuple[Shape, ...]) -> str:
    for shape in shapes:
        link = shape.by_key.get(name)
        if link is not None:
            return f"; in FHIRPath it is {link.name!r}"
    return closest(name, {known for shape in shapes for known in shape.links})
