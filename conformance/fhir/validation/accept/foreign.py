"""Invariants that packages state: run by the interpreter with a limit on its steps, never turned into Python source.

The interpreter is loaded with the first such invariant: a run by the base definitions alone does without it.
Source: FHIR R4, https://hl7.org/fhir/R4/conformance-rules.html#constraints
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element
from conformance.fhir.fhirpath.errors import FhirPathError, StepLimit
from conformance.fhir.fhirpath.parser import parse
from conformance.fhir.fhirpath.syntax import Call, Syntax, Variable

if TYPE_CHECKING:
    from conformance.fhir.fhirpath.model import DefinitionsModel

__all__ = ["Foreign"]

STEPS = 20_000
MOST_EXHAUSTED = 3
ELSEWHERE = frozenset(
    {"resolve", "memberOf", "conformsTo", "subsumes", "subsumedBy", "checkModifiers", "now", "today"}
)
KNOWN = frozenset({"context", "ucum", "sct", "loinc"})


class Foreign:
    """Makes tests of expressions that somebody else wrote."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    @cached_property
    def _model(self) -> "DefinitionsModel":
        from conformance.fhir.fhirpath.model import DefinitionsModel  # noqa: PLC0415

        return DefinitionsModel(self._definitions)

    def test(self, expression: str, element: Element, type_name: str) -> Any:
        """A test of a value; it never passes where the expression looks beyond it or cannot be understood."""
        from conformance.fhir.fhirpath import compile_invariant, root  # noqa: PLC0415

        key = element.path if type_name in {"BackboneElement", "Element"} else type_name
        whole = "." not in element.path
        try:
            compiled = compile_invariant(expression)
            used = list(_used(parse(expression)))
        except FhirPathError:
            return _never
        beyond = any(isinstance(each, Call) and each.name in ELSEWHERE for each in used)
        about = any(isinstance(each, Variable) and each.name not in KNOWN for each in used)
        if beyond or (about and not whole) or self._model.shape(key) is None:
            return _never

        exhausted = 0

        def test(found: Any, walk: Any, _row: Any) -> bool:
            nonlocal exhausted
            if exhausted >= MOST_EXHAUSTED:
                return False
            if about and walk.resource is not walk.outermost:
                return False
            if walk.companions and type(found) is not dict:
                return False
            try:
                node = root(found, self._model, key)
                return compiled.evaluate_bool(node, model=self._model, limit=STEPS) is True
            except StepLimit:
                exhausted += 1
                return False
            except FhirPathError:
                return False

        return test


def _used(syntax: Syntax) -> Iterator[Any]:
    """A syntax tree's nodes."""
    yield syntax
    for field in fields(syntax):
        value = getattr(syntax, field.name)
        for each in value if isinstance(value, tuple) else (value,):
            if is_dataclass(each) and not isinstance(each, type):
                yield from _used(each)  # type: ignore[arg-type]


def _never(_found: Any, _walk: Any, _row: Any) -> bool:
    return False
