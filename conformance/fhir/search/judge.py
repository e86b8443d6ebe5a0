"""Does a resource satisfy a search? The criteria that are judged, and how they are put together.

Source: FHIR R4, https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.fhir.search.answers import Answer, Test, all_of, any_of, negated, undecided
from conformance.fhir.search.criteria import Criterion, criteria, split, unescaped
from conformance.fhir.search.dates import date_test
from conformance.fhir.search.numbers import number_test, quantity_test
from conformance.fhir.search.parameters import Held, Known, below, by_url, held_values, known
from conformance.fhir.search.references import reference_test, uri_test
from conformance.fhir.search.strings import parts, string_test
from conformance.fhir.search.tokens import token_test, tokens

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
    tests = _tests(parameter.type, criterion.alternatives, plain, around.base)
    return any_of(test(held.type, held.value) for test in tests for held in values)


@lru_cache(maxsize=1024)
def _tests(kind: str, texts: tuple[str, ...], modifier: str, base: str) -> tuple[Test, ...]:
    """What tells, for each searched value of this kind of parameter, whether a held value matches it."""
    return tuple(_test(kind, text, modifier, base) for text in texts)


def _test(kind: str, text: str, modifier: str, base: str) -> Test:  # noqa: PLR0911 - one for each kind
    match kind:
        case "token":
            return token_test(text, modifier)
        case "string":
            return string_test(unescaped(text), modifier)
        case "date":
            return date_test(unescaped(text))
        case "number":
            return number_test(unescaped(text))
        case "quantity":
            return quantity_test(text)
        case "reference":
            return reference_test(text, modifier, base)
        case "uri":
            return uri_test(text, modifier)
        case _:
            return undecided


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
    (test,) = _tests(definition.type, (text,), "", around.base)
    answer = any_of(test(value.type, value.value) for value in found)
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
