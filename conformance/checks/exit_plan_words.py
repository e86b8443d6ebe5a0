"""What an exit plan may write that says nothing: placeholders, open prices, example addresses, empty digests."""

import re
from urllib.parse import urlsplit

from conformance.plugin import Json

_EDGES = " \t\r\n.,:;!?-_*()[]<>{}\"'"
_PLACEHOLDERS = frozenset(
    {
        *("", "n/a", "na", "nil", "none", "not applicable", "not known", "unknown", "x", "xx", "lorem ipsum"),
        *("tba", "tbc", "tbd", "to be agreed", "to be announced", "to be confirmed", "to be decided"),
        *(
            "to be defined",
            "to be determined",
            "to be provided",
            "to follow",
            "fill in",
            "example",
            "placeholder",
        ),
        *("nobody", "no one", "noone", "somebody", "someone", "anybody", "anyone", "whoever"),
    }
)
_OPEN_PRICE = re.compile(
    r"\b(quot(e|es|ed|ation|ations)|on (request|application)|p\.?o\.?a|negotia\w+|time and materials?|case by case"
    r"|as agreed|t\.?b\.?[acd]|to be (agreed|confirmed|determined|decided))\b",
    re.IGNORECASE,
)
_SWITCHING_WORDS = re.compile(
    r"egress|switch(ing)?\b|migrat|(data|records?)[ -]+(export|extract|transfer|release)|extraction",
    re.IGNORECASE,
)
_INTERFACE_WORDS = re.compile(r"\bAPIs?\b|\binterfaces?\b|\bsandbox", re.IGNORECASE)
_WIDE = re.compile(r"\s*(all|any|every|everything|other|others|miscellaneous|various|misc)\b", re.IGNORECASE)
_RESERVED = ("example", "example.com", "example.net", "example.org", "invalid", "test")
_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def is_placeholder(text: str) -> bool:
    """Whether a text only keeps a place: empty, punctuation, or words such as `TBC` and `nobody`."""
    return " ".join(text.strip(_EDGES).casefold().split()) in _PLACEHOLDERS


def leaves_price_open(text: str) -> bool:
    """Whether a unit or a trigger leaves to later what the price is, as in `by quotation`."""
    return bool(_OPEN_PRICE.search(text))


def charges_for(row: dict[str, Json]) -> str:
    """What a row of a cost table charges for: its kind, or by its words `switching` or `api` where that says nothing.

    Help is charged for work, whatever it is about.
    """
    kind = row.get("kind")
    if kind not in ("other", "licence", "hosting"):
        return str(kind)
    words = " ".join(str(row.get(member, "")) for member in ("id", "unit", "trigger"))
    if _SWITCHING_WORDS.search(words):
        return "switching"
    return "api" if _INTERFACE_WORDS.search(words) else str(kind)


def is_wide(category: str) -> bool:
    """Whether the name of a category could stand for anything, as in `other data`."""
    return bool(_WIDE.match(category))


def is_digest(value: Json) -> bool:
    """Whether a value can be the SHA-256 of a document: none of an empty file, nor one digit all along."""
    return (
        isinstance(value, str)
        and bool(_DIGEST.fullmatch(value))
        and value != _OF_NOTHING
        and len(set(value)) > 1
    )


def host_of(url: str) -> str:
    """The host of an address in lower case; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_reserved(host: str) -> bool:
    """Whether a host name is one of those that lead nowhere by definition (RFC 2606, RFC 6761)."""
    return any(host == name or host.endswith(f".{name}") for name in _RESERVED)
