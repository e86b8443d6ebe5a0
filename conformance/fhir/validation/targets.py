"""What a reference leads to, against what a profile allows there.

The base definitions' own target types are judged with the reference itself; here stand the structures that a
profile asks of the target, and the ways of aggregation.

Source: FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html#ElementDefinition.type.targetProfile
"""

from conformance.fhir.definitions.library import CORE
from conformance.fhir.definitions.table import TypeRef
from conformance.fhir.references import named
from conformance.fhir.validation.judge import Judge
from conformance.fhir.validation.node import Node

__all__ = ["judge_targets", "literal", "named_type"]


def judge_targets(judge: Judge, node: Node, ref: TypeRef, url: str) -> None:
    """Tells where the target of a reference is none that the profile allows."""
    reference = literal(node)
    if reference is None:
        return
    found = judge.resolve(node, reference)
    if ref.aggregation:
        _judge_aggregation(judge, node, ref, reference, url)
    if not ref.targets:
        return
    if found.node is None:
        _judge_name(judge, node, ref, url)
        return
    answers = [judge.conforms(found.node, target) for target in ref.targets]
    if True not in answers and None not in answers:
        types = [_type_of(judge, node, target) for target in ref.targets]
        if any(name is not None and judge.definitions.is_a(found.node.type, name) for name in types):
            judge.tell(node, "reference-target-profile", structure=url, allowed=", ".join(ref.targets))
        else:
            _tell_type(judge, node, found.node.type, types, url)


def literal(node: Node) -> str | None:
    """The literal reference that a Reference or canonical node gives."""
    value = node.value.get("reference") if isinstance(node.value, dict) else node.value
    return value if isinstance(value, str) and value else None


def named_type(node: Node) -> str | None:
    """The resource type that a reference names, by its literal form or its `type`."""
    reference = named(literal(node) or "")
    if reference is not None:
        return reference.partition("/")[0]
    stated = node.value.get("type") if isinstance(node.value, dict) else None
    return stated.removeprefix(CORE) if isinstance(stated, str) else None


def _judge_name(judge: Judge, node: Node, ref: TypeRef, url: str) -> None:
    name = named_type(node) if node.type == "Reference" else None
    types = [_type_of(judge, node, target) for target in ref.targets]
    if name is not None and judge.definitions.type(name) is not None and None not in types:
        allowed = any(judge.definitions.is_a(name, str(wanted)) for wanted in types)
        if not allowed:
            _tell_type(judge, node, name, types, url)
            return
    for target in ref.targets:
        if not target.startswith(CORE):
            judge.cannot_judge(
                node, "reference", target, "the target of the reference lies outside the document"
            )


def _tell_type(judge: Judge, node: Node, found: str, types: list[str | None], url: str) -> None:
    allowed = ", ".join(sorted({name for name in types if name}))
    judge.tell(node, "reference-target-type", structure=url, found=found, allowed=allowed)


def _type_of(judge: Judge, node: Node, target: str) -> str | None:
    structure = judge.structure(node, target)
    return structure.type if structure is not None else None


def _judge_aggregation(judge: Judge, node: Node, ref: TypeRef, reference: str, url: str) -> None:
    if reference.startswith("#"):
        found = "contained"
    else:
        found = "referenced" if judge.resolve(node, reference).node is None else "bundled"
    allowed = set(ref.aggregation)
    if "referenced" in allowed:
        allowed.add("bundled")  # what lies in the same Bundle is a resource of its own all the same
    if found == "referenced" and "bundled" in allowed and node.root.type != "Bundle":
        # this very resource may come to stand in a Bundle with its target
        judge.cannot_judge(
            node, "reference", url, "the resource stands alone, and its target may be bundled with it"
        )
    elif found not in allowed:
        judge.tell(
            node, "reference-aggregation", structure=url, found=found, allowed=" or ".join(ref.aggregation)
        )
