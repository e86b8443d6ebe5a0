"""A QuestionnaireResponse against its Questionnaire, where that can be found.

Source: FHIR R4, https://hl7.org/fhir/R4/questionnaireresponse.html#link (the structure mirrors that of the
Questionnaire), #nesting, and #validation: what a Questionnaire asks of the answers need only be met once the response
is completed or amended; before, it is a warning.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.answers import type_and_option
from conformance.fhir.validation.rules.enabling import expression_of, is_enabled
from conformance.fhir.validation.rules.expressions import holds
from conformance.fhir.validation.rules.form import links_of, occurrences
from conformance.fhir.validation.rules.limits import limits
from conformance.fhir.validation.rules.reading import Json, object_at, objects_at, shortened, text_at
from conformance.fhir.validation.rules.response_index import ResponseIndex, answers_of, index_of
from conformance.fhir.validation.scope import Scope

_FINISHED = frozenset({"completed", "amended"})


def against_questionnaire(node: Node, scope: Scope) -> Iterable[Issue]:
    """Everything that a response owes to its Questionnaire."""
    canonical = text_at(node.value, "questionnaire")
    if not canonical:
        if of_stu3 := text_at(object_at(node.value, "questionnaire"), "reference"):
            reason = "responses of STU3 are not compared with their Questionnaire"
            scope.cannot_judge(node, "structure", of_stu3, reason)
        return
    questionnaire = _questionnaire(node, canonical, scope)
    if questionnaire is None:
        scope.cannot_judge(node, "structure", canonical, "the Questionnaire is not loaded")
        return
    finished = text_at(node.value, "status") in _FINISHED
    severity = Severity.ERROR if finished else Severity.WARNING
    comparison = _Comparison(scope, node, links_of(questionnaire), index_of(node.value), severity)
    yield from comparison.level(node, objects_at(questionnaire, "item"), scope.below(node, "item"))


def _questionnaire(node: Node, canonical: str, scope: Scope) -> Json | None:
    """The Questionnaire: contained, in the Bundle around, or loaded."""
    if canonical.startswith("#"):
        found = scope.resolve(node, canonical).node
        return found.value if found is not None and found.type == "Questionnaire" else None
    url = canonical.partition("|")[0]
    for entry in objects_at(node.root.value, "entry"):
        resource = object_at(entry, "resource")
        if resource.get("resourceType") == "Questionnaire" and resource.get("url") == url:
            return resource
    return scope.definitions.questionnaire(canonical)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One response and one form, compared level by level.

    `links` are all linkIds of the form; `severity` is that of what only a finished response owes.
    """

    scope: Scope
    response: Node
    links: frozenset[str]
    index: ResponseIndex
    severity: Severity

    def level(self, parent: Node, asked: Sequence[Json], given: Sequence[Node]) -> Iterator[Issue]:
        """The items of a response below one place, against those that the form has there."""
        places = {text_at(item, "linkId"): at for at, item in reversed(list(enumerate(asked)))}
        groups: dict[str, list[Node]] = {}
        last = -1
        for item in given:
            link = text_at(item.value, "linkId")
            at = places.get(link)
            if at is None:
                if link:
                    yield self._stray(item, link)
                continue
            if at < last:
                yield self.scope.issue(
                    item,
                    "response-order",
                    f"{shortened(link)!r} comes before the item that it follows here, in the order of the "
                    "Questionnaire",
                    code="structure",
                )
            last = max(last, at)
            groups.setdefault(link, []).append(item)
        for question in asked:
            yield from self._item(parent, question, groups.get(text_at(question, "linkId"), []))

    def _stray(self, item: Node, link: str) -> Issue:
        if link in self.links:
            return self.scope.issue(
                item,
                "response-link-misplaced",
                f"{shortened(link)!r} stands elsewhere in the Questionnaire",
                code="structure",
            )
        return self.scope.issue(
            item,
            "response-link-unknown",
            f"the Questionnaire has no item with the linkId {shortened(link)!r}",
            code="not-found",
        )

    def _item(self, parent: Node, question: Json, found: list[Node]) -> Iterator[Issue]:
        place = self._place(found[0] if found else parent)
        enabled = self._enabled(question, place)
        if enabled is False and self.severity is Severity.ERROR:
            yield from self._disabled(found)
        elif enabled is True:
            yield from self._missing(parent, question, found)
        kind = text_at(question, "type")
        if kind in {"group", "display"}:
            yield from self._without_answers(question, found, kind)
        else:
            yield from self._answers(question, found, enabled=enabled)

    def _place(self, node: Node) -> int:
        """The number of the item that a node is or stands in."""
        item = node.parent if node.name == "answer" and node.parent is not None else node
        return self.index.place_of(item.value)

    def _enabled(self, question: Json, place: int) -> bool | None:
        expression = expression_of(question)
        if not expression:
            told = is_enabled(question, self.index, place)
            subject = f"enableWhen of {shortened(text_at(question, 'linkId'))!r}"
        else:
            told, subject = holds(self.scope, self.response, expression), expression
        if told is None:
            self.scope.cannot_judge(
                self.response, "invariant", subject, "the condition could not be evaluated"
            )
        return told

    def _disabled(self, found: list[Node]) -> Iterator[Issue]:
        for item in found:
            if answers_of(item.value) or objects_at(item.value, "item"):
                link = shortened(text_at(item.value, "linkId"))
                yield self.scope.issue(
                    item,
                    "response-not-enabled",
                    f"{link!r} is answered, and by the other answers it is not enabled",
                    code="business-rule",
                )

    def _missing(self, parent: Node, question: Json, found: list[Node]) -> Iterator[Issue]:
        kind, link = text_at(question, "type"), shortened(text_at(question, "linkId"))
        if question.get("required") is not True or kind == "display":
            return
        answered = any(answers_of(item.value) for item in found) if kind != "group" else bool(found)
        if not answered:
            yield self.scope.issue(
                found[0] if found else parent,
                "response-required",
                f"the required {'group' if kind == 'group' else 'question'} {link!r} is not answered",
                code="required",
                severity=self.severity,
            )

    def _without_answers(self, question: Json, found: list[Node], kind: str) -> Iterator[Issue]:
        if kind == "group":
            yield from self._counted(found, len(found), question)
        for item in found:
            if objects_at(item.value, "answer"):
                yield self.scope.issue(
                    item,
                    "response-group-answered",
                    f"{shortened(text_at(item.value, 'linkId'))!r} is a {kind}, and only questions have answers",
                    code="structure",
                )
            yield from self.level(item, objects_at(question, "item"), self.scope.below(item, "item"))

    def _answers(self, question: Json, found: list[Node], *, enabled: bool | None) -> Iterator[Issue]:
        if not found:
            return
        for item in found[1:]:
            yield self.scope.issue(
                item,
                "response-question-repeated",
                f"the answers to {shortened(text_at(item.value, 'linkId'))!r} belong in one item",
                code="structure",
            )
        count = sum(len(answers_of(item.value)) for item in found)
        yield from self._counted(found, count, question) if enabled else ()
        below = objects_at(question, "item")
        for item in found:
            for nested in self.scope.below(item, "item"):
                yield self.scope.issue(
                    nested,
                    "response-nested-in-question",
                    "an item below a question belongs in the answer that it goes with",
                    code="structure",
                )
            for answer in self.scope.below(item, "answer"):
                yield from type_and_option(answer, question, self.scope, self.severity)
                yield from limits(answer, question, self.scope, self.severity)
                yield from self.level(answer, below, self.scope.below(answer, "item"))

    def _counted(self, found: list[Node], count: int, question: Json) -> Iterator[Issue]:
        if not found:
            return
        least, most, repeats = occurrences(question)
        what = "groups" if text_at(question, "type") == "group" else "answers"
        if count > 1 and not repeats:
            yield self.scope.issue(
                found[0],
                "response-repeats",
                f"{shortened(text_at(question, 'linkId'))!r} does not repeat, and has {count} {what}",
                code="structure",
            )
        elif most is not None and count > most:
            yield self._number(found[0], f"at most {most} {what} are allowed, and there are {count}")
        if least is not None and count < least:
            yield self._number(found[0], f"at least {least} {what} are needed, and there are {count}")

    def _number(self, item: Node, text: str) -> Issue:
        return self.scope.issue(
            item, "response-occurrences", text, code="business-rule", severity=self.severity
        )


RULES = (against_questionnaire,)
