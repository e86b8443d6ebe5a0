"""Looks at the text of a line beside its parsed value: for what a fast parser passes over in silence.

The compiled core does the same in one pass.
"""

import re

__all__ = ["scan"]

_SPACED = re.compile(rb'"[ \t\r]+:')
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def scan(data: bytes, members: int) -> tuple[bool, bool]:
    """Whether a JSON text names more members than the `members` that its objects have, and whether it has U+0000.

    More members written than parsed means that one is named twice (RFC 8259 section 4).
    """
    nul = b"\\u0000" in data and _NUL.search(data) is not None
    if data.count(b'":') == members and _SPACED.search(data) is None:
        return False, nul
    return _STRING.sub(b"", data).count(b":") > members, nul
