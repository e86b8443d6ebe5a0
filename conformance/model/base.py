"""What all nouns share: they are frozen, refuse unknown members, and have one canonical form.

The canonical form is the JSON Canonicalization Scheme (RFC 8785): the same value always gives the same
bytes, so that a digest over them pins the value.
"""

import hashlib
import json
import re
from collections import Counter
from math import isinf
from typing import Any, Self, TypeAlias

import orjson
import rfc8785
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

Json: TypeAlias = Any
"""Plain JSON data: None, bool, int, float, str, and lists and string-keyed dicts of these."""


LARGEST_INTEGER = 2**53 - 1
"""The largest whole number that every reader of JSON reads alike (RFC 8785 section 3.2.2.3)."""


_FLOAT = re.compile(
    rb"""[:,\[](?<![^"]:)(?<![^\\]\\":)-?[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)(?=[,\]}])"""
)
"""A floating-point number within the compact form of a list or object, or a text that looks like one."""


_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
"""What may be half of a character: one of a pair of surrogates, written out or as it is."""
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


class NotJson(ValueError):
    """These bytes are no JSON text that all readers would read alike; the message says why."""


def strict_json(data: bytes | str) -> Json:
    """The value of a JSON text (RFC 8259), read strictly.

    Refuses what lenient readers let through or read differently: duplicate members, NaN and Infinity, a byte
    order mark, invalid UTF-8, halves of characters, numbers beyond reason, and nesting too deep to walk. Raises
    NotJson.
    """
    if isinstance(data, bytes) and (same := _as_written(data)):
        return same[0]
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = json.loads(
            text, object_pairs_hook=_unique_members, parse_constant=_no_constant, parse_float=_finite
        )
        if _HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson("a text in it holds half of a character (a surrogate that stands alone)") from None
    except UnicodeDecodeError as error:
        raise NotJson(f"it is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except NotJson:
        raise
    except ValueError:  # Python's own, for a whole number of more than 4,300 digits
        raise NotJson(
            "a whole number in it is too large for a number that every reader reads alike"
        ) from None
    return value


def _as_written(data: bytes) -> tuple[Json, ...]:
    """The value, read fast, of a text that is written back as the very same bytes; empty for any other text.

    What lenient readers read differently is never written back so: of a member that stands twice one is gone.
    """
    try:
        value = orjson.loads(data)
        return (value,) if orjson.dumps(value) == data else ()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return ()


def _unique_members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = Counter(name for name, _ in pairs)
        twice = names.most_common(1)[0][0]
        raise NotJson(f"the member {twice!r} stands twice in one object")
    return members


def _finite(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise NotJson(f"{text[:30]} is too large for a number that every reader reads alike")
    return value


def _no_constant(name: str) -> Json:
    raise NotJson(f"{name} is no JSON number")
