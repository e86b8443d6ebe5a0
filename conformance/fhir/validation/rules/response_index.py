"""Where a QuestionnaireResponse has its answers, so that a condition finds the nearest ones quickly.

Source: FHIR R4, the definition of Questionnaire.item.enableWhen.question: of several items with one linkId, the one
is meant that is nearest by going up first.
"""

from dataclasses import dataclass
from typing import Any

from conformance.fhir.validation.rules.reading import Json, choice_of, objects_at, text_at

ROOT = 0
DEEPEST = 150
"""Items below this many others are left out: the walk goes no further either, and says so."""


@dataclass(frozen=True, slots=True)
class ResponseIndex:
    """The items of a response by number; `place_of` an item's object gives its number, the response itself is 0."""

    items: tuple[Json, ...]
    parents: tuple[int, ...]
    first_below: dict[tuple[str, int], int]
    numbers: dict[int, int]

    def place_of(self, item: Any) -> int:
        """The number of an item's object, as the index met it; 0 for what is no item."""
        return self.numbers.get(id(item), ROOT)

    def answers(self, link: str, place: int) -> list[tuple[str, Any]]:
        """The answers, as type and value, of the item with this linkId that is nearest to a place."""
        while True:
            found = self.first_below.get((link, place))
            if found is not None:
                return answers_of(self.items[found])
            if place == ROOT:
                return []
            place = self.parents[place]


def answers_of(item: Json) -> list[tuple[str, Any]]:
    """The answers of one item that have a value."""
    found = [choice_of(answer, "value") for answer in objects_at(item, "answer")]
    return [(kind, value) for kind, value in found if kind]


def index_of(response: Json) -> ResponseIndex:
    """The index of a response's items, in document order; its size is bounded by items times depth."""
    items: list[Json] = [response]
    parents: list[int] = [ROOT]
    numbers: dict[int, int] = {id(response): ROOT}
    first_below: dict[tuple[str, int], int] = {}
    waiting = [(item, ROOT, 1) for item in reversed(_inside(response))]
    while waiting:
        item, parent, depth = waiting.pop()
        number = len(items)
        items.append(item)
        parents.append(parent)
        numbers[id(item)] = number
        link, place = text_at(item, "linkId"), number
        while link and (link, place) not in first_below:
            first_below[link, place] = number
            if place == ROOT:
                break
            place = parents[place]
        if depth < DEEPEST:
            waiting.extend((one, number, depth + 1) for one in reversed(_inside(item)))
    return ResponseIndex(tuple(items), tuple(parents), first_below, numbers)


def _inside(item: Json) -> list[Json]:
    return [
        *objects_at(item, "item"),
        *(one for answer in objects_at(item, "answer") for one in objects_at(answer, "item")),
    ]
