"""The rules of FHIR that are no row of the element table, by the type of the node that they judge.

`RULES` maps a FHIR type to the rules that the walk calls once for each node of that type or of one that derives from
it; `Resource` stands for every resource. Each rule is linear in its node, and yields nothing for JSON that it does
not understand: what has a wrong type is the element table's to tell.
"""

from collections.abc import Mapping
from types import MappingProxyType

from conformance.fhir.validation.rules import (
    attachment,
    bundle,
    code_system,
    codes,
    contained,
    document,
    extensions,
    narrative,
    questionnaire,
    references,
    response,
    structure_definition,
    terms,
    texts,
    value_set,
)
from conformance.fhir.validation.scope import Rule

__all__ = ["RULES"]

RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "Resource": (*contained.RULES, *texts.RESOURCE),
        "Extension": extensions.RULES,
        "Reference": references.RULES,
        "Attachment": attachment.RULES,
        "Coding": (*terms.CODING, *codes.CODING),
        **dict.fromkeys(("Quantity", "Age", "Count", "Distance", "Duration"), codes.QUANTITY),
        "Identifier": terms.IDENTIFIER,
        "canonical": terms.CANONICAL,
        "markdown": texts.MARKDOWN,
        "xhtml": narrative.RULES,
        "Bundle": (*bundle.RULES, *document.RULES),
        "Questionnaire": questionnaire.RULES,
        "QuestionnaireResponse": response.RULES,
        "StructureDefinition": structure_definition.RULES,
        "ValueSet": value_set.RULES,
        "CodeSystem": code_system.RULES,
    }
)
