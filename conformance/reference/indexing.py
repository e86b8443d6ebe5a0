"""What the search index keeps of a resource: rows of plain values, one table for each kind of parameter.

See https://hl7.org/fhir/R4/search.html#ptypes for which parts of a datatype each kind looks at.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.reference.dates import EARLIEST, LATEST, interval
from conformance.reference.parameters import Parameter, parameters_of, values

Row = tuple[Any, ...]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "token": ("system", "code"),
    "string": ("folded", "exact"),
    "date": ("low", "high"),
    "reference": ("target", "id", "url"),
    "quantity": ("value", "system", "code", "unit"),
    "number": ("value",),
    "uri": ("value",),
}


def fold(text: str) -> str:
    """A text without case, accents and surplus blanks, for comparing as string search does."""
    if text.isascii():
        return " ".join(text.lower().split())
    parts = unicodedata.normalize("NFKD", text)
    return " ".join("".join(part for part in parts if not unicodedata.combining(part)).casefold().split())


def rows(resource: Mapping[str, Any], base_url: str) -> Iterator[tuple[Parameter, set[Row]]]:
    """For each parameter of the resource's type, the rows that the index must hold."""
    for parameter in parameters_of(resource["resourceType"]):
        found: set[Row] = set()
        for path in parameter.paths:
            if path[0].element not in resource:
                continue
            for value in values(resource, path):
                found.update(_READERS[parameter.kind](value, parameter, base_url))
        if found:
            yield parameter, found


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
        yield (target, identifier, url)


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
_READERS: Mapping[str, Callable[[Any, Parameter, str], Iterator[Row]]] = {
    "token": _token,
    "string": _string,
    "date": _date,
    "reference": _reference,
    "quantity": _quantity,
    "number": _number,
    "uri": _uri,
}
