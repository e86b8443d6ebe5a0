"""What all nouns share: they are frozen, refuse unknown members, and have one canonical form.

The canonical form is the JSON Canonicalization Scheme (RFC 8785): the same value always gives the same
bytes, so that a digest over them pins the value.
"""

import hashlib
import re
from typing import Any, Self

import orjson
import rfc8785
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from conformance.model.strictly import Json, NotJson, strict_json

__all__ = [
    "LARGEST_INTEGER",
    "Json",
    "NotJson",
    "Noun",
    "canonical",
    "compact",
    "sha256",
    "strict_json",
]

LARGEST_INTEGER = 2**53 - 1
"""The largest whole number that every reader of JSON reads alike (RFC 8785 section 3.2.2.3)."""


_FLOAT = re.compile(
    rb"""[:,\[](?<![^"]:)(?<![^\\]\\":)-?[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)(?=[,\]}])"""
)
"""A floating-point number within the compact form of a list or object, or a text that looks like one."""


_NOT_ASCII = re.compile(rb'[\x80-\xff](?:[^"\\]|\\.)*"(:?)', re.DOTALL)
"""The rest of a text in the compact form, from what is not ASCII on, and the colon behind it where it is a key."""


class Noun(BaseModel):
    """A frozen value. Its JSON members are in camelCase; unknown members are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        defer_build=True,
    )

    def plain(self) -> dict[str, Any]:
        """The value as plain JSON data, without members that hold their default."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def canonical(self) -> bytes:
        """The RFC 8785 bytes of the value."""
        return canonical(self.plain())

    @classmethod
    def read(cls, data: bytes | str) -> Self:
        """The value that these JSON bytes hold. Raises pydantic.ValidationError."""
        return cls.model_validate_json(data)


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of plain JSON data."""
    if (data := _quickly(value)) is not None:
        return data
    return compact(value) if _is_simple(value) else rfc8785.dumps(value)


def _quickly(value: Any) -> bytes | None:
    """The compact form, where a look at its bytes shows that it is the canonical one; else None.

    They differ in floating-point numbers, of which NaN is written as null, and in the order of keys that are not ASCII.
    """
    try:
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError:
        return None
    if (
        isinstance(value, float)
        or _FLOAT.search(data)
        or (not data.isascii() and any(_NOT_ASCII.findall(data)))
    ):
        return None
    return data if b"null" not in data or orjson.loads(data) == value else None


def _is_simple(value: Any) -> bool:
    """Whether both forms of the value are the same bytes, of which the compact one is written thirty times as fast.

    They are where there is no floating-point number, and no key or integer out of the ordinary.
    """
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if not "".join(item).isascii():
                return False
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
        elif isinstance(item, float) or (isinstance(item, int) and abs(item) > LARGEST_INTEGER):
            return False
    return True


def compact(value: Any) -> bytes:
    """JSON bytes on one line with sorted members: for lines of evidence, faster than the canonical form."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256(data: bytes) -> str:
    """The lowercase hexadecimal SHA-256 of these bytes."""
    return hashlib.sha256(data).hexdigest()
