"""From a FHIRPath invariant to Python source over the dicts of JSON, for expressions that we ship.

A condition becomes two Python conditions: one that is true only where the FHIRPath condition certainly is true, one
where it certainly is false; where it may be empty, or is not understood here, neither is. An invariant is accepted by
the first of the two, so that the compiler can leave out what is rare and still never says yes wrongly.

Source: FHIRPath N1, boolean logic, http://hl7.org/fhirpath/N1/#boolean-logic
"""

from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Literal,
    Member,
    Path,
    Syntax,
    TypeOperation,
    Variable,
)
from conformance.fhir.validation.accept.conditions import (
    UNKNOWN,
    Condition,
    call_of,
    definite,
    is_condition,
    is_number,
    literals,
    logic,
)
from conformance.fhir.validation.accept.lexical import CHECKS
from conformance.fhir.validation.accept.paths import Collection, Place, member, of_resource

__all__ = ["Compiler"]

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_UCUM = "http://unitsofmeasure.org"


class Compiler:
    """Compiles the expressions that hold at one place. `names` are the constants that the sources refer to."""

    def __init__(self, definitions: Definitions, place: Place, resource_type: str) -> None:
        self._definitions = definitions
        self._resource_type = resource_type
        self._here = [Collection(place=place, one="o", has="True", certain=True)]
        self.names: dict[str, Any] = {}

    def condition(self, syntax: Syntax) -> Condition:
        """The two sources of an expression that is used as a condition."""
        if isinstance(syntax, Binary):
            return self._binary(syntax)
        if isinstance(syntax, TypeOperation) and syntax.operator == "is":
            return self._is(self.collection(syntax.operand), syntax.type.name)
        call, source = call_of(syntax)
        return UNKNOWN if call is None else self._call(call, source)

    def _binary(self, syntax: Binary) -> Condition:
        operator = syntax.operator
        if operator in {"and", "or", "xor", "implies"}:
            return logic(operator, self.condition(syntax.left), self.condition(syntax.right))
        if operator in {"=", "!="}:
            true, false, exact = self._equal(syntax.left, syntax.right)
            return (true, false, exact) if operator == "=" else (false, true, exact)
        if operator == "in":
            return self._in(syntax.left, syntax.right)
        if operator in _FLIPPED:
            return self._ordered(operator, syntax.left, syntax.right)
        return UNKNOWN

    def _equal(self, left: Syntax, right: Syntax) -> Condition:
        counts = self._number(left), self._number(right)
        if counts[0] and counts[1]:
            return definite(f"({counts[0]} == {counts[1]})")
        if is_condition(left) and is_condition(right):
            different, same, exact = logic("xor", self.condition(left), self.condition(right))
            return same, different, exact
        one, other = self._scalar(left), self._scalar(right)
        if one is None or other is None or one[1] != other[1]:
            return UNKNOWN
        known = (
            " and ".join(f"{code} is not None" for code, _, constant in (one, other) if not constant)
            or "True"
        )
        return (
            f"({known} and {one[0]} == {other[0]})",
            f"({known} and {one[0]} != {other[0]})",
            one[1] != "number",
        )

    def _in(self, left: Syntax, right: Syntax) -> Condition:
        one, allowed = self._scalar(left), literals(right)
        if one is None or one[1] != "string" or not allowed:
            return UNKNOWN
        name = self.constant(frozenset(allowed))
        return f"({one[0]} in {name})", f"({one[0]} is not None and {one[0]} not in {name})", True

    def _ordered(self, operator: str, left: Syntax, right: Syntax) -> Condition:
        counts = self._number(left), self._number(right)
        if counts[0] and counts[1]:
            return definite(f"({counts[0]} {operator} {counts[1]})")
        one, other = self.collection(left), self.collection(right)
        if isinstance(right, Literal) and one is not None and one.number and is_number(right):
            value = str(right.value)
            true, false = (
                f"comparing.number({one.one}, {sign!r}, {value})" for sign in (operator, _OPPOSITE[operator])
            )
            return true, false, False
        if one is None or other is None or not one.one or not other.one or operator not in {"<=", ">="}:
            return UNKNOWN
        first, second = (one.one, other.one) if operator == "<=" else (other.one, one.one)
        types = {found.place.type for found in (one, other) if found.place is not None}
        if types <= {"date", "dateTime", "instant"}:
            return f"comparing.not_after({first}, {second})", "False", False
        if types <= {"Quantity", "SimpleQuantity"}:
            return f"comparing.not_more({first}, {second})", "False", False
        return UNKNOWN

    def _is(self, found: Collection | None, name: str) -> Condition:
        if found is None or not found.choices:
            return UNKNOWN
        wanted = {name, name[:1].lower() + name[1:]} if name in {"Boolean", "String", "Integer"} else {name}
        same = [f"{key!r} in {found.holder}" for key, place in found.choices if place.type in wanted]
        others = [f"{key!r} in {found.holder}" for key, place in found.choices if place.type not in wanted]
        return f"({' or '.join(same) or 'False'})", f"({' or '.join(others) or 'False'})", True

    def _call(self, call: Call, source: Syntax | None) -> Condition:  # noqa: PLR0911 - one case for each function
        name = call.name
        if name == "not" and source is not None:
            true, false, exact = self.condition(source)
            return false, true, exact
        if name in {"exists", "empty"}:
            true, false, exact = self._exists(source, call)
            return (true, false, exact) if name == "exists" else (false, true, exact)
        if name == "all" and source is not None and len(call.arguments) == 1:
            return self._every(source, call.arguments[0])
        found = self.collection(source) if source is not None else self._here[-1]
        if found is None:
            return UNKNOWN
        if name == "hasValue" and found.one and found.place is not None and found.place.type in CHECKS:
            return definite(f"({found.one} is not None)")
        text = call.arguments[0] if call.arguments else None
        if name == "startsWith" and found.text and isinstance(text, Literal):
            test = f"{found.one}.startswith({text.value!r})"
            return (
                f"({found.one} is not None and {test})",
                f"({found.one} is not None and not ({test}))",
                True,
            )
        return UNKNOWN

    def _exists(self, source: Syntax | None, call: Call) -> Condition:
        if call.arguments and source is not None:
            return self._any(source, call.arguments[0])
        inner, before = call_of(source) if source is not None else (None, None)
        if inner is not None and inner.name == "where" and len(inner.arguments) == 1:
            return self._any(before, inner.arguments[0])
        if (
            inner is not None
            and inner.name == "intersect"
            and len(inner.arguments) == 1
            and before is not None
        ):
            one, other = self.collection(before), self.collection(inner.arguments[0])
            if one is None or other is None:
                return UNKNOWN
            return definite(f"comparing.share({one.items}, {other.items})")
        found = self.collection(source) if source is not None else self._here[-1]
        return UNKNOWN if found is None else definite(found.has)

    def _any(self, source: Syntax | None, test: Syntax) -> Condition:
        found = self.collection(source) if source is not None else self._here[-1]
        if found is None or found.place is None:
            return UNKNOWN
        item = f"x{len(self._here)}"
        self._here.append(Collection(place=found.place, one=item, has="True", certain=True))
        true, false, exact = self.condition(test)
        self._here.pop()
        # an item is taken where the condition is true, and left where it is false or empty
        left = f"not {true}" if exact else false
        return f"any({true} for {item} in {found.items})", f"all({left} for {item} in {found.items})", exact

    def _every(self, source: Syntax, test: Syntax) -> Condition:
        found = self.collection(source)
        if found is None or found.place is None:
            return UNKNOWN
        item = f"x{len(self._here)}"
        self._here.append(Collection(place=found.place, one=item, has="True", certain=True))
        true, false, _ = self.condition(test)
        self._here.pop()
        return f"all({true} for {item} in {found.items})", f"any({false} for {item} in {found.items})", False

    def collection(self, syntax: Syntax) -> Collection | None:
        """The source of a path, None where it is not one that is understood here."""
        if isinstance(syntax, Variable):
            return of_resource(self._here[0], self._resource_type) if syntax.name == "resource" else None
        if isinstance(syntax, Member):
            own = self._here[0]
            if own.place is not None and len(self._here) == 1 and syntax.name == own.place.type:
                return own
            return member(self._here[-1], syntax.name, self._definitions)
        if isinstance(syntax, Path):
            source = self.collection(syntax.source)
            if source is None:
                return None
            if isinstance(syntax.step, Member):
                return member(source, syntax.step.name, self._definitions)
        return None

    def _scalar(self, syntax: Syntax) -> tuple[str, str, bool] | None:
        """Source, kind (string, number, boolean) and constancy of what holds at most one value."""
        if isinstance(syntax, Literal):
            kind = (
                "boolean"
                if isinstance(syntax.value, bool)
                else "string"
                if isinstance(syntax.value, str)
                else ""
            )
            kind = "number" if is_number(syntax) else kind
            return (
                (repr(syntax.value) if kind != "number" else str(syntax.value), kind, True) if kind else None
            )
        if isinstance(syntax, Variable) and syntax.name == "ucum":
            return repr(_UCUM), "string", True
        found = self.collection(syntax)
        if found is None or not found.one or found.place is None:
            return None
        kind = "number" if found.number else "boolean" if found.place.type == "boolean" else ""
        if found.text:
            kind = "string"
        return (found.one, kind, False) if kind else None

    def _number(self, syntax: Syntax) -> str:
        """Source of a number of items, empty where it is none."""
        if isinstance(syntax, Literal):
            return str(syntax.value) if type(syntax.value) is int else ""
        if isinstance(syntax, Binary) and syntax.operator == "+":
            left, right = self._number(syntax.left), self._number(syntax.right)
            return f"({left} + {right})" if left and right else ""
        call, source = call_of(syntax)
        if call is None or call.name != "count" or source is None:
            return ""
        found = self.collection(source)
        return (
            f"len({found.items})"
            if found is not None and found.many
            else f"int({found.has})"
            if found
            else ""
        )

    def constant(self, value: Any) -> str:
        """The name under which the sources find a value."""
        name = f"K{len(self.names)}"
        self.names[name] = value
        return name
