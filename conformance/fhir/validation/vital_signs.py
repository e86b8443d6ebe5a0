"""The structures that R4 asks of every vital sign, found by the codes that those structures fix.

The switch belongs to R4 alone: later releases make the profiles a matter of declaring them.

Source: FHIR R4, https://hl7.org/fhir/R4/observation-vitalsigns.html: "If implementations use this Resource when
expressing the profile-specific concepts as structured data, they SHALL conform to the following profiles", with a
"magic value" of LOINC for each.
"""

from collections.abc import Iterator, Mapping

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Element

__all__ = ["vital_signs"]

NAMES = (
    "vitalspanel", "resprate", "heartrate", "oxygensat", "bodytemp", "bodyheight", "headcircum", "bodyweight",
    "bmi", "bp",
)  # fmt: skip
Coded = tuple[str, str]


def vital_signs(definitions: Definitions) -> Mapping[Coded, str]:
    """The canonical of the structure that an Observation must meet, by the system and code that it holds."""
    if not definitions.fhir_version.startswith("4.0"):
        return {}
    found: dict[Coded, str] = {}
    for name in NAMES:
        try:
            structure = definitions.type(name)
        except DefinitionProblem:
            continue  # the definitions report it
        if structure is not None and structure.type == "Observation":
            found.update(dict.fromkeys(_fixed(structure.root), structure.url))
    return found


def _fixed(root: Element) -> Iterator[Coded]:
    """The codings that the slices of Observation.code.coding fix."""
    for code in (child for child in root.children if child.name == "code"):
        for coding in (child for child in code.children if child.name == "coding"):
            for piece in coding.slices:
                fixed = {child.name: child.fixed.value for child in piece.children if child.fixed is not None}
                if isinstance(fixed.get("system"), str) and isinstance(fixed.get("code"), str):
                    yield fixed["system"], fixed["code"]
