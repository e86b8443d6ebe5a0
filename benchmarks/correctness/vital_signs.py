"""Made Observations that are vital signs by their code must also meet the structure of R4 for that code."""

import copy
from collections.abc import Iterator
from typing import Any

from conformance.fhir.definitions.table import Element

Json = dict[str, Any]
GUESSED_UNIT = "ng"
"""The unit that is taken where a value set of units cannot be expanded; R4's structures list theirs."""


QUANTITY = frozenset({"value", "unit", "system", "code"})


def measuring(root: Element) -> frozenset[str]:
    """Ids of what a vital sign is measured in: its quantity with all four parts, and the components there are."""
    return frozenset(_measuring(root))


def _measuring(element: Element) -> Iterator[str]:
    for child in element.children:
        for each in (child, *child.slices):
            if each.max == 0:
                continue
            if each.path == "Observation.component" and each is not child:
                yield each.id
            if _is_quantity(each) and all(piece.max != 0 for piece in child.slices):
                yield each.id
                yield from (part.id for part in each.children if part.name in QUANTITY and part.max != 0)
            if each.name == "component":
                yield from _measuring(each)


def _is_quantity(element: Element) -> bool:
    return element.name == "value[x]" and [ref.code for ref in element.types] == ["Quantity"]


def codings(concept: Any) -> Iterator[tuple[str, str]]:
    """System and code of each coding of a concept; nothing of what was spoilt into another shape."""
    given = concept.get("coding") if isinstance(concept, dict) else None
    for coding in given if isinstance(given, list) else ():
        if isinstance(coding, dict):
            yield str(coding.get("system")), str(coding.get("code"))


def filled(made: Json, other: Json, spared: str, path: str = "Observation") -> Json:
    """`made` with what `other` has beyond it; the element with the path `spared` stays as it was spoilt."""
    found = dict(made)
    for name, value in other.items():
        here = f"{path}.{name}"
        own = found.get(name)
        if _is_spared(here, spared) or _has_another_choice(found, name):
            continue
        if isinstance(own, list) and isinstance(value, list):
            if not spared.startswith(here):
                found[name] = _joined(own, value, spared, here)
        elif isinstance(own, dict) and isinstance(value, dict):
            found[name] = filled(own, value, spared, here)
        elif (own is None and f"_{name}" not in found) or (name == "code" and own == GUESSED_UNIT):
            found[name] = copy.deepcopy(value)
    return found


def _is_spared(here: str, spared: str) -> bool:
    """Whether a path, which names choices as JSON does (`valueQuantity`), is that of an element (`value[x]`)."""
    names, elements = here.split("."), spared.split(".")
    return len(names) == len(elements) and all(
        name == element or (element.endswith("[x]") and name.startswith(element.removesuffix("[x]")))
        for name, element in zip(names, elements, strict=True)
    )


def _has_another_choice(made: Json, name: str) -> bool:
    """Whether a value of another type is there already, or said to be absent."""
    is_value = name.startswith("value")
    return is_value and name not in made and any(key.startswith(("value", "dataAbsent")) for key in made)


def _joined(own: list[Any], other: list[Any], spared: str, here: str) -> list[Any]:
    """The items of both lists; those that code the same are one."""
    found = list(own)
    for item in other:
        marks = set(_marks(item))
        at = next((at for at, mine in enumerate(found) if marks & set(_marks(mine))), None)
        if at is None:  # an item that says nothing yet may say this
            at = next((at for at, mine in enumerate(found) if not set(_marks(mine))), None)
        if at is not None and isinstance(found[at], dict):
            found[at] = filled(found[at], item, spared, here)
        elif marks or not found:
            found.append(copy.deepcopy(item))
    return found


def _marks(item: Any) -> Iterator[tuple[str, str]]:
    """What tells an item of Observation.category, component or code.coding from others."""
    if isinstance(item, dict):
        yield from codings(item)
        yield from codings(item.get("code"))
        if isinstance(item.get("system"), str) and isinstance(item.get("code"), str):
            yield item["system"], item["code"]
