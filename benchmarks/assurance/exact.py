"""JSON that keeps numbers as they were written: a proxy that touches one thing must not touch decimals too."""

import json
import re
from typing import Any

MARK = "\ue000"
"""A character for private use, which no record has."""
_MARKED = re.compile(f'"{MARK}([-+.0-9eE]+)"')


class Number(str):
    """A number with a fraction or an exponent, as its text. `mark` in front tells it from a string."""

    __slots__ = ()

    @property
    def digits(self) -> str:
        """The number as it stands in the document."""
        return self[1:]

    @classmethod
    def of(cls, digits: str) -> "Number":
        """The number that is written like this."""
        return cls(MARK + digits)


def _integer(digits: str) -> Any:
    return Number.of(digits) if digits == "-0" else int(digits)


def parsed(body: bytes) -> Any:
    """The document. Raises ValueError for what is no JSON, or nested too deeply for this reader."""
    try:
        return json.loads(body, parse_float=Number.of, parse_int=_integer)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def written(document: Any, **style: Any) -> bytes:
    """The document as bytes; `style` goes to json.dumps. Numbers stand as they were read."""
    compact = {"separators": (",", ":")} if "indent" not in style else {}
    text = json.dumps(document, **{"ensure_ascii": False, **compact, **style})
    return _MARKED.sub(r"\1", text).encode()
