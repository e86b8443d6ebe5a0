"""Where each value of a JSON text begins, for text that is known to be in order."""

import json
import re
from collections.abc import Sequence
from typing import Any

from conformance.fhir.documents.document import INDEX, Place

__all__ = ["place_of", "places_of"]

_TOKEN = re.compile(r'("(?:[^"\\]++|\\.)*+")|([{\[])|([}\]])|([^\s,:\[\]{}"]++)')
_STRING, _OPEN, _CLOSE = 1, 2, 3
_NAME = re.compile(r'[\s,]*+"((?:[^"\\]++|\\.)*+)"\s*+:\s*+')
_SCALAR = re.compile(r'"(?:[^"\\]++|\\.)*+"|[^\s,:\[\]{}"]++')
_BRACKET = re.compile(r'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+([{}\[\]])')
_BETWEEN = re.compile(r"[\s,]*+")


def places_of(text: str) -> Place | None:
    """The places of everything in a text that reads as JSON without a mistake."""
    top: list[Place] = []
    within: Any = top
    name: str | None = None
    outer: list[tuple[Any, str | None]] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastindex
        if kind == _CLOSE:
            within, name = outer.pop()
        elif kind == _STRING and name is None and isinstance(within, dict):
            name = match.group()
            name = json.loads(name) if "\\" in name else name[1:-1]
            continue
        else:
            parts: Any = None
            if kind == _OPEN:
                parts = {} if match.group() == "{" else []
            if name is None:
                within.append((match.start(), parts))
            else:
                within[name] = (match.start(), parts)
            if parts is not None:
                outer.append((within, None))
                within = parts
            name = None
    return top[0] if top else None


def place_of(text: str, path: Sequence[str]) -> int | None:
    """Where the value at a path of names and indices begins, in such a text; None where there is none.

    Much quicker than all places where only a few are asked for.
    """
    at = _past(_BETWEEN, text, 0)
    for step in path:
        within = text[at : at + 1]
        if within == "{":
            found = _member(text, at + 1, step)
        elif within == "[" and INDEX.fullmatch(step):
            found = _item(text, at + 1, int(step))
        else:
            return None
        if found is None:
            return None
        at = found
    return at


def _member(text: str, at: int, name: str) -> int | None:
    while (match := _NAME.match(text, at)) is not None:
        found = match[1]
        if (json.loads(f'"{found}"') if "\\" in found else found) == name:
            return match.end()
        at = _after(text, match.end())
    return None


def _item(text: str, at: int, index: int) -> int | None:
    at = _past(_BETWEEN, text, at)
    for _ in range(index):
        if text[at] == "]":
            return None
        at = _past(_BETWEEN, text, _after(text, at))
    return None if text[at] == "]" else at


def _after(text: str, at: int) -> int:
    """Where the value that begins here has ended."""
    if text[at] not in "{[":
        return _past(_SCALAR, text, at)
    depth = 0
    while True:
        match = _BRACKET.match(text, at)
        if match is None:
            return len(text)
        depth += 1 if match[1] in "{[" else -1
        at = match.end()
        if not depth:
            return at


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at
