"""The nouns of a parsed FHIRPath expression: a frozen tree.

Each node has `offset`, the character in the text at which it starts; it takes no part in comparison, so that two
trees are equal when they mean the same. Source: FHIRPath N1, http://hl7.org/fhirpath/N1/grammar.html
"""

from dataclasses import dataclass, field
from decimal import Decimal

from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.temporal import Date, DateTime, Time

LiteralValue = bool | int | Decimal | str | Date | DateTime | Time | Quantity


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal: `true`, `'text'`, `4`, `4.0`, `@2015-02`, `@T10:30`, `4 'mg'`, `2 weeks`."""

    value: LiteralValue
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Empty:
    """The empty collection `{}`."""

    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """An external constant: `%resource`, %`ext-patient-birthTime`."""

    name: str
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Special:
    """One of `$this`, `$index` and `$total`; `name` is without the `$`."""

    name: str
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """An element, type or resource by name, looked up on what stands before it (or on the context)."""

    name: str
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to what stands before it (or to the context)."""

    name: str
    arguments: tuple["Syntax", ...] = ()
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """`source.step`."""

    source: "Syntax"
    step: Member | Call | Special
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Indexer:
    """`source[index]`."""

    source: "Syntax"
    index: "Syntax"
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Polarity:
    """`+operand` or `-operand`."""

    sign: str
    operand: "Syntax"
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`, for every operator but `is` and `as`."""

    operator: str
    left: "Syntax"
    right: "Syntax"
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type specifier: `Quantity`, `FHIR.Quantity`, `System.String`. `namespace` is empty where none is given."""

    name: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class TypeOperation:
    """`operand is type` or `operand as type`."""

    operator: str
    operand: "Syntax"
    type: TypeName
    offset: int = field(default=0, compare=False)


Syntax = (
    Literal | Empty | Variable | Special | Member | Call | Path | Indexer | Polarity | Binary | TypeOperation
)

PRECEDENCE: dict[str, int] = {
    "implies": 1,
    "or": 2,
    "xor": 2,
    "and": 3,
    "in": 4,
    "contains": 4,
    "=": 5,
    "~": 5,
    "!=": 5,
    "!~": 5,
    "<": 6,
    "<=": 6,
    ">": 6,
    ">=": 6,
    "|": 7,
    "is": 8,
    "as": 8,
    "+": 9,
    "-": 9,
    "&": 9,
    "*": 10,
    "/": 10,
    "div": 10,
    "mod": 10,
}
"""How strongly an infix operator binds. Polarity (11) and paths (12) bind more strongly than all of these."""

POLARITY_BINDS = 11
