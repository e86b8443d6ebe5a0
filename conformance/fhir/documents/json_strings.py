"""The inside of a JSON string: escapes undone, and what is wrong with them (RFC 8259, section 7)."""

import json
import re
from contextlib import suppress

__all__ = ["unescape"]

_PART = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.?)|([\x00-\x1f])|([\ud800-\udfff])", re.DOTALL)
_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_SECOND = re.compile(r"\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_PLAIN = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NEEDS_CARE = re.compile(r"[\\\x00-\x1f\ud800-\udfff]")
_HIGH, _LOW, _LAST = 0xD800, 0xDC00, 0xDFFF
_REPLACEMENT = "\ufffd"

Flaw = tuple[str, str, int]
"""Message id, words, and the offset within the string."""


def unescape(inner: str) -> tuple[str, list[Flaw]]:
    """What a string says, given what stands between its quotes, and each mistake in it."""
    if not _NEEDS_CARE.search(inner):
        return inner, []
    if not _HALF.search(inner):
        with suppress(ValueError):  # what is wrong is told below, mistake by mistake
            return json.loads(f'"{inner}"'), []
    return _piece_by_piece(inner)


def _piece_by_piece(inner: str) -> tuple[str, list[Flaw]]:
    made: list[str] = []
    flaws: list[Flaw] = []
    at = 0
    while match := _PART.search(inner, at):
        made.append(inner[at : match.start()])
        at = match.end()
        if match[1] is not None:
            at, char = _code_point(inner, match, flaws)
        elif match[3] is not None:
            char = match[3]
            code = f"U+{ord(char):04X}"
            flaws.append(
                ("json-control", f"A control character ({code}) must be escaped in a string.", match.start())
            )
        elif match[4] is not None:
            char = _lone(match[4], match.start(), flaws)
        else:
            char = _plain(match[2], match.start(), flaws)
        made.append(char)
    made.append(inner[at:])
    return "".join(made), flaws


def _code_point(inner: str, match: re.Match[str], flaws: list[Flaw]) -> tuple[int, str]:
    r"""The character of a `\u` escape, which may take the next escape with it, and where the rest begins."""
    high = int(match[1], 16)
    if not _HIGH <= high <= _LAST:
        return match.end(), chr(high)
    low = _SECOND.match(inner, match.end())
    if high >= _LOW or low is None:
        return match.end(), _lone(chr(high), match.start(), flaws)
    return low.end(), chr(0x10000 + ((high - _HIGH) << 10) + int(low[1], 16) - _LOW)


def _lone(char: str, at: int, flaws: list[Flaw]) -> str:
    words = f"Half of a surrogate pair (U+{ord(char):04X}) stands alone; it is no character."
    flaws.append(("json-surrogate", words, at))
    return _REPLACEMENT


def _plain(char: str, at: int, flaws: list[Flaw]) -> str:
    if char in _PLAIN and char:
        return _PLAIN[char]
    flaws.append(("json-escape", f"\\{char} is no escape that JSON knows.", at))
    return char
