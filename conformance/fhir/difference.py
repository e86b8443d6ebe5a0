"""Every element in which two copies of a resource differ, for the question whether a way through a server loses any.

Stricter than `sameness`, which asks what a server may make of what it is sent: here the order of a list matters, dates
keep their precision and offset, decimals their digits (https://hl7.org/fhir/R4/datatypes.html#decimal), primitives
their ids and extensions, and what came out of nowhere is told too. What is said in two ways and means one thing is the
same: a primitive's extensions beside or before its value, trailing nulls of an array, line breaks within base64.
"""

import base64
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["lost", "altered", "added"]
Aspect = Literal["codes", "dates", "units", "identifiers", "other"]
"""What a value is for the next system: part of a Coding, a date, part of a Quantity, part of an Identifier."""

VALUE = ""
"""The member under which the value of a primitive stands beside its id and extensions."""
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d.*)?)?)?", re.ASCII)
_OF_A_CODING = frozenset({"system", "version", "code", "display", "userSelected"})
_OF_A_QUANTITY = frozenset({"value", "comparator", "unit", "system", "code"})
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Difference:
    """One element: its path without positions (`Patient.name.given`), its place with them, and both values."""

    kind: Kind
    path: str
    place: str
    aspect: Aspect
    before: Any = None
    after: Any = None


def differences(
    before: dict[str, Any], after: dict[str, Any], ignore: Collection[str] = ()
) -> Iterator[Difference]:
    """In what a resource that came back differs from what it was.

    Decimals are Decimal in both. `ignore` names paths below the resource (`meta.versionId`) that may differ, with all
    that is below them.
    """
    kind = str(before.get("resourceType"))
    ignored = {f"{kind}.{path}" for path in ignore}
    for found in _between(kind, _joined(before), _joined(after), "other"):
        if not any(found.path == path or found.path.startswith(f"{path}.") for path in ignored):
            yield found


def aspects_in(resource: dict[str, Any]) -> set[Aspect]:
    """Of which kinds the values of a resource are: what a comparison of it can show."""
    kind = str(resource.get("resourceType"))
    return {found.aspect for found in _all("lost", kind, _joined(resource), "other")}


def _joined(value: Any) -> Any:
    """The value in which each primitive is an object with its value and what is written beside it."""
    if isinstance(value, list):
        items = [_joined(item) for item in value]
        while items and items[-1] == {}:
            items.pop()
        return items
    if not isinstance(value, dict):
        return {} if value is None else {VALUE: value}
    found: dict[str, Any] = {}
    for name in dict.fromkeys(name.removeprefix("_") for name in value):
        found[name] = _beside(_joined(value.get(name)), _joined(value.get(f"_{name}")))
    return found


def _beside(whole: Any, beside: Any) -> Any:
    if isinstance(whole, list) and isinstance(beside, list):
        length = max(len(whole), len(beside))
        padded = ([*items, *([{}] * (length - len(items)))] for items in (whole, beside))
        return [_beside(one, other) for one, other in zip(*padded, strict=True)]
    if isinstance(whole, dict) and isinstance(beside, dict):
        return whole | beside
    return whole or beside


def _between(place: str, before: Any, after: Any, aspect: Aspect) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before:
            inner, meant = _below(place, name, before, aspect)
            if name in after:
                yield from _between(inner, before[name], after[name], meant)
            else:
                yield from _all("lost", inner, before[name], meant)
        for name in after.keys() - before.keys():
            inner, meant = _below(place, name, after, aspect)
            yield from _all("added", inner, after[name], meant)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _between_items(place, before, after, aspect)
    elif isinstance(before, dict | list) or isinstance(after, dict | list):
        yield from _all("lost", place, before, aspect)
        yield from _all("added", place, after, aspect)
    elif not _same(place, before, after):
        yield _difference("altered", place, before, after, aspect)


def _between_items(place: str, before: list[Any], after: list[Any], aspect: Aspect) -> Iterator[Difference]:
    for number in range(max(len(before), len(after))):
        inner = f"{place}[{number}]"
        if number >= len(after):
            yield from _all("lost", inner, before[number], aspect)
        elif number >= len(before):
            yield from _all("added", inner, after[number], aspect)
        else:
            yield from _between(inner, before[number], after[number], aspect)


def _all(kind: Kind, place: str, value: Any, aspect: Aspect) -> Iterator[Difference]:
    """Each value below a place."""
    if isinstance(value, dict):
        for name, item in value.items():
            inner, meant = _below(place, name, value, aspect)
            yield from _all(kind, inner, item, meant)
        if not value:
            yield _difference(kind, place, {}, {}, aspect)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _all(kind, f"{place}[{number}]", item, aspect)
        if not value:
            yield _difference(kind, place, [], [], aspect)
    else:
        yield _difference(kind, place, value, value, aspect)


def _below(place: str, name: str, owner: dict[str, Any], aspect: Aspect) -> tuple[str, Aspect]:
    """The place of a member, and of what kind it is: what belongs to an identifier stays of that kind."""
    if name == VALUE:
        return place, aspect
    here = _INDEX.sub("", place).rpartition(".")[2]
    inner = f"{place}.{name}"
    if aspect != "other":
        return inner, aspect
    if name == "identifier" or name.endswith("Identifier"):
        return inner, "identifiers"
    if name in _OF_A_CODING and (here in {"coding", "tag", "security"} or here.endswith("Coding")):
        return inner, "codes"
    if name in _OF_A_QUANTITY and isinstance(_number(owner), int | Decimal):
        return inner, "units"
    return inner, "other"


def _number(owner: dict[str, Any]) -> Any:
    value = owner.get("value")
    return value.get(VALUE) if isinstance(value, dict) else None


def _difference(kind: Kind, place: str, before: Any, after: Any, aspect: Aspect) -> Difference:
    if aspect == "other" and isinstance(before, str) and _DATE.fullmatch(before):
        aspect = "dates"
    path = _INDEX.sub("", place)
    return Difference(
        kind,
        path,
        place,
        aspect,
        None if kind == "added" else before,
        None if kind == "lost" else after,
    )


def _same(place: str, before: Any, after: Any) -> bool:
    if isinstance(before, bool) or isinstance(after, bool):
        return before is after
    if isinstance(before, int | Decimal) and isinstance(after, int | Decimal):
        return Decimal(before).as_tuple() == Decimal(after).as_tuple()
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    return before == after or (_holds_bytes(place) and _bytes(before) == _bytes(after))


def _holds_bytes(place: str) -> bool:
    """Whether an element of this name is base64Binary; SampledData.data is a text."""
    return place.endswith((".data", ".valueBase64Binary")) and "SampledData" not in place


def _bytes(text: str) -> bytes | str:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return text
