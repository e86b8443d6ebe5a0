"""Random FHIRPath syntax trees, and their text: for the laws of the parser."""

from decimal import Decimal

from hypothesis import strategies as st

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
    TypeName,
    TypeOperation,
    Variable,
)
from conformance.fhir.fhirpath.temporal import Date, DateTime, Time

PATH_BINDS = POLARITY_BINDS + 1

names = st.text(st.sampled_from("abXz_`\\ é-'\"0"), min_size=1, max_size=6)
specials = st.sampled_from(["this", "index", "total"]).map(Special)
numbers = st.decimals(0, 10**9, places=3)
quantities = st.builds(Quantity, numbers, st.sampled_from(["mg", "kg.m/s2", "{it's}"])) | st.builds(
    Quantity, numbers, st.sampled_from(sorted(set(CALENDAR_UNITS.values()))), st.just(value=True)
)
moments = st.one_of(
    st.dates().map(lambda day: Date.parse(day.isoformat())),
    st.datetimes().map(lambda moment: DateTime.parse(moment.isoformat())),
    st.times().map(lambda time: Time.parse(time.isoformat())),
)
literals = st.one_of(
    st.booleans(), st.integers(0, 2**40), numbers, st.text(max_size=8), quantities, moments
).map(Literal)
simple = st.one_of(literals, specials, names.map(Member), names.map(Variable), st.just(Empty()))
types = st.builds(TypeName, names, st.just("") | names)
operators = st.sampled_from([operator for operator in PRECEDENCE if operator not in ("is", "as")])


def larger(trees):
    calls = st.builds(Call, names, st.lists(trees, max_size=3).map(tuple))
    return st.one_of(
        calls,
        st.builds(Path, trees, st.one_of(names.map(Member), calls, specials)),
        st.builds(Indexer, trees, trees),
        st.builds(Polarity, st.sampled_from("+-"), trees),
        st.builds(Binary, operators, trees, trees),
        st.builds(TypeOperation, st.sampled_from(["is", "as"]), trees, types),
    )


trees = st.recursive(simple, larger, max_leaves=12)


def written(tree, binds=0):  # noqa: C901, PLR0911 - one case for each kind of syntax
    """The text of a tree, with no more parentheses than needed."""
    match tree:
        case Literal(value=value):
            return literal(value)
        case Empty():
            return "{}"
        case Special(name=name):
            return f"${name}"
        case Member(name=name):
            return delimited(name)
        case Variable(name=name):
            return f"%{delimited(name)}"
        case Call(name=name, arguments=arguments):
            return f"{delimited(name)}({', '.join(written(argument) for argument in arguments)})"
        case Path(source=source, step=step):
            return f"{written(source, PATH_BINDS)}.{written(step)}"
        case Indexer(source=source, index=index):
            return f"{written(source, PATH_BINDS)}[{written(index)}]"
        case Polarity(sign=sign, operand=operand):
            return bound(f"{sign} {written(operand, POLARITY_BINDS)}", POLARITY_BINDS, binds)
        case TypeOperation(operator=operator, operand=operand, type=kind):
            strength = PRECEDENCE[operator]
            name = ".".join(delimited(part) for part in (kind.namespace, kind.name) if part)
            return bound(f"{written(operand, strength)} {operator} {name}", strength, binds)
        case Binary(operator=operator, left=left, right=right):
            strength = PRECEDENCE[operator]
            return bound(
                f"{written(left, strength)} {operator} {written(right, strength + 1)}", strength, binds
            )


def bound(text, strength, binds):
    return text if strength >= binds else f"({text})"


def literal(value):  # noqa: PLR0911 - one for each kind of value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return "'" + escaped(value, "'") + "'"
    if isinstance(value, Quantity):
        unit = value.unit if value.calendar else "'" + escaped(value.unit, "'") + "'"
        return f"{value.value:f} {unit}"
    if isinstance(value, Time):
        return f"@T{value}"
    if isinstance(value, Date | DateTime):
        return f"@{value}"
    return str(value)


def delimited(name):
    return "`" + escaped(name, "`") + "`"


def escaped(text, mark):
    return text.replace("\\", "\\\\").replace(mark, "\\" + mark)
