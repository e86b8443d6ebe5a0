"""The query part of a search, read: its criteria, their modifiers, and their values cut where nothing escapes.

Source: FHIR R4, search.html#modifiers, #combining, #escaping, #chaining, #has.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote

__all__ = ["RESULT_PARAMETERS", "Criterion", "criteria", "escaped", "query", "split", "unescaped"]

SEPARATORS = "\\,$|"
_ESCAPES = str.maketrans({character: f"\\{character}" for character in SEPARATORS})
_ESCAPED = re.compile(rf"\\([{re.escape(SEPARATORS)}])")

RESULT_PARAMETERS = frozenset(
    {
        *("_contained", "_containedType", "_count", "_elements", "_format", "_graph", "_include"),
        *("_pretty", "_revinclude", "_score", "_sort", "_summary", "_total"),
    }
)
"""Parameters that say how results are given, not which they are (search.html#return)."""


@dataclass(frozen=True)
class Criterion:
    """One `name=value` of a search. `alternatives` are its values between commas, their escapes still in.

    `modifier` stands behind the name (`:exact`). Where the name is chained (`subject:Patient.name`), `name` and
    `modifier` are those of the reference and `chain` is the rest; for `_has`, `chain` is all that comes after it.
    """

    name: str
    modifier: str
    alternatives: tuple[str, ...]
    chain: str = ""


@lru_cache(maxsize=1024)
def criteria(text: str) -> tuple[Criterion, ...]:
    """The criteria of a query (`code=x&status:not=y`), percent-encoding undone; result parameters left out."""
    return tuple(
        _criterion(name, value)
        for name, value in parse_qsl(text, keep_blank_values=True)
        if name.partition(":")[0] not in RESULT_PARAMETERS
    )


def query(pairs: Iterable[tuple[str, str]]) -> str:
    """These names and values as a query, percent-encoded (RFC 3986)."""
    return "&".join(f"{quote(name, safe=':')}={quote(value, safe=':')}" for name, value in pairs)


def split(text: str, separator: str) -> list[str]:
    """A text cut at each separator that no backslash escapes; the escapes stay in."""
    if "\\" not in text:
        return text.split(separator)
    parts = [""]
    escaping = False
    for char in text:
        if char == separator and not escaping:
            parts.append("")
        else:
            parts[-1] += char
        escaping = char == "\\" and not escaping
    return parts


def unescaped(text: str) -> str:
    """A text without the backslashes that escape; one before any other character is itself."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def escaped(text: str) -> str:
    """A text in which nothing separates: backslash, comma, dollar and bar escaped."""
    return text.translate(_ESCAPES)


def _criterion(full_name: str, value: str) -> Criterion:
    if full_name.startswith("_has:"):
        return Criterion("_has", "", tuple(split(value, ",")), full_name.removeprefix("_has:"))
    head, dot, chain = full_name.partition(".")
    name, _, modifier = head.partition(":")
    return Criterion(name, modifier, tuple(split(value, ",")), chain if dot else "")
