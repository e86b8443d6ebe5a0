"""What to search for: criteria made of the values that a target's own resources hold, rare ones first.

Everything follows from the discovery evidence and one number. A criterion is judged over all sampled resources of its
type before it is sent, so that it is known which of them must be found and which must not.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conformance.fhir.bundles import reference
from conformance.fhir.capability import searchable_types
from conformance.fhir.search.answers import Answer, all_of
from conformance.fhir.search.criteria import RESULT_PARAMETERS, criteria, query
from conformance.fhir.search.form import Text
from conformance.fhir.search.forms import FORMS
from conformance.fhir.search.forms_composite import composite_texts
from conformance.fhir.search.held import Held
from conformance.fhir.search.judge import Around, decision
from conformance.fhir.search.parameters import Known, held_values, kinds, known
from conformance.plugin import Evidence

Resource = dict[str, Any]
_NAME = re.compile(r"[A-Za-z0-9_-]+")

TRIED = 6
"""How many values of one parameter are looked at to find a rare one."""

MISSING = {"missing": "true", "present": "false"}
"""The forms that ask whether there is a value."""

EXPECTED = 4
"""How many resources that must be found are named."""


@dataclass(frozen=True, eq=False)
class Field:
    """One declared parameter of a type, with its values in each sampled resource.

    Many tests ask the same of it, so what was worked out once is kept.
    """

    resource: str
    parameter: Known
    resources: tuple[Resource, ...]
    base: str
    whole: "tuple[Field, tuple[int, ...]] | None" = None
    """What this is a part of, if of anything, and the places of its rows there."""

    def among(self, names: Collection[str]) -> "Field":
        """The same of those resources only that are named."""
        places = tuple(place for place, name in enumerate(self.names) if name in names)
        return replace(self, resources=tuple(self.resources[place] for place in places), whole=(self, places))

    @cached_property
    def rows(self) -> tuple[tuple[Resource, list[Held], bool], ...]:
        """Each resource with its values, and whether they are known to be all."""
        if self.whole is not None:
            field, places = self.whole
            return tuple(field.rows[place] for place in places)
        return tuple((one, *held_values(one, self.parameter)) for one in self.resources)

    @property
    def key(self) -> str:
        """`Type.name`."""
        return f"{self.resource}.{self.parameter.name}"

    @cached_property
    def names(self) -> list[str]:
        """`Type/id` of each sampled resource."""
        return [reference(resource) for resource in self.resources]

    def answers(self, text: str) -> list[Answer]:
        """Whether each of the sampled resources satisfies a criterion of this parameter."""
        if self.whole is not None:
            field, places = self.whole
            answers = field.answers(text)
            return [answers[place] for place in places]
        if text not in self._answers:
            (criterion,) = criteria(text)
            decide = decision(criterion, self.parameter, Around(self.base))
            different, alike = self._different
            found = [decide(held, whole) for held, whole in different]
            self._answers[text] = [found[place] for place in alike]
        return self._answers[text]

    @cached_property
    def _answers(self) -> dict[str, list[Answer]]:
        return {}

    @cached_property
    def _criteria(self) -> dict[Text, str]:
        return {}

    @cached_property
    def _texts(self) -> dict[str, list[tuple[int, Text]]]:
        return {}

    @cached_property
    def _different(self) -> tuple[list[tuple[list[Held], bool]], list[int]]:
        """The rows, those that hold the same once, and the place of each row's values among them.

        The parts of a composite depend on more than its values.
        """
        held = [(values, whole) for _, values, whole in self.rows]
        if self.parameter.type == "composite":
            return held, list(range(len(held)))
        keys = [repr([(one.type, one.value) for one in values] + [whole]) for values, whole in held]
        places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        return list(dict(zip(keys, held, strict=True)).values()), [places[key] for key in keys]

    def criterion(self, text: Text) -> str:
        """The query of a text."""
        if text not in self._criteria:
            name = f"{self.parameter.name}{':' if text.modifier else ''}{text.modifier}"
            self._criteria[text] = query([(name, text.value)])
        return self._criteria[text]

    def texts(self, form: str) -> list[tuple[int, Text]]:
        """The texts of a form, each with the place of the resource that it comes from."""
        if form not in self._texts:
            self._texts[form] = list(self._made(form))
        return self._texts[form]

    def _made(self, form: str) -> Iterator[tuple[int, Text]]:
        if form in MISSING:
            yield 0, Text(MISSING[form], "missing")
            return
        if self.whole is not None:
            field, places = self.whole
            here = {there: place for place, there in enumerate(places)}
            yield from ((here[there], text) for there, text in field.texts(form) if there in here)
            return
        different, alike = self._different
        made = [[one for one in self._of_row(held, form) if one.value.isprintable()] for held, _ in different]
        for place, kind in enumerate(alike):
            for text in made[kind]:
                yield place, text

    def _of_row(self, held: list[Held], form: str) -> Iterable[Text]:
        if self.parameter.type == "composite":
            return composite_texts(self.parameter, held, form, self.base)
        make = FORMS[self.parameter.type][form]
        return [text for value in held for text in make(value, self.base)]


@dataclass(frozen=True)
class Trial:
    """One search to send, and how many of the sampled resources it finds.

    `source` is the resource that its value comes from, `matching` names some that must be found, `other` one that
    must not (empty where none is known); `control` is a search that finds the source.
    """

    query: str
    control: str
    source: str
    matching: tuple[str, ...]
    other: str
    hits: int

    @property
    def rank(self) -> tuple[bool, int, str]:
        """The less, the better it tells right from wrong."""
        return not self.other, self.hits, self.query


def declared(statement: dict[str, Any], resource: str) -> Iterator[tuple[str, str, Known | None]]:
    """Name, kind and published definition of each parameter that a type declares for searching.

    The definition is None where none of that name and kind is published for the type. One that the target names as
    its own is no other: standard parameters cannot be redefined (see `kinds`).
    """
    for name, kind in sorted(kinds(statement, resource).items()):
        if name not in RESULT_PARAMETERS and _NAME.fullmatch(name):
            found = known(resource, name)
            yield name, kind, found if found is not None and found.type == kind else None


def types(statement: dict[str, Any]) -> list[str]:
    """The types that can be searched."""
    return [kind for kind in searchable_types(statement) if kind.isalnum()]


def fields(evidence: Evidence, held: Sequence[Resource], parameter: Known, resource: str) -> Field:
    """The parameter's values in these resources, worked out once for all who ask.

    Resources that changed while they were sampled are left out.
    """
    memo = evidence.discovery.exchanges[0].memo

    def steady() -> tuple[Resource, ...]:
        times = Counter(reference(one) for one in held)
        return tuple(one for one in held if times[reference(one)] == 1)

    def made() -> Field:
        return Field(resource, parameter, memo(f"steady {resource}", steady), evidence.target.endpoint)

    return memo(f"field {resource}.{parameter.name}", made)


def trial(field: Field, form: str, choice: int) -> Trial | None:
    """The search of this form that finds the fewest of the sampled resources, of a few that the choice picks."""
    if not field.resources:
        return None
    texts = list({(text.modifier, text.value): (place, text) for place, text in field.texts(form)}.values())
    if not texts:
        return None
    step = max(1, len(texts) // TRIED)
    best: Trial | None = None
    for number in range(min(TRIED, len(texts))):
        made = _trial(field, *texts[(choice + number * step) % len(texts)])
        if made is not None and (best is None or made.rank < best.rank):
            best = made
        if best is not None and best.other and best.hits <= 1:  # none finds fewer
            break
    return best


def _trial(field: Field, place: int, text: Text) -> Trial | None:
    asked = field.criterion(text)
    answers = field.answers(asked)
    named = field.names
    matching = [name for name, answer in zip(named, answers, strict=True) if answer is True]
    control = field.criterion(Text(text.control)) if text.control else ""
    if control and field.answers(control)[place] is not True:
        control = ""
    if not matching and not (control and answers[place] is False):
        return None
    first = [named[place]] if answers[place] is True else []
    expected = dict.fromkeys([*first, *matching])
    others = (name for name, answer in zip(named, answers, strict=True) if answer is False)
    other = named[place] if answers[place] is False else next(others, "")
    return Trial(asked, control, named[place], tuple(expected)[:EXPECTED], other, len(matching))


def either(field: Field, choice: int) -> dict[str, Any] | None:
    """Two values of a parameter, each held by another resource, and a search for one or the other."""
    found = _distinct(field, choice)
    if found is None:
        return None
    (one, first), (two, second) = found
    name = field.parameter.name
    together = f"{one},{two.partition('=')[2]}"
    answers = field.answers(together)
    rest = [name for name, answer in zip(field.names, answers, strict=True) if answer is False]
    return {
        "by": name,
        "one": one,
        "two": two,
        "both": together,
        "matching": [first, second],
        "other": rest[0] if rest else "",
    }


def both(fields: Sequence[Field], choice: int) -> dict[str, Any] | None:
    """Two parameters of a type and a resource that has both values, of which another has one only if any does."""
    best: tuple[tuple[bool, int, str], dict[str, Any]] | None = None
    made = [(field, found) for field in fields if (found := trial(field, "plain", choice)) is not None]
    for field, found in made:
        for other in fields:
            if other is field:
                continue
            place = field.names.index(found.source)
            text = next((text for where, text in other.texts("plain") if where == place), None)
            if text is None:
                continue
            two = other.criterion(text)
            answers = list(zip(field.names, field.answers(found.query), other.answers(two), strict=True))
            whole = [name for name, left, right in answers if left is True and right is True]
            if not whole:
                continue
            half = [name for name, left, right in answers if left is not right and None not in (left, right)]
            row = {
                "by": f"{field.parameter.name},{other.parameter.name}",
                "one": found.query,
                "two": two,
                "both": f"{found.query}&{two}",
                "matching": whole[:EXPECTED],
                "other": half[0] if half else "",
            }
            key = (not half, len(half) + len(whole), f"{found.query}&{two}")
            if best is None or key < best[0]:
                best = (key, row)
    return best[1] if best else None


def together(fields: Sequence[Field], choice: int) -> dict[str, Any] | None:
    """A search by all of these parameters of a type, with the values of one resource that has them all."""
    rows = len(fields[0].resources) if fields else 0
    for number in range(rows):
        place = (choice + number) % rows
        texts = [next((t for at, t in one.texts("plain") if at == place), None) for one in fields]
        parts = [one.criterion(text) for one, text in zip(fields, texts, strict=True) if text is not None]
        if len(parts) < len(fields):
            continue
        answers = [field.answers(part) for field, part in zip(fields, parts, strict=True)]
        both = [all_of(column) for column in zip(*answers, strict=True)]
        if both[place] is True:
            named = fields[0].names
            found = [name for name, answer in zip(named, both, strict=True) if answer is True]
            others = [name for name, answer in zip(named, both, strict=True) if answer is False]
            first = dict.fromkeys([named[place], *found])
            return {
                "query": "&".join(parts),
                "source": named[place],
                "matching": list(first)[:EXPECTED],
                "other": others[0] if others else "",
            }
    return None


def _distinct(field: Field, choice: int) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Two searches by values of different resources, of which neither finds what the other does."""
    texts, names = field.texts("plain"), field.names
    for number in range(min(TRIED, len(texts))):
        place, text = texts[(choice + number) % len(texts)]
        one = field.criterion(text)
        answers = field.answers(one)
        for other_place, other in texts:
            two = field.criterion(other)
            if answers[other_place] is False and field.answers(two)[place] is False:
                return (one, names[place]), (two, names[other_place])
    return None
