"""Codes against the value set that an element is bound to.

A required binding that is not met is an error, an extensible one a warning; preferred and example bindings bind
nobody. What no loaded code system or server can tell is recorded as not evaluated.

Source: FHIR R4, https://hl7.org/fhir/R4/terminologies.html#strength
"""

from typing import Any

from conformance.fhir.definitions.table import Binding
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.judge import Judge
from conformance.fhir.validation.limits import JUDGED
from conformance.fhir.validation.messages import shown
from conformance.fhir.validation.node import Node

__all__ = ["judge_binding", "member_of"]

CODES = frozenset({"code", "string", "uri", "url", "canonical", "oid", "uuid", "id", "markdown"})


def judge_binding(
    judge: Judge, node: Node, binding: Binding, structure: str, *, widest: bool = False
) -> None:
    """Tells where the codes of a node are not in the value set that it is bound to.

    `widest` says that it is the value set outside which no code may lie; text alone may stand then.
    """
    if binding.strength not in JUDGED or judge.terminology is None or node.value is None:
        return
    member, reason, codes = _judged(judge.terminology, node, binding.value_set)
    required = binding.strength == "required"
    if member is None:
        judge.cannot_judge(node, "binding", binding.value_set, reason)
    elif member or (not codes and not required):
        return
    elif not codes:
        if node.type == "CodeableConcept" and not widest:
            judge.tell(node, "code-missing-for-required", structure=structure, value_set=binding.value_set)
    else:
        judge.tell(
            node,
            "code-not-in-maximum"
            if widest
            else "code-not-in-required"
            if required
            else "code-not-in-extensible",
            structure=structure,
            severity=Severity.ERROR if required else Severity.WARNING,
            found=shown(", ".join(codes)),
            value_set=binding.value_set,
        )


def member_of(terminology: Any, node: Node, value_set: str) -> bool | None:
    """Whether the code or one of the codings of a node is in a value set; None where that cannot be told."""
    return _judged(terminology, node, value_set)[0]


def _judged(terminology: Any, node: Node, value_set: str) -> tuple[bool | None, str, list[str]]:
    """Member, not, or cannot tell; the reason; and the codes that were looked up, as a message shows them."""
    value = node.value
    if node.type in CODES:
        if not isinstance(value, str):
            return True, "", []
        answer, codes = terminology.validate(value_set, value), [value]
    elif not isinstance(value, dict):
        return True, "", []
    elif node.type == "CodeableConcept":
        given = value.get("coding")
        codes = (
            [_words(coding) for coding in given if isinstance(coding, dict)]
            if isinstance(given, list)
            else []
        )
        answer = terminology.validate_concept(value_set, value)
    elif not value.get("code") and not value.get("system"):
        return True, "", []
    else:
        answer, codes = terminology.validate(value_set, value), [_words(value)]
    if answer.cannot_tell:
        return None, answer.reason, codes
    return answer.is_member, answer.reason, codes


def _words(coding: dict[str, Any]) -> str:
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(code, str):
        return f"a coding of {system} without a code" if system else "a coding without a code"
    return f"{system}#{code}" if system else code
