"""How many names the objects of a JSON text have, so that duplicate ones are noticed.

A parser keeps the last of two equal names, so the walk meets fewer names than the text has.
"""

import json
import re
from typing import Any

__all__ = ["has_as_many"]

_BLANK_BEFORE_COLON = re.compile(rb'"[ \t\r\n]+:').search


def has_as_many(raw: bytes, met: int) -> bool:
    """Whether a valid JSON text has no more names than the `met` that a walk through all its objects found."""
    # where no blank stands before a colon, `":` ends every name; strings may have more of them, never fewer
    if raw.count(b'":') == met and _BLANK_BEFORE_COLON(raw) is None:
        return True
    total = 0

    def count(pairs: list[tuple[str, Any]]) -> None:
        nonlocal total
        total += len(pairs)

    json.loads(raw, object_pairs_hook=count)
    return total == met
