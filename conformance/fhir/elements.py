"""The values that stand at an element path of a resource, in the text form that searches and profiles use."""

from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]


def values(resource: Resource, path: str) -> Iterator[Any]:
    """The values at a dotted path below the resource (`name.family`), arrays walked, in document order."""
    found: list[Any] = [resource]
    for name in path.split("."):
        found = [
            item
            for holder in found
            if isinstance(holder, dict) and name in holder
            for item in (holder[name] if isinstance(holder[name], list) else [holder[name]])
        ]
    yield from found


def texts(resource: Resource, path: str) -> Iterator[str]:
    """The same values as texts: those of complex types in the form in which a search states them."""
    for value in values(resource, path):
        yield from as_text(value)


def as_text(value: Any) -> Iterator[str]:
    """A value in the form of a search value (FHIR R4 search.html#ptypes); nothing where there is no such form.

    An Identifier gives `system|value`, a Coding `system|code`, a CodeableConcept that of each coding, a Reference
    its `reference`, a Quantity `value|system|code`.
    """
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str | int | float):
        yield str(value)
    elif isinstance(value, dict):
        yield from _complex_as_text(value)


def _complex_as_text(value: dict[str, Any]) -> Iterator[str]:
    if isinstance(value.get("coding"), list):
        for coding in value["coding"]:
            yield from as_text(coding)
    elif isinstance(value.get("reference"), str):
        yield value["reference"]
    elif isinstance(value.get("system"), str):
        if isinstance(value.get("value"), str):
            yield f"{value['system']}|{value['value']}"
        elif isinstance(value.get("value"), int | float):
            yield f"{value['value']}|{value['system']}|{value.get('code', '')}"
        elif isinstance(value.get("code"), str):
            yield f"{value['system']}|{value['code']}"
