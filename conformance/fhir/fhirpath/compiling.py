"""A syntax tree becomes closures: one Python function for each operation, called with the environment.

Rows of steps (`a.b.c`) and of associative operators (`a or b or c`) become one closure each, so that the stack does
not grow with their length.
"""

from typing import TYPE_CHECKING

from conformance.errors import closest
from conformance.fhir.fhirpath import operators
from conformance.fhir.fhirpath.arithmetic import affirmed, negated
from conformance.fhir.fhirpath.environment import EMPTY, Env, Expr, Step, boolean
from conformance.fhir.fhirpath.errors import EvaluationError, ExpressionSyntaxError
from conformance.fhir.fhirpath.functions import FUNCTIONS
from conformance.fhir.fhirpath.functions.registry import Argument, integer_of
from conformance.fhir.fhirpath.nodes import Items, Node, member
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Empty,
    Indexer,
    Literal,
    Member,
    Path,
    Polarity,
    Special,
    Syntax,
    TypeOperation,
    Variable,
)
from conformance.fhir.fhirpath.types import fhir_name, is_of, of_exactly
from conformance.fhir.fhirpath.values import TypeInfo
from conformance.fhir.fhirpath.variables import constant, lookup

if TYPE_CHECKING:
    from collections.abc import Callable


def compiled(tree: Syntax, text: str, *, as_filters: bool = False) -> Expr:
    """The closure of a tree. `text` is what it was parsed from, for messages.

    With `as_filters`, `as` lets several items pass and `as String` takes a FHIR string, as published invariants and
    search parameters want it; otherwise several items are an error. Raises ExpressionSyntaxError for a function that
    does not exist or has the wrong number of arguments, and SemanticError for an argument that is no type where one
    is needed.
    """
    return _Compiler(text, as_filters=as_filters).expr(tree)


class _Compiler:
    def __init__(self, text: str, *, as_filters: bool) -> None:
        self.text = text
        self.as_filters = as_filters
        self.scoped = "defineVariable" in text

    def expr(self, tree: Syntax) -> Expr:  # noqa: PLR0911 - one for each kind of syntax
        match tree:
            case Literal(value=value):
                items: Items = boolean(value) if isinstance(value, bool) else (value,)
                return lambda _env: items
            case Empty():
                return lambda _env: EMPTY
            case Variable(name=name):
                known = constant(name)
                return (
                    (lambda env: lookup(env, name))
                    if known is None
                    else lambda env: env.variables.get(name, known)
                )
            case Special(name=name):
                return _SPECIALS[name]
            case Member() | Call() | Path() | Indexer():
                return self.path(tree)
            case Polarity(sign=sign, operand=operand):
                return _polarity(sign, self.operand(operand))
            case TypeOperation():
                return self.type_operation(tree)
            case Binary():
                return self.binary(tree)

    def operand(self, tree: Syntax) -> Expr:
        """An expression whose variables end with it."""
        run = self.expr(tree)
        return _scoped(run) if self.scoped else run

    def path(self, tree: Syntax) -> Expr:
        steps: list[Step] = []
        while True:
            match tree:
                case Path(source=source, step=step):
                    steps.append(self.step(step))
                    tree = source
                case Indexer(source=source, index=index):
                    steps.append(_indexer(self.operand(index)))
                    tree = source
                case Member(name=name):
                    steps.append(_first_member(name))
                    return _walk(_this, steps[::-1])
                case Call():
                    steps.append(self.step(tree))
                    return _walk(_this, steps[::-1])
                case _:
                    return _walk(self.expr(tree), steps[::-1])

    def step(self, tree: Member | Call | Special) -> Step:
        match tree:
            case Member(name=name):
                return _member(name)
            case Special(name=name):
                special = _SPECIALS[name]
                return lambda env, _items: special(env)
            case Call():
                return self.call(tree)

    def call(self, tree: Call) -> Step:
        name = "ofType" if tree.name == "as" and self.as_filters else tree.name
        found = FUNCTIONS.get(name)
        if found is None:
            raise self.wrong(f"there is no function {name}(){closest(name, FUNCTIONS)}", tree)
        given = len(tree.arguments)
        if not found.least <= given <= found.most:
            wanted = str(found.least) if found.least == found.most else f"{found.least} to {found.most}"
            raise self.wrong(f"{name}() takes {wanted} argument(s), not {given}", tree)
        return found.build(tuple(self.argument(name, argument) for argument in tree.arguments))

    def argument(self, function: str, tree: Syntax) -> Argument:
        if function == "sort" and isinstance(tree, Polarity) and tree.sign == "-":
            return Argument(tree, self.operand(tree.operand), -1)
        return Argument(tree, self.operand(tree))

    def binary(self, tree: Binary) -> Expr:
        """Left-deep rows are unwound, so that their length costs no stack here."""
        row: list[Binary] = [tree]
        while isinstance(row[-1].left, Binary):
            row.append(row[-1].left)
        row.reverse()
        run = self.operand(row[0].left)
        place = 0
        while place < len(row):
            node = row[place]
            place += 1
            if node.operator in operators.CHAINED:
                operands = [run, self.operand(node.right)]
                while place < len(row) and row[place].operator == node.operator:
                    operands.append(self.operand(row[place].right))
                    place += 1
                run = operators.chain(node.operator, operands)
            elif (
                node.operator == "=" and isinstance(node.right, Literal) and isinstance(node.right.value, str)
            ):
                run = operators.equals_text(run, node.right.value)
            else:
                run = operators.binary(node.operator, run, self.operand(node.right))
        return run

    def type_operation(self, tree: TypeOperation) -> Expr:
        run, name = self.operand(tree.operand), tree.type
        if tree.operator == "is":
            return lambda env: boolean(is_of(run(env), name, env.model))
        filters = self.as_filters
        wanted = fhir_name(name) if filters else name

        def as_type(env: Env) -> Items:
            items = run(env)
            if len(items) > 1 and not filters:
                raise EvaluationError(
                    f"as {name} needs one item, and has {len(items)}", hint="ofType() filters."
                )
            return of_exactly(items, wanted, env.model)

        return as_type

    def wrong(self, message: str, tree: Call) -> ExpressionSyntaxError:
        return ExpressionSyntaxError(message, self.text, tree.offset)


