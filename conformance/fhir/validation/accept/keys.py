"""What a parser does not keep of a JSON text: names that stand twice, and the sign of the integer -0.

A parser keeps the last of two equal names, so the walk meets fewer names than the text has. It reads -0 as 0, and no
integer of FHIR is written so (https://hl7.org/fhir/R4/datatypes.html#integer).
"""

import json
import re
from typing import Any

__all__ = ["has_as_many"]

_NEGATIVE_ZERO = re.compile(rb"-0(?![0-9.eE])(?<![^:,\[ \t\r\n]-0)").search
"""Begins with what is seldom there, so that the search is quick; what may stand before a number comes last."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BLANK_BEFORE_COLON = re.compile(rb'"[ \t\r\n]+:').search


def has_as_many(raw: bytes, met: int) -> bool:
    """Whether a valid JSON text has no more names than the `met` that a walk through all its objects found.

    Nor may the number -0 stand in it.
    """
    if _NEGATIVE_ZERO(raw) is not None and _NEGATIVE_ZERO(_STRING.sub(b'""', raw)) is not None:
        return False
    # where no blank stands before a colon, `":` ends every name; strings may have more of them, never fewer
    if raw.count(b'":') == met and _BLANK_BEFORE_COLON(raw) is None:
        return True
    total = 0

    def count(pairs: list[tuple[str, Any]]) -> None:
        nonlocal total
        total += len(pairs)

    json.loads(raw, object_pairs_hook=count)
    return total == met
