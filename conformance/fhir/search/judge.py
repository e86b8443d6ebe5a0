"""Does a resource satisfy a search? The criteria that are judged, and how they are put together.

Source: FHIR R4, https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from conformance.fhir.search.answers import Answer, Test, all_of, any_of, negated, undecided
from conformance.fhir.search.criteria import Criterion, criteria, split, unescaped
from conformance.fhir.search.dates import date_test
from conformance.fhir.search.held import Held
from conformance.fhir.search.numbers import number_test, quantity_test
from conformance.fhir.search.parameters import Known, below, by_url, held_values, known
from conformance.fhir.search.references import reference_test, uri_test
from conformance.fhir.search.strings import parts, string_test
from conformance.fhir.search.tokens import token_test, tokens

__all__ = ["MODIFIERS", "Around", "Decide", "Resolve", "decision", "finder", "judged", "satisfies"]

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


BY_SOUND = frozenset({"phonetic"})
"""Names of parameters that find what sounds alike, by an algorithm of the server's own."""

ORDERED = frozenset({"date", "number", "quantity"})
"""The kinds of parameters whose values may have a prefix."""

NOWHERE = Around()


def satisfies(resource: Resource, query: str, around: Around = NOWHERE) -> Answer:
    """Whether a search of the resource's type with this query (`code=x&status:not=y`) finds the resource."""
    kind = resource.get("resourceType")
    return finder(kind if isinstance(kind, str) else "", query, around)(resource)


@lru_cache(maxsize=512)
def finder(kind: str, query: str, around: Around = NOWHERE) -> Callable[[Resource], Answer]:
    """The same for a type and a query: read once, for as many resources as there are."""
    readings = [_reading(kind, criterion, around) for criterion in criteria(query)]
    if len(readings) == 1:
        return partial(_judged, readings[0])
    return lambda resource: all_of(_judged(reading, resource) for reading in readings)


def judged(resource: Resource, criterion: Criterion, around: Around = NOWHERE) -> Answer:
    """Whether the resource satisfies one criterion. Never raises, whatever the resource and the criterion."""
    kind = resource.get("resourceType")
    return _judged(_reading(kind if isinstance(kind, str) else "", criterion, around), resource)


Decide = Callable[[list[Held], bool], Answer]
"""From the values that a parameter looks at, and whether they are known to be all, to whether a criterion is met."""

_Reading = tuple[Known, Decide] | None
"""A criterion as it is understood for a type; None where no such parameter is published."""


def _reading(kind: str, criterion: Criterion, around: Around) -> _Reading:
    parameter = known(kind, criterion.name)
    return None if parameter is None else (parameter, decision(criterion, parameter, around))


def _judged(reading: _Reading, resource: Resource) -> Answer:
    if reading is None:
        return None
    parameter, decide = reading
    return decide(*held_values(resource, parameter))


def decision(criterion: Criterion, parameter: Known, around: Around = NOWHERE) -> Decide:
    """What tells whether values of the parameter meet the criterion: read once, for as many resources as there are."""
    decide = _decision(criterion, parameter, around)

    def decided(values: list[Held], whole: bool) -> Answer:  # noqa: FBT001 - as `held_values` gives both
        answer = decide(values, whole)
        return answer if whole or answer is True else None

    return decided


def _decision(criterion: Criterion, parameter: Known, around: Around) -> Decide:
    if criterion.chain:
        return lambda values, _: _chained(criterion, parameter, values, around)
    if criterion.modifier == "missing":
        return lambda values, _: _missing(criterion, parameter, values)
    if parameter.type == "composite":
        return lambda values, _: any_of(
            _composite(text, parameter, values, around) for text in criterion.alternatives
        )
    plain = _plain(criterion, parameter, around)
    if criterion.modifier != "not":
        return plain
    # With several values, `:not` is read in more than one way.
    one = len(criterion.alternatives) == 1
    return lambda values, whole: negated(plain(values, whole)) if whole and one else None


def _plain(criterion: Criterion, parameter: Known, around: Around) -> Decide:
    """Whether a value matches one of those searched for; `:not` is not looked at."""
    modifier = criterion.modifier
    permitted = modifier in MODIFIERS.get(parameter.type, ()) or _is_reference_modifier(parameter, modifier)
    if "" in criterion.alternatives or not permitted:
        return lambda _values, _whole: None
    tests = _tests(parameter.type, criterion.alternatives, "" if modifier == "not" else modifier, around.base)
    by_sound = criterion.name in BY_SOUND
    other = any(text.startswith("ne") for text in criterion.alternatives)
    # R4 does not say whether no value is another value.
    none: Answer = None if parameter.type in ORDERED and other else False

    def decide(values: list[Held], _whole: bool) -> Answer:  # noqa: FBT001 - one of many alike
        answer = none if not values else None if by_sound else False
        for held in values:
            for test in tests:
                match = test(held)
                if match is True:
                    return True
                if match is None:
                    answer = None
        return answer

    return decide


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
    answer = any_of(test(value) for value in found)
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
        return any(token.code for token in held.read(tokens))
    if kind == "string":
        return any(expected and text for text, expected in held.read(parts))
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
