"""Rules in code for single types, as far as they are cheap; the rest of what `rules` asks is left to `explain`.

Source: FHIR R4, https://hl7.org/fhir/R4/datatypes.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from conformance.fhir.validation.accept.bundles import check_bundle
from conformance.fhir.validation.accept.plan import Json
from conformance.fhir.validation.accept.targets import check_reference

__all__ = ["ABSOLUTE", "IN_THE_CORE", "LEFT", "LITERAL", "RULES"]

Test = Callable[[Any, Any, Any], Any]

LEFT = frozenset(
    {
        "ActivityDefinition", "CapabilityStatement", "CodeSystem", "CompartmentDefinition", "ConceptMap",
        "ExampleScenario", "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition",
        "NamingSystem", "OperationDefinition", "PlanDefinition", "Questionnaire", "QuestionnaireResponse",
        "SearchParameter", "StructureDefinition", "StructureMap", "TerminologyCapabilities", "TestScript", "ValueSet",
    }
)  # fmt: skip
"""Resource types that have rules of their own and are rare among clinical data: always left to `explain`."""

ABSOLUTE = frozenset({"Coding.system", "Identifier.system"})
"""URIs that have to be absolute, though their type does not say so."""

LITERAL = "Reference.reference"
"""The string whose form the rule of references judges as a whole."""

_URIS = "urn:ietf:rfc:3986"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:").match


def _identifier(found: Json, _walk: Any, _row: Any) -> bool:
    return found.get("system") != _URIS or _SCHEME(found.get("value", "")) is not None


def _attachment(found: Json, _walk: Any, _row: Any) -> bool:
    data = found.get("data")
    if data is None:
        return True
    # four characters stand for three bytes, less one for each = at the end
    size = len(data) // 4 * 3 - data[-2:].count("=")
    return "hash" not in found and found.get("size", size) == size


RULES: Mapping[str, tuple[Test, ...]] = {
    "Attachment": (_attachment,),
    "Bundle": (check_bundle,),
    "Identifier": (_identifier,),
    "Reference": (check_reference,),
}
"""Tests of objects by FHIR type, called with object, walk and row."""

IN_THE_CORE = frozenset({_identifier, check_reference})
"""Those that the compiled walk does itself."""