def _this(env: Env) -> Items:
    return env.this


def _index(env: Env) -> Items:
    return EMPTY if env.index is None else (env.index,)


_SPECIALS: dict[str, Expr] = {"this": _this, "index": _index, "total": lambda env: env.total}


def _walk(start: Expr, steps: list[Step]) -> Expr:
    if not steps:
        return start
    if start is _this:
        return _walk_from_this(steps)
    rest = tuple(steps)

    def run(env: Env) -> Items:
        items = start(env)
        for step in rest:
            items = step(env, items)
        return items

    return run


def _walk_from_this(steps: list[Step]) -> Expr:
    first, *others = steps
    if not others:
        return lambda env: first(env, env.this)
    if len(others) == 1:
        second = others[0]
        return lambda env: second(env, first(env, env.this))
    rest = tuple(others)

    def run(env: Env) -> Items:
        items = first(env, env.this)
        for step in rest:
            items = step(env, items)
        return items

    return run


def _member(name: str) -> Step:
    def step(env: Env, items: Items) -> Items:
        if len(items) == 1:
            item = items[0]
            return member(item, name) if item.__class__ is Node else _of_value(item, name)
        found: list[object] = []
        for item in items:
            found += member(item, name) if item.__class__ is Node else _of_value(item, name)
        env.spend(len(items) + len(found))
        return found

    return step


def _first_member(name: str) -> Step:
    """The first name of a path may be the type of the context: `Patient.name` on a Patient."""
    plain = _member(name)
    if not name[:1].isupper():
        return plain

    def step(env: Env, items: Items) -> Items:
        if len(items) == 1 and isinstance(items[0], Node) and _is_named(items[0], name):
            return items
        return plain(env, items)

    return step


def _is_named(node: Node, name: str) -> bool:
    return name in node.shape.ancestors if node.shape is not None else node.type_name == name


def _of_value(item: object, name: str) -> Items:
    if isinstance(item, TypeInfo) and name in ("namespace", "name"):
        return (item.namespace if name == "namespace" else item.name,)
    if isinstance(item, Quantity) and name in ("value", "unit"):
        return (item.value if name == "value" else item.unit,)
    return EMPTY


def _indexer(index: Expr) -> Step:
    def step(env: Env, items: Items) -> Items:
        place = integer_of(index(env), "[ ]")
        return EMPTY if place is None or place < 0 else items[place : place + 1]

    return step


def _polarity(sign: str, operand: Expr) -> Expr:
    change: Callable[[Items], Items] = negated if sign == "-" else affirmed
    return lambda env: change(operand(env))


def _scoped(run: Expr) -> Expr:
    def scoped(env: Env) -> Items:
        variables = env.variables
        found = run(env)
        env.variables = variables
        return found

    return scoped
