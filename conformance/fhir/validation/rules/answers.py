"""One answer of a QuestionnaireResponse against the question that asks for it.

Source: FHIR R4, Questionnaire.item.type (item-type), answerOption, answerValueSet and maxLength; the definition of
QuestionnaireResponse.item.answer.value[x] ("Must match the datatype specified by Questionnaire.item.type").
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.enabling import same
from conformance.fhir.validation.rules.reading import Json, choice_of, objects_at, shortened, text_at
from conformance.fhir.validation.scope import Scope

_TYPES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "boolean": frozenset({"Boolean"}),
        "decimal": frozenset({"Decimal"}),
        "integer": frozenset({"Integer"}),
        "date": frozenset({"Date"}),
        "dateTime": frozenset({"DateTime"}),
        "time": frozenset({"Time"}),
        "string": frozenset({"String"}),
        "text": frozenset({"String"}),
        "url": frozenset({"Uri"}),
        "attachment": frozenset({"Attachment"}),
        "reference": frozenset({"Reference"}),
        "quantity": frozenset({"Quantity"}),
    }
)
_ANSWERS = frozenset().union(*_TYPES.values(), {"Coding"})
_CHOICES = frozenset({"choice", "open-choice", "coding"})


def type_and_option(answer: Node, question: Json, scope: Scope, severity: Severity) -> Iterable[Issue]:
    """What is wrong with the type of an answer, or else with its choice; `severity` is that of a wrong choice."""
    kind, value = choice_of(answer.value, "value")
    if not kind:
        return
    place = next(iter(scope.below(answer, "value")), answer)
    wanted = _allowed(question)
    if kind not in _ANSWERS:
        return  # the element table says that no answer is of this type
    if wanted and kind not in wanted:
        names = " or ".join(sorted(map(_spoken, wanted)))
        yield scope.issue(
            place,
            "response-answer-type",
            f"the question {shortened(text_at(question, 'linkId'))!r} is answered by {names}, and this is "
            f"{_spoken(kind)}",
            code="structure",
        )
        return
    yield from _option(place, kind, value, question, scope, severity)


def _allowed(question: Json) -> AbstractSet[str]:
    kind = text_at(question, "type")
    if kind not in _CHOICES:
        return _TYPES.get(kind, frozenset())
    found = {
        name for option in objects_at(question, "answerOption") if (name := choice_of(option, "value")[0])
    }
    found = found or {"Coding"}
    return found | {"String"} if _is_open(question) else found


def _is_open(question: Json) -> bool:
    return text_at(question, "type") == "open-choice" or text_at(question, "answerConstraint") in {
        "optionsOrString",
        "optionsOrType",
    }


def _option(
    place: Node, kind: str, value: Any, question: Json, scope: Scope, severity: Severity
) -> Iterator[Issue]:
    options = [choice_of(option, "value") for option in objects_at(question, "answerOption")]
    if _is_open(question) and kind == "String":
        return
    if options:
        if not any(name == kind and same(kind, value, wanted) is not False for name, wanted in options):
            yield scope.issue(
                place,
                "response-option",
                f"{_shown(value)} is none of the answers that the question offers",
                code="code-invalid",
                severity=severity,
            )
    elif kind == "Coding" and (value_set := text_at(question, "answerValueSet")):
        yield from _member(place, value, value_set, scope, severity)


def _member(place: Node, coding: Any, value_set: str, scope: Scope, severity: Severity) -> Iterator[Issue]:
    if scope.terminology is None or value_set.startswith("#") or not isinstance(coding, dict):
        scope.cannot_judge(
            place, "binding", value_set, "the value set of a question's answers was not looked up"
        )
        return
    answer = scope.terminology.validate(value_set, coding)
    if answer.cannot_tell:
        scope.cannot_judge(place, "binding", value_set, answer.reason)
    elif answer.is_not_member:
        yield scope.issue(
            place,
            "response-option",
            f"{_shown(coding)} is not in {value_set}, from which the question is answered",
            code="code-invalid",
            severity=severity,
        )


def _spoken(kind: str) -> str:
    return (
        kind if kind in {"Coding", "Quantity", "Reference", "Attachment"} else f"{kind[:1].lower()}{kind[1:]}"
    )


def _shown(value: Any) -> str:
    if isinstance(value, dict) and "code" in value:
        return shortened(f"{text_at(value, 'system')}#{text_at(value, 'code')}")
    return shortened(repr(value))
