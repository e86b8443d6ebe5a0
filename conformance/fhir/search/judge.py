"""Does a resource satisfy a search? The criteria that are judged, and how they are put together.

Source: FHIR R4, https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.fhir.search.answers import Answer, all_of, any_of, negated
from conformance.fhir.search.criteria import Criterion, criteria, split, unescaped
from conformance.fhir.search.dates import date_answer
from conformance.fhir.search.numbers import number_answer, quantity_answer
from conformance.fhir.search.parameters import Held, Known, below, by_url, held_values, known
from conformance.fhir.search.references import reference_answer, uri_answer
from conformance.fhir.search.strings import parts, string_answer
from conformance.fhir.search.tokens import token_answer, tokens

__all__ = ["MODIFIERS", "Around", "Resolve", "judged", "of_values", "satisfies"]

Resource = dict[str, Any]
Resolve = Callable[[str], Resource | None]

MODIFIERS = {
    "token": frozenset({"", "not", "text", "above", "below", "of-type"}),
    "string": frozenset({"", "exact", "contains"}),
    "uri": frozenset({"", "above", "below"}),
    "date": frozenset({""}),
    "number": frozenset({""}),
    "quantity": frozenset({""}),
}
"""The modifiers that are judged, by the parameter's type; a reference takes `identifier` and any resource type."""


def _nothing(_: str) -> Resource | None:
    return None


@dataclass(frozen=True)
class Around:
    """What lies around a resource: the server's base URL, and what its references lead to, where that is at hand."""

    base: str = ""
    resolve: Resolve = _nothing


ORDERED = frozenset({"date", "number", "quantity"})
"""The kinds of parameters whose values may have a prefix."""

NOWHERE = Around()


def satisfies(resource: Resource, query: str, around: Around = NOWHERE) -> Answer:
    """Whether a search of the resource's type with this query (`code=x&status:not=y`) finds the resource."""
    return all_of(judged(resource, criterion, around) for criterion in criteria(query))


def judged(resource: Resource, criterion: Criterion, around: Around = NOWHERE) -> Answer:
    """Whether the resource satisfies one criterion. Never raises, whatever the resource and the criterion."""
    kind = resource.get("resourceType")
    parameter = known(kind, criterion.name) if isinstance(kind, str) else None
    if parameter is None:
        return None
    values, whole = held_values(resource, parameter)
    return of_values(criterion, parameter, values, around, whole=whole)


def of_values(
    criterion: Criterion,
    parameter: Known,
    values: list[Held],
    around: Around = NOWHERE,
    *,
    whole: bool = True,
) -> Answer:
    """The same where the parameter's values are at hand; `whole` if they are known to be all."""
    answer = _of_values(criterion, parameter, values, around, whole=whole)
    return answer if whole or answer is True else None


def _of_values(
    criterion: Criterion, parameter: Known, values: list[Held], around: Around, *, whole: bool
) -> Answer:
    if criterion.chain:
        return _chained(criterion, parameter, values, around)
    if criterion.modifier == "missing":
        return _missing(criterion, parameter, values)
    if parameter.type == "composite":
        return any_of(_composite(text, parameter, values, around) for text in criterion.alternatives)
    answer = _plain(criterion, parameter, values, around)
    if criterion.modifier != "not":
        return answer
    # With several values, `:not` is read in more than one way.
    return negated(answer) if whole and len(criterion.alternatives) == 1 else None


def _plain(criterion: Criterion, parameter: Known, values: list[Held], around: Around) -> Answer:
    """Whether a value matches one of those searched for; `:not` is not looked at."""
    modifier = criterion.modifier
    if "" in criterion.alternatives:
        return None
    if modifier not in MODIFIERS.get(parameter.type, ()) and not _is_reference_modifier(parameter, modifier):
        return None
    plain = "" if modifier == "not" else modifier
    if (
        not values
        and parameter.type in ORDERED
        and any(text.startswith("ne") for text in criterion.alternatives)
    ):
        return None  # R4 does not say whether no value is another value
    return any_of(
        matched(parameter.type, text, plain, held, around)
        for text in criterion.alternatives
        for held in values
    )


def matched(kind: str, text: str, modifier: str, held: Held, around: Around) -> Answer:  # noqa: PLR0911 - by kind
    """Whether one value matches one searched value of this kind of parameter."""
    match kind:
        case "token":
            return token_answer(text, modifier, held.type, held.value)
        case "string":
            return string_answer(unescaped(text), modifier, held.type, held.value)
        case "date":
            return date_answer(unescaped(text), held.type, held.value)
        case "number":
            return number_answer(unescaped(text), held.type, held.value)
        case "quantity":
            return quantity_answer(text, held.type, held.value)
        case "reference":
            return reference_answer(text, modifier, held.type, held.value, around.base)
        case "uri":
            return uri_answer(text, modifier, held.value)
        case _:
            return None


def _is_reference_modifier(parameter: Known, modifier: str) -> bool:
    return parameter.type == "reference" and (modifier in {"", "identifier"} or modifier[:1].isupper())


def _composite(text: str, parameter: Known, values: list[Held], around: Around) -> Answer:
    """Whether the parts between dollars match together, in one and the same place."""
    wanted = split(text, "$")
    components = parameter.definition.component
    if len(wanted) != len(components):
        return None
    return any_of(
        all_of(
            _component(part, component.definition, component.expression, held, around)
            for part, component in zip(wanted, components, strict=True)
        )
        for held in values
    )


def _component(text: str, url: str, expression: str, held: Held, around: Around) -> Answer:
    definition = by_url(url)
    if definition is None:
        return None
    found, whole = below(held, expression)
    answer = any_of(matched(definition.type, text, "", value, around) for value in found)
    return answer if whole or answer is True else None


def _missing(criterion: Criterion, parameter: Known, values: list[Held]) -> Answer:
    if criterion.alternatives not in {("true",), ("false",)}:
        return None
    wants_missing = criterion.alternatives == ("true",)
    if not values:
        return wants_missing
    return not wants_missing if any(_is_indexed(parameter.type, held) for held in values) else None


def _is_indexed(kind: str, held: Held) -> bool:
    """Whether every server finds something to search in the value: text alone, for one, makes no token."""
    if kind == "token":
        return any(token.code for token in tokens(held.type, held.value))
    if kind == "string":
        return any(expected and text for text, expected in parts(held.type, held.value))
    if kind == "reference":
        return not isinstance(held.value, dict) or isinstance(held.value.get("reference"), str)
    if kind == "quantity":
        return isinstance(held.value, dict) and "value" in held.value
    return not isinstance(held.value, dict) or bool(held.value.keys() & {"start", "end", "event"})


def _chained(criterion: Criterion, parameter: Known, values: list[Held], around: Around) -> Answer:
    """Whether a resource that is referred to satisfies the rest of the chain, where it is at hand."""
    if criterion.name == "_has" or parameter.type != "reference":
        return None
    found: list[Answer] = []
    for held in values:
        reference = held.value.get("reference") if isinstance(held.value, dict) else None
        target = around.resolve(reference) if isinstance(reference, str) else None
        if target is None:
            found.append(None)
        elif criterion.modifier in {"", target.get("resourceType")}:
            rest = _rest(criterion.chain, criterion.alternatives)
            found.append(judged(target, rest, around))
    return any_of(found)


def _rest(chain: str, alternatives: tuple[str, ...]) -> Criterion:
    head, dot, tail = chain.partition(".")
    name, _, modifier = head.partition(":")
    return Criterion(name, modifier, alternatives, tail if dot else "")
