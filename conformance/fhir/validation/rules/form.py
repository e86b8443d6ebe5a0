"""A Questionnaire as a response is compared with it."""

from typing import Any

from conformance.fhir.definitions.library import CORE
from conformance.fhir.validation.rules.reading import Json, objects_at, text_at


def links_of(questionnaire: Json) -> frozenset[str]:
    """The linkIds of all items of a Questionnaire."""
    links: set[str] = set()
    waiting = objects_at(questionnaire, "item")
    while waiting:
        item = waiting.pop()
        links.add(text_at(item, "linkId"))
        waiting.extend(objects_at(item, "item"))
    return frozenset(links)


def occurrences(item: Json) -> tuple[int | None, int | None, bool]:
    """The least and the most occurrences that the extensions of an item allow, and whether it repeats."""
    least = most = None
    for extension in objects_at(item, "extension"):
        if extension.get("url") == f"{CORE}questionnaire-minOccurs":
            least = _integer(extension.get("valueInteger"))
        elif extension.get("url") == f"{CORE}questionnaire-maxOccurs":
            most = _integer(extension.get("valueInteger"))
    return least, most, item.get("repeats") is True or text_at(item, "type") == "display"


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
