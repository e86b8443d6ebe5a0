"""What the search index keeps of a resource: rows of plain values, one table for each kind of parameter.

See https://hl7.org/fhir/R4/search.html#ptypes for which parts of a datatype each kind looks at.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from conformance.reference.forms.dates import EARLIEST, LATEST, interval
from conformance.reference.records.parameters import Parameter, parameters_of, values

Row = tuple[Any, ...]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "token": ("system", "code"),
    "string": ("folded", "exact"),
    "date": ("low", "high"),
    "reference": ("target", "id", "url"),
    "quantity": ("value", "system", "code", "unit"),
    "number": ("value",),
    "uri": ("value",),
    "display": ("folded",),
}


def fold(text: str) -> str:
    """A text without case, accents and surplus blanks, for comparing as string search does."""
    if text.isascii():
        return " ".join(text.lower().split())
    parts = unicodedata.normalize("NFKD", text)
    return " ".join("".join(part for part in parts if not unicodedata.combining(part)).casefold().split())


def rows(resource: Mapping[str, Any], base_url: str) -> Iterator[tuple[Parameter, set[Row]]]:
    """For each parameter of the resource's type, and what is searched beside it, the rows that the index must hold."""
    for parameter, readings in _read_as(resource["resourceType"]):
        if parameter.kind == "composite":
            yield from _composite(resource, parameter, base_url)
            continue
        held = [
            value
            for path in parameter.paths
            if path[0].element in resource
            for value in values(resource, path)
        ]
        if not held:
            continue
        for kept, read in readings:
            found = {row for value in held for row in read(value, parameter, base_url)}
            if found:
                yield kept, found


Reading = Callable[[Any, Parameter, str], Iterator[Row]]


@lru_cache
def _read_as(resource_type: str) -> tuple[tuple[Parameter, tuple[tuple[Parameter, Reading], ...]], ...]:
    """The parameters of a type: each with itself and what is kept beside it, and how these are read."""
    return tuple((parameter, tuple(_readings(parameter))) for parameter in parameters_of(resource_type))


def _readings(parameter: Parameter) -> Iterator[tuple[Parameter, Reading]]:
    if parameter.kind != "composite":
        yield parameter, _READERS[parameter.kind]
    if parameter.kind == "token":
        yield parameter.beside("text", "display"), _display
    elif parameter.kind == "reference":
        yield parameter.beside("identifier", "token"), _logical


def _composite(
    resource: Mapping[str, Any], parameter: Parameter, base_url: str
) -> Iterator[tuple[Parameter, set[Row]]]:
    places = [place for path in parameter.paths for place in values(resource, path)]
    for number, place in enumerate(places):
        for index in range(len(parameter.parts)):
            part = parameter.part(index, number)
            read = _READERS[part.kind]
            found = {
                row
                for path in part.paths
                for value in values(place, path)
                for row in read(value, part, base_url)
            }
            if found:
                yield part, found


def _display(value: Any, _: Parameter, __: str) -> Iterator[Row]:
    """The texts of CodeableConcept, Coding and of the type of an Identifier."""
    if isinstance(value, dict):
        for name in ("text", "display"):
            if isinstance(value.get(name), str):
                yield (fold(value[name]),)
        for coding in value.get("coding", ()):
            yield from _display(coding, _, __)
        if isinstance(value.get("type"), dict):
            yield from _display(value["type"], _, __)


def _logical(value: Any, parameter: Parameter, base_url: str) -> Iterator[Row]:
    """The identifier of a logical reference."""
    if isinstance(value, dict) and isinstance(value.get("identifier"), dict):
        yield from _token(value["identifier"], parameter, base_url)


def _token(value: Any, parameter: Parameter, _: str) -> Iterator[Row]:
    if isinstance(value, bool):
        yield ("", "true" if value else "false")
    elif isinstance(value, str):
        yield ("", value)
        if parameter.system:
            yield (parameter.system, value)
    elif isinstance(value, dict):
        if "coding" in value:
            for coding in value["coding"]:
                yield from _token(coding, parameter, "")
        elif "code" in value:
            yield (value.get("system", ""), value["code"])
        elif "value" in value:
            # A ContactPoint has a kind (phone, email), not a code system.
            system = value.get("system", "")
            yield ("" if system in _CONTACT_KINDS else system, value["value"])


def _string(value: Any, _: Parameter, __: str) -> Iterator[Row]:
    if isinstance(value, str):
        yield (fold(value), value)
    elif isinstance(value, dict):
        for name in _STRING_PARTS:
            part = value.get(name)
            for text in part if isinstance(part, list) else [part]:
                if isinstance(text, str):
                    yield (fold(text), text)


def _date(value: Any, _: Parameter, __: str) -> Iterator[Row]:
    if isinstance(value, str):
        yield interval(value)
    elif isinstance(value, dict) and ("start" in value or "end" in value):
        low = interval(value["start"])[0] if "start" in value else EARLIEST
        high = interval(value["end"])[1] if "end" in value else LATEST
        yield (low, high)


def _reference(value: Any, parameter: Parameter, base_url: str) -> Iterator[Row]:
    reference = value.get("reference") if isinstance(value, dict) else None
    if not isinstance(reference, str) or reference.startswith("#"):
        return
    target, identifier, url = split_reference(reference, base_url)
    if not parameter.target or target == parameter.target:
        # What names a version is kept beside the resource that it is a version of.
        yield (target, identifier, url or (reference if "/_history/" in reference else ""))


def split_reference(reference: str, base_url: str) -> tuple[str, str, str]:
    """The type, id and, if it points elsewhere, the whole address of a literal reference."""
    local = reference.removeprefix(base_url + "/")
    parts = local.split("/_history/")[0].split("/")
    if len(parts) == 2 and parts[0][:1].isupper() and ":" not in local:  # noqa: PLR2004 - Type/id
        return parts[0], parts[1], ""
    return "", "", reference


def _quantity(value: Any, _: Parameter, __: str) -> Iterator[Row]:
    if isinstance(value, dict) and "value" in value:
        yield (float(value["value"]), value.get("system", ""), value.get("code", ""), value.get("unit", ""))


def _number(value: Any, _: Parameter, __: str) -> Iterator[Row]:
    if isinstance(value, (int, float)):
        yield (float(value),)


def _uri(value: Any, _: Parameter, __: str) -> Iterator[Row]:
    if isinstance(value, str):
        yield (value,)


_CONTACT_KINDS = frozenset({"phone", "fax", "email", "pager", "url", "sms", "other"})
_STRING_PARTS = (
    *("family", "given", "prefix", "suffix", "text"),
    *("line", "city", "district", "state", "postalCode", "country"),
)
_READERS: Mapping[str, Reading] = {
    "token": _token,
    "string": _string,
    "date": _date,
    "reference": _reference,
    "quantity": _quantity,
    "number": _number,
    "uri": _uri,
}
