"""A node against a structure: what the structure asks beyond the base definition, told where it is not met.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html and https://hl7.org/fhir/R4/elementdefinition.html
"""

from conformance.fhir.definitions.table import Structure, TypeRef
from conformance.fhir.validation.added import judge_added
from conformance.fhir.validation.checks import judge_limits
from conformance.fhir.validation.deltas import Delta, Deltas
from conformance.fhir.validation.judge import Judge
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.slicing import Slicer
from conformance.fhir.validation.targets import judge_targets

__all__ = ["Profiles"]

LONGEST = 60  # profiles within profiles: what goes deeper leads back to itself


class Profiles:
    """Applies structures to nodes; one for a set of definitions, for its prepared deltas and slices."""

    def __init__(self, deltas: Deltas) -> None:
        self._deltas = deltas
        self._slicer = Slicer(deltas.definitions)
        self._depth = 0

    def apply(self, judge: Judge, node: Node, structure: Structure) -> None:
        """Tells everything in which a node falls short of a structure; once for each node and structure."""
        key = (id(node), structure.url)
        if key in judge.sink.applied:
            return
        judge.sink.applied.add(key)
        if not judge.definitions.is_a(node.type, structure.type):
            judge.tell(
                node, "profile-type", structure=structure.url,
                found=structure.url, expected=structure.type, type=node.type,
            )  # fmt: skip
            return
        if self._depth > LONGEST:
            judge.cannot_judge(node, "structure", structure.url, "structures refer to each other too deeply")
            return
        self._depth += 1
        try:
            self._node(judge, node, self._deltas.of(structure), structure.url)
        finally:
            self._depth -= 1

    def meet_one(self, judge: Judge, node: Node, profiles: tuple[str, ...], url: str) -> None:
        """Tells where a value meets none of the structures of which it must meet at least one."""
        if len(profiles) == 1:
            structure = judge.structure(node, profiles[0])
            if structure is not None:
                self.apply(judge, node, structure)
            return
        answers = [judge.conforms(node, profile) for profile in profiles]
        if True in answers or None in answers:
            return
        judge.tell(node, "profile-none-met", structure=url, allowed=", ".join(profiles))

    def _node(self, judge: Judge, node: Node, delta: Delta, url: str) -> None:
        if delta.types is not None and not any(
            judge.definitions.is_a(node.type, name) for name in delta.types
        ):
            message_id = "resource-type-not-allowed" if node.is_resource else "type-not-allowed"
            judge.tell(
                node, message_id, structure=url, found=node.type, allowed=" or ".join(sorted(delta.types))
            )
            return
        if delta.refs:
            ref = delta.refs.get(node.type) or _inherited(judge, node, delta)
            if ref is not None:
                if ref.profiles:
                    self.meet_one(judge, node, ref.profiles, url)
                if ref.targets or ref.aggregation:
                    judge_targets(judge, node, ref, url)
        if delta.limits.any:
            judge_limits(judge, node, delta.limits, url)
        if delta.added.any:
            judge_added(judge, node, delta.added, url)
        for below in delta.below:
            self._group(judge, node, below, url)

    def _group(self, judge: Judge, node: Node, delta: Delta, url: str) -> None:
        items = _items(node, delta.name)
        found = len(items)
        path = delta.element.path
        if found < delta.min:
            if delta.min == 1:
                judge.tell(node, "missing", structure=url, element=path)
            else:
                judge.tell(node, "too-few", structure=url, element=path, least=delta.min, found=found)
        if delta.max is not None and found > delta.max:
            if delta.max == 0:
                judge.tell(node, "not-allowed-here", structure=url, element=path)
            else:
                judge.tell(node, "too-many", structure=url, element=path, most=delta.max, found=found)
        for item in items:
            self._node(judge, item, delta, url)
        if delta.sliced is not None:
            self._slicer.judge(judge, node, items, delta.sliced, url, self._node)


def _items(node: Node, name: str) -> list[Node]:
    """The nodes of a child element; a profile may name a choice by one of its types (`valueQuantity`)."""
    found = node.groups.get(name)
    if found is not None:
        return found
    return [child for child in node.children if child.name == name and child.element.is_choice]


def _inherited(judge: Judge, node: Node, delta: Delta) -> TypeRef | None:
    """The type reference that covers a node whose type derives from the one named (`Resource` for a Patient)."""
    return next((ref for code, ref in delta.refs.items() if judge.definitions.is_a(node.type, code)), None)
