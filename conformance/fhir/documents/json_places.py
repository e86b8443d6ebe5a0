"""Where each value of a JSON text begins, for text that is known to be in order."""

import json
import re
from typing import Any

from conformance.fhir.documents.document import Place

__all__ = ["places_of"]

_TOKEN = re.compile(r'("(?:[^"\\]++|\\.)*+")|([{\[])|([}\]])|([^\s,:\[\]{}"]++)')
_STRING, _OPEN, _CLOSE = 1, 2, 3


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
