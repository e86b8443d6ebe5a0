"""A Questionnaire's conditions refer to questions that can be answered when they are asked for.

Source: FHIR R4, the definition of Questionnaire.item.enableWhen.question: a condition looks for its question among the
ancestors, then before, then after its own item, so it never finds one that is nested in that item.
"""

from collections.abc import Iterable, Iterator

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import shortened, text_at
from conformance.fhir.validation.scope import Scope

_UNANSWERED = frozenset({"group", "display"})


def conditions(node: Node, scope: Scope) -> Iterable[Issue]:
    """Every enableWhen names a question of this Questionnaire outside its own item, and best one before it."""
    items = list(_items(node, scope))
    if not any(item.value.get("enableWhen") for item, _ in items):
        return
    order = {text_at(item.value, "linkId"): at for at, (item, _) in reversed(list(enumerate(items)))}
    for at, (item, last) in enumerate(items):
        for condition in scope.below(item, "enableWhen"):
            question = text_at(condition.value, "question")
            if not question:
                continue
            found = order.get(question)
            if found is None:
                yield scope.issue(
                    condition,
                    "questionnaire-condition-unknown",
                    f"no item of this Questionnaire has the linkId {shortened(question)!r}",
                    code="not-found",
                )
            elif at < found <= last:
                yield scope.issue(
                    item,
                    "questionnaire-condition-inside",
                    f"the item depends on {shortened(question)!r}, which is inside it and so is never asked first",
                    code="business-rule",
                )
            else:
                yield from _odd(condition, items[found][0], scope, later=found > at, itself=found == at)


def _odd(condition: Node, target: Node, scope: Scope, *, later: bool, itself: bool) -> Iterator[Issue]:
    question = shortened(text_at(target.value, "linkId"))
    if itself or later:
        yield scope.issue(
            condition,
            "questionnaire-condition-later",
            f"the condition depends on {question!r}, which is {'the item itself' if itself else 'asked later'}",
            code="business-rule",
            severity=Severity.WARNING,
        )
    if text_at(target.value, "type") in _UNANSWERED:
        yield scope.issue(
            condition,
            "questionnaire-condition-no-question",
            f"the condition depends on {question!r}, which is a {text_at(target.value, 'type')} and has no answer",
            code="business-rule",
            severity=Severity.WARNING,
        )


def _items(node: Node, scope: Scope) -> list[tuple[Node, int]]:
    """Every item in document order, with the place of the last item that is nested in it (its own if none)."""
    found: list[tuple[Node, int]] = []
    _collect(node, scope, found)
    return found


def _collect(node: Node, scope: Scope, found: list[tuple[Node, int]]) -> None:
    for item in scope.below(node, "item"):
        if not isinstance(item.value, dict):
            continue
        at = len(found)
        found.append((item, at))
        _collect(item, scope, found)
        found[at] = (item, len(found) - 1)


RULES = (conditions,)
