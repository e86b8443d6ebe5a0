"""JSON text read strictly. Without the library of the nouns, which takes long to load: not every process needs it."""

import json
import re
from collections import Counter
from math import isinf
from typing import Any, TypeAlias

import orjson

__all__ = ["Json", "NotJson", "strict_json"]

Json: TypeAlias = Any
"""Plain JSON data: None, bool, int, float, str, and lists and string-keyed dicts of these."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
"""What may be half of a character: one of a pair of surrogates, written out or as it is."""


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
