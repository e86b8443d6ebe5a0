"""Conditions as pairs of Python source, and the small readings of syntax that they are made from.

Source: FHIRPath N1, boolean logic, http://hl7.org/fhirpath/N1/#boolean-logic
"""

from collections.abc import Callable
from typing import Any

from conformance.fhir.fhirpath.syntax import Binary, Call, Literal, Path, Syntax

__all__ = [
    "UNKNOWN",
    "Condition",
    "call_of",
    "compiled",
    "definite",
    "is_condition",
    "is_number",
    "literals",
    "logic",
]

Condition = tuple[str, str, bool]
"""Python source for "certainly true" and for "certainly false", and whether what is neither certainly is empty."""

UNKNOWN: Condition = ("False", "False", False)


def definite(code: str) -> Condition:
    """A condition that is never empty."""
    return code, f"(not {code})", True


def compiled(
    sources: list[str], names: dict[str, Any], comparing: Any
) -> Callable[[dict[str, Any], Any, Any], bool] | None:
    """One function of object, walk and row that says whether all these conditions hold; None where there are none.

    The sources call the functions of `comparing` by that name.
    """
    if not sources:
        return None
    text = "def test(o, walk, row):\n" + "".join(
        f"    if not ({source}): return False\n" for source in sources
    )
    space: dict[str, Any] = {**names, "comparing": comparing, "E": {}}
    exec(compile(text + "    return True\n", "<invariants>", "exec"), space)  # noqa: S102 - our own text
    found: Callable[[dict[str, Any], Any, Any], bool] = space["test"]
    return found


def logic(operator: str, left: Condition, right: Condition) -> Condition:
    """What `and`, `or`, `implies` or `xor` makes of two conditions, in three values."""
    true, false, exact = left
    also, nor, precise = right
    both = exact and precise
    if operator == "and":
        return f"({true} and {also})", f"({false} or {nor})", both
    if operator == "or":
        return f"({true} or {also})", f"({false} and {nor})", both
    if operator == "implies":
        return f"({false} or {also})", f"({true} and {nor})", both
    return f"({true} and {nor} or {false} and {also})", f"({true} and {also} or {false} and {nor})", both


def call_of(syntax: Syntax) -> tuple[Call | None, Syntax | None]:
    """The function call at the end of an expression, and what it is called on."""
    if isinstance(syntax, Call):
        return syntax, None
    if isinstance(syntax, Path) and isinstance(syntax.step, Call):
        return syntax.step, syntax.source
    return None, None


def is_condition(syntax: Syntax) -> bool:
    """Whether an expression is a truth value, so that `=` compares two of them."""
    call, _ = call_of(syntax)
    return call is not None and call.name in {"exists", "empty", "not", "all", "hasValue"}


def is_number(syntax: Literal) -> bool:
    """Whether a literal is a plain number."""
    return type(syntax.value) is not bool and str(syntax.value).lstrip("-").replace(".", "", 1).isdigit()


def literals(syntax: Syntax) -> list[str]:
    """The strings of `('a' | 'b' | 'c')`; none where it is anything else."""
    if isinstance(syntax, Literal):
        return [syntax.value] if isinstance(syntax.value, str) else []
    if isinstance(syntax, Binary) and syntax.operator == "|":
        left, right = literals(syntax.left), literals(syntax.right)
        return [*left, *right] if left and right else []
    return []
