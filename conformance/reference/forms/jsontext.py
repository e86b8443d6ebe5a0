"""JSON as FHIR wants it: decimals keep the digits they were written with, and no name may come twice.

See https://hl7.org/fhir/R4/json.html and the note on precision at https://hl7.org/fhir/R4/datatypes.html#decimal.
"""

import json
from typing import Any, Self

import orjson


class Decimal(float):
    """A JSON number with a fraction or an exponent, which is written out again exactly as it came in."""

    text: str

    def __new__(cls, text: str) -> Self:
        """Keep the digits beside the value."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def parse(body: bytes | str, *, unique: bool = True) -> Any:
    """The value that a JSON text stands for; raises ValueError with what is wrong with it.

    Unless names have to be `unique`, the last of several members with one name counts.
    """
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        members = _members if unique else dict
        value = json.loads(text, object_pairs_hook=members, parse_float=Decimal, parse_constant=_no_constant)
        dump(value)
    except UnicodeDecodeError as error:
        message = f"the body is not UTF-8: {error.reason} at byte {error.start}"
        raise ValueError(message) from error
    except RecursionError as error:
        message = "the JSON is nested too deeply"
        raise ValueError(message) from error
    return value


def dump(value: Any, *, indented: bool = False) -> bytes:
    """One line of JSON in UTF-8, or several; raises ValueError for what JSON in UTF-8 cannot hold."""
    try:
        return orjson.dumps(value, _written_as_read, orjson.OPT_INDENT_2 if indented else None)
    except orjson.JSONEncodeError as error:
        message = f"the JSON holds a value that cannot be kept: {error}"
        raise ValueError(message) from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        message = f"the member {twice!r} comes twice in one object"
        raise ValueError(message)
    return members


def _no_constant(text: str) -> Any:
    message = f"{text} is not JSON"
    raise ValueError(message)


def _written_as_read(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(value.text)
    raise TypeError(type(value).__name__)
