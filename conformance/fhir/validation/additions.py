"""What a definition asks of an element by R5's ElementDefinition or by extensions of it, which the table does not hold.

R4 profiles may say by extension what R5 says by elements of its own: the least length of a text, that a value (not
only an extension) must be there, further bindings, the widest value set, and how narrative shows its languages and
sources. They are read from the StructureDefinitions themselves, along the line of bases.

Sources: https://hl7.org/fhir/R5/elementdefinition.html,
https://hl7.org/fhir/extensions/StructureDefinition-additional-binding.html and, on the same site, minLength,
elementdefinition-maxValueSet, narrative-language-control and narrative-source-control.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Binding, Structure

__all__ = ["NOTHING", "Additions", "additions_of"]

Json = dict[str, Any]

EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/"
R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition."
ADDITIONAL = frozenset(
    {f"{R5}binding.additional", "http://hl7.org/fhir/tools/StructureDefinition/additional-binding"}
)
LONGEST = 50  # bases above each other; a longer line is a cycle, which the definitions report


@dataclass(frozen=True, slots=True)
class Additions:
    """What is asked of one element besides the table.

    `bindings` are further ones, each judged by its own strength; `widest` the value set outside which no code may
    lie; `languages` and `sources` the codes of the controls of narrative.
    """

    min_length: int = 0
    must_have_value: bool = False
    alternatives: tuple[str, ...] = ()
    bindings: tuple[Binding, ...] = ()
    widest: str = ""
    languages: str = ""
    sources: str = ""

    @property
    def any(self) -> bool:
        """Whether anything is asked."""
        return self != NOTHING


NOTHING = Additions()


def additions_of(definitions: Definitions, structure: Structure) -> dict[str, Additions]:
    """What a structure and those that it derives from ask besides the table, by the elements' ids."""
    lines: list[Json] = []
    current: Structure | None = structure
    while current is not None and current.is_profile and len(lines) < LONGEST:
        raw = _raw(definitions, current)
        if raw is not None:
            lines.append(raw)
        current = _base(definitions, current)
    found: dict[str, Additions] = {}
    for raw in reversed(lines):
        for view in ("snapshot", "differential"):
            for element in raw.get(view, {}).get("element", ()):
                added = _read(element)
                if added.any:
                    found[element.get("id") or element.get("path", "")] = added
    return found


def _raw(definitions: Definitions, structure: Structure) -> Json | None:
    rows = (
        layer.resource("StructureDefinition", structure.url, structure.version, definitions)
        for layer in definitions.layers
    )
    return next((row for row in rows if row is not None), None)


def _base(definitions: Definitions, structure: Structure) -> Structure | None:
    try:
        return definitions.structure(structure.base) if structure.base else None
    except DefinitionProblem:
        return None  # reported by the definitions, which cannot have made `structure` then


def _read(element: Json) -> Additions:
    binding = element.get("binding")
    binding = binding if isinstance(binding, dict) else {}
    alternatives = [*_values(element, f"{R5}valueAlternatives"), *element.get("valueAlternatives", ())]
    lengths = [value for value in _values(element, f"{EXTENSIONS}minLength") if isinstance(value, int)]
    return Additions(
        min_length=lengths[0] if lengths else 0,
        must_have_value=element.get("mustHaveValue") is True
        or True in _values(element, f"{R5}mustHaveValue"),
        alternatives=tuple(str(value) for value in alternatives),
        bindings=tuple(_bindings(binding)),
        widest=_first(binding, f"{EXTENSIONS}elementdefinition-maxValueSet"),
        languages=_first(element, f"{EXTENSIONS}narrative-language-control"),
        sources=_first(element, f"{EXTENSIONS}narrative-source-control"),
    )


def _bindings(binding: Json) -> Iterator[Binding]:
    """The further bindings that hold for every use; those for some contexts of use only are not judged."""
    rows = [row for row in binding.get("additional", ()) if isinstance(row, dict)]
    for extension in binding.get("extension", ()):
        if extension.get("url") in ADDITIONAL:
            parts = {part.get("url"): _value(part) for part in extension.get("extension", ())}
            rows.append(parts)
    for row in rows:
        if row.get("purpose") in {"required", "extensible"} and row.get("valueSet") and not row.get("usage"):
            yield Binding(str(row["purpose"]), str(row["valueSet"]))


def _values(holder: Json, url: str) -> list[Any]:
    return [_value(extension) for extension in holder.get("extension", ()) if extension.get("url") == url]


def _first(holder: Json, url: str) -> str:
    found = [value for value in _values(holder, url) if isinstance(value, str)]
    return found[0] if found else ""


def _value(extension: Json) -> Any:
    return next((value for name, value in extension.items() if name.startswith("value")), None)
