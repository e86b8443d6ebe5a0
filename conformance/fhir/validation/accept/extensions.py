"""Extensions: their own form, whether their definition allows them where they stand, and what it says they hold.

Source: FHIR R4, https://hl7.org/fhir/R4/extensibility.html and
https://hl7.org/fhir/R4/defining-extensions.html#context
"""

import re
from collections.abc import Callable
from typing import Any

from conformance.fhir.definitions.library import CORE, Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Element, Structure
from conformance.fhir.validation.accept.notes import Notes
from conformance.fhir.validation.accept.plan import Json, Plan, Refused, Row
from conformance.fhir.validation.parts import parts_of

__all__ = ["Extensions"]

KEPT = 4096
_ASIDE = frozenset({"id", "url"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:").match
_EXAMPLE = re.compile(r"https?://[^/]*example").match


class _Known:
    """One extension's definition, its test, and the places where it was found to be allowed or not."""

    __slots__ = ("allowed", "structure", "test")

    def __init__(self, structure: Structure, test: Callable[[Any, Any, Any], Any]) -> None:
        self.structure = structure
        self.test = test
        self.allowed: dict[str, bool] = {}


class Extensions:
    """Judges the extensions of any object. `plan` and `profile` are set by whoever assembles the parts."""

    def __init__(self, definitions: Definitions, notes: Notes) -> None:
        self._definitions = definitions
        self._notes = notes
        self._known: dict[str, _Known | None] = {}
        self.plan: Callable[[], Plan]
        self.profile: Callable[[Structure], Callable[[Any, Any, Any], Any]]

    def visit(self, walk: Any, row: Row, holder: Json, value: Any, holder_row: Row) -> int:
        """The `extension` or `modifierExtension` array of an object; raises `Refused` unless all are right."""
        if type(value) is not list or not value:
            raise Refused
        count = 0
        for extension in value:
            count += walk.visit(row, extension)
            url = extension["url"]
            # one value, or extensions, beside the url: ext-1
            if len(extension.keys() - _ASIDE) != 1:
                raise Refused
            if holder_row.type != "Extension" or _SCHEME(url) is not None:
                self._judge(walk, row, holder, extension, holder_row)
        return count

    def _judge(self, walk: Any, row: Row, holder: Json, extension: Json, holder_row: Row) -> None:
        url = extension["url"]
        known = self._known[url] if url in self._known else self._look_up(url)
        if known is None:
            if _SCHEME(url) is None or _EXAMPLE(url):
                raise Refused
            from conformance.fhir.validation.rules.extensions import why_unknown  # noqa: PLC0415 - seldom needed

            self._notes.note("extension", url, why_unknown(row.name))
            return
        place = f"{row.name} {holder_row.path} {holder_row.type}"
        allowed = known.allowed.get(place)
        if allowed is None:
            allowed = known.allowed[place] = self._allowed(known.structure, row, holder_row)
        if not allowed and not (
            holder_row.type == "Extension" and self._allowed_in(known.structure, holder["url"])
        ):
            raise Refused
        if not known.test(extension, walk, row):
            raise Refused
        if "extension" in extension:
            _judge_parts(known.structure.root, extension)

    def _look_up(self, url: str) -> _Known | None:
        try:
            structure = self._definitions.structure(url)
        except DefinitionProblem:
            raise Refused from None
        if structure is not None and (
            structure.type != "Extension" or not structure.is_profile or structure.context_invariants
        ):
            raise Refused
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[url] = None if structure is None else _Known(structure, self.profile(structure))
        return self._known[url]

    def _allowed(self, structure: Structure, row: Row, holder_row: Row) -> bool:
        modifies = structure.root.is_modifier
        if modifies != (row.name == "modifierExtension"):
            return False
        return any(
            context.kind == "element"
            and (
                context.expression in {holder_row.path, "Element"}
                or ("." not in context.expression and self._is_a(holder_row, context.expression))
            )
            for context in structure.contexts
        )

    def _allowed_in(self, structure: Structure, url: Any) -> bool:
        return not structure.root.is_modifier and any(
            context.kind == "extension" and context.expression == url for context in structure.contexts
        )

    def _is_a(self, row: Row, name: str) -> bool:
        return row.type == name or self._definitions.is_a(row.type, name.removeprefix(CORE))


def _judge_parts(element: Element, extension: Json) -> None:
    """Raises `Refused` where a part with a relative url is none that the definition has."""
    parts = parts_of(element)
    if parts is None:
        return
    for inner in extension["extension"]:
        url = inner["url"]
        if _SCHEME(url) is None:
            piece = parts.get(url)
            if piece is None:
                raise Refused
            if "extension" in inner:
                _judge_parts(piece, inner)
