"""Text becomes a syntax tree: precedence climbing over the words of the lexer.

Source: FHIRPath N1, grammar and operator precedence. Trees are bounded in depth, so that whatever walks them later
need not fear for its own stack.
"""

from decimal import Decimal
from functools import lru_cache

from conformance.fhir.fhirpath.errors import ExpressionSyntaxError
from conformance.fhir.fhirpath.lexer import Token, tokens
from conformance.fhir.fhirpath.quantity import CALENDAR_UNITS, Quantity
from conformance.fhir.fhirpath.syntax import (
    POLARITY_BINDS,
    PRECEDENCE,
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
    TypeName,
    TypeOperation,
    Variable,
)
from conformance.fhir.fhirpath.temporal import Date, DateTime, Time

DEEPEST = 60
"""How deeply parentheses, arguments and indexes may nest."""

LONGEST_NUMBER = 100
"""How many characters a number may have."""

LONGEST_CHAIN = 2_000
"""How many operators or steps may follow one another in one expression."""

_RESERVED = frozenset({"and", "or", "xor", "implies", "div", "mod", "true", "false"})
_SPECIALS = frozenset({"this", "index", "total"})
_TYPE_OPERATORS = frozenset({"is", "as"})


@lru_cache(maxsize=4096)
def parse(text: str) -> Syntax:
    """The tree of a FHIRPath expression. Raises ExpressionSyntaxError, which says what is wrong and where."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def ended(self) -> bool:
        return self.token.kind == "end"

    def whole(self) -> Syntax:
        if self.ended:
            raise self.wrong("the expression is empty")
        found = self.expression(0)
        if not self.ended:
            raise self.wrong(f"{self.shown()} does not belong here")
        return found

    def expression(self, binds: int) -> Syntax:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong(f"nested more than {DEEPEST} deep")
        left = self.operand()
        for _ in range(LONGEST_CHAIN):
            token = self.token
            strength = PRECEDENCE.get(token.text, 0) if token.kind in ("symbol", "name") else 0
            if strength <= binds:
                self.depth -= 1
                return left
            self.at += 1
            if token.text in _TYPE_OPERATORS:
                left = TypeOperation(token.text, left, self.type_name(), token.offset)
            else:
                left = Binary(token.text, left, self.expression(strength), token.offset)
        raise self.wrong(f"more than {LONGEST_CHAIN} operators in a row")

    def operand(self) -> Syntax:
        token = self.token
        if token.kind == "symbol" and token.text in "+-":
            self.at += 1
            return Polarity(token.text, self.expression(POLARITY_BINDS), token.offset)
        found = self.term()
        for _ in range(LONGEST_CHAIN):
            if self.taken("."):
                found = Path(found, self.invocation(), found.offset)
            elif self.taken("["):
                index = self.expression(0)
                self.expect("]")
                found = Indexer(found, index, found.offset)
            else:
                return found
        raise self.wrong(f"more than {LONGEST_CHAIN} steps in a row")

    def term(self) -> Syntax:  # noqa: PLR0911 - one for each kind of term
        token = self.token
        match token.kind:
            case "number":
                return self.number()
            case "string":
                self.at += 1
                return Literal(token.text, token.offset)
            case "date" | "time":
                return self.moment()
            case "variable":
                self.at += 1
                return Variable(token.text, token.offset)
            case "name" if token.text in ("true", "false"):
                self.at += 1
                return Literal(token.text == "true", token.offset)
            case "symbol" if token.text == "(":
                self.at += 1
                found = self.expression(0)
                self.expect(")")
                return found
            case "symbol" if token.text == "{":
                self.at += 1
                self.expect("}")
                return Empty(token.offset)
            case _:
                return self.invocation()

    def number(self) -> Literal:
        token = self.token
        if len(token.text) > LONGEST_NUMBER:
            raise self.wrong(f"a number of more than {LONGEST_NUMBER} characters")
        self.at += 1
        unit = self.token
        if unit.kind == "string":
            self.at += 1
            return Literal(Quantity(Decimal(token.text), unit.text), token.offset)
        if unit.kind == "name" and unit.text in CALENDAR_UNITS:
            self.at += 1
            return Literal(
                Quantity(Decimal(token.text), CALENDAR_UNITS[unit.text], calendar=True), token.offset
            )
        return Literal(Decimal(token.text) if "." in token.text else int(token.text), token.offset)

    def moment(self) -> Literal:
        token = self.token
        self.at += 1
        if token.kind == "time":
            found: Date | DateTime | Time | None = Time.parse(token.text[1:])
        elif "T" in token.text:
            found = DateTime.parse(token.text.removesuffix("T"))
        else:
            found = Date.parse(token.text)
        if found is None:
            raise ExpressionSyntaxError(
                f"@{token.text} is no date or time that exists", self.text, token.offset
            )
        return Literal(found, token.offset)

    def invocation(self) -> Member | Call | Special:
        token = self.token
        if token.kind == "special":
            if token.text not in _SPECIALS:
                raise self.wrong(f"${token.text} is not known; there are $this, $index and $total")
            self.at += 1
            return Special(token.text, token.offset)
        name = self.name()
        if not self.taken("("):
            return Member(name, token.offset)
        arguments: list[Syntax] = []
        if not self.taken(")"):
            arguments.append(self.expression(0))
            while self.taken(","):
                arguments.append(self.expression(0))
            self.expect(")")
        return Call(name, tuple(arguments), token.offset)

    def type_name(self) -> TypeName:
        first = self.name()
        return TypeName(self.name(), first) if self.taken(".") else TypeName(first)

    def name(self) -> str:
        token = self.token
        if token.kind == "delimited" or (token.kind == "name" and token.text not in _RESERVED):
            self.at += 1
            return token.text
        if token.kind == "name":
            raise self.wrong(
                f"{token.text!r} is a keyword; as a name it is written `{token.text}` in backticks"
            )
        raise self.wrong(f"a name or value must stand here, not {self.shown()}")

    def taken(self, symbol: str) -> bool:
        if self.token.kind == "symbol" and self.token.text == symbol:
            self.at += 1
            return True
        return False

    def expect(self, symbol: str) -> None:
        if not self.taken(symbol):
            raise self.wrong(f"{symbol!r} must stand here, not {self.shown()}")

    def shown(self) -> str:
        return "the end" if self.ended else repr(self.token.text)

    def wrong(self, message: str) -> ExpressionSyntaxError:
        return ExpressionSyntaxError(message, self.text, self.token.offset)
