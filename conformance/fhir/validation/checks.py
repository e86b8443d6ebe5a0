"""What a single value must be, by the base definition of its element: the judging of one node after the walk.

Sources: FHIR R4, https://hl7.org/fhir/R4/datatypes.html (lexical forms),
https://hl7.org/fhir/R4/elementdefinition.html (limits, fixed values, patterns, bindings).
"""

import json
from decimal import Decimal
from typing import Any

from conformance.fhir.definitions.table import Binding
from conformance.fhir.validation.bindings import judge_binding
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.judge import Judge
from conformance.fhir.validation.limits import Limits
from conformance.fhir.validation.messages import Plain, shown
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.primitives import IN_R5, problem
from conformance.fhir.validation.values import contains, equal, order
from conformance.fhir.validation.xhtml import narrative_problems, needs_no_words

__all__ = ["judge_form", "judge_limits", "written"]


ASIDE = frozenset({"id", "_id"})
"""What is no content of an element."""


def written(value: Any) -> str:
    """A value as a message shows it: compact JSON, shortened."""
    return shown(value) if isinstance(value, str) else shown_json(value)


def shown_json(value: Any) -> str:
    """JSON of a value that may hold decimals, on one line."""

    def plain(one: Any) -> Any:
        return str(one) if isinstance(one, Decimal) else repr(one)

    text = json.dumps(value, default=plain, ensure_ascii=False)
    return shown(Plain(text))


def judge_form(judge: Judge, node: Node) -> None:
    """A primitive has the lexical form of its type, and every element has a value or children (ele-1)."""
    value = node.value
    plan = node.plan
    if plan.primitive and value is not None:
        if node.type == "xhtml" and isinstance(value, str):
            _judge_narrative(judge, node, value)
            return
        found = problem(node.type, value)
        if found is not None:
            severity = Severity(found.severity)
            if judge.definitions.fhir_version.startswith("5."):
                severity = IN_R5.get(found.message_id, severity)
            judge.add(
                judge.issue(
                    node,
                    found.message_id,
                    found.words,
                    code=found.code,
                    severity=severity,
                    structure=plan.url,
                )
            )
        return
    if plan.primitive:
        value = node.extra or {}
    if (
        len(value) <= len(ASIDE)
        and not node.is_resource
        and value.keys() <= ASIDE
        and (value or plan.primitive)
    ):
        judge.tell(node, "element-without-content", rule="ele-1", structure=plan.url)


def _judge_narrative(judge: Judge, node: Node, text: str) -> None:
    if needs_no_words(text):
        return
    for found in narrative_problems(text):
        place = f" (line {found.line}, column {found.column} of the narrative)" if found.line else ""
        judge.add(
            judge.issue(
                node, found.message_id, f"{found.words}{place}", code=found.code, severity=Severity(found.severity),
                structure=node.plan.url, rule=found.rule,
            )
        )  # fmt: skip


def judge_limits(judge: Judge, node: Node, limits: Limits, structure: str) -> None:
    """Tells where a value oversteps what an element allows."""
    value = node.value
    if limits.fixed is not None and not equal(value, limits.fixed.value) and _present(node):
        judge.tell(
            node,
            "fixed-value",
            structure=structure,
            expected=written(limits.fixed.value),
            found=written(value),
        )
    if limits.pattern is not None and not contains(value, limits.pattern.value) and _present(node):
        judge.tell(
            node, "pattern", structure=structure, expected=written(limits.pattern.value), found=written(value)
        )
    if limits.max_length is not None and isinstance(value, str) and len(value) > limits.max_length:
        judge.tell(node, "value-too-long", structure=structure, found=len(value), most=limits.max_length)
    low, high = limits.min_value, limits.max_value
    if low is not None and value is not None and order(value, low, judge.now, lowest=True) == -1:
        judge.tell(
            node, "value-too-small", structure=structure, found=written(value), least=written(low.value)
        )
    if high is not None and value is not None and order(value, high, judge.now) == 1:
        judge.tell(
            node, "value-too-large", structure=structure, found=written(value), most=written(high.value)
        )
    if limits.binding is not None:
        judge_binding(judge, node, limits.binding, structure)
        if limits.binding.maximum:
            judge_binding(judge, node, Binding("required", limits.binding.maximum), structure, widest=True)
    for constraint in limits.constraints:
        judge.invariants.judge(judge, node, constraint, structure)


def _present(node: Node) -> bool:
    """Whether a value is there at all: a primitive may have extensions in its stead."""
    return node.value is not None or not node.extra
