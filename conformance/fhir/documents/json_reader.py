"""Reads FHIR JSON strictly, and says of text that is no JSON what is wrong with it and where.

Text in order takes the quick way, Python's own scanner. Anything else (and that a name stands twice, or that a
string holds half a character, counts as that) is scanned again by `json_scanner`, which explains.

Source: RFC 8259; FHIR R4 JSON, https://hl7.org/fhir/R4/json.html
"""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from conformance.fhir.documents.document import (
    MAX_BYTES,
    MAX_DEPTH,
    Document,
    Lines,
    Severity,
    TextProblem,
    location_of,
)
from conformance.fhir.documents.json_places import place_of, places_of
from conformance.fhir.documents.json_scanner import scan
from conformance.fhir.documents.numbers import MAX_EXPONENT, NEGATIVE_ZERO

__all__ = ["read_json"]

_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NEGATIVE_ZERO = re.compile(r"-0(?![0-9.eE])")
_HALF = re.compile(r"\\[uU][dD][89a-fA-F]")


class _Doubtful(ValueError):
    """The quick way cannot tell that this text is in order."""


def read_json(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Document:
    """The document that the bytes of one JSON file are; whatever is wrong stands in its problems.

    Mistakes that a reader can see through (a comment, a comma too many or too few, a name without quotes) are
    errors and the value is there; of the rest the value is None and a problem is fatal.
    """
    if len(data) > max_bytes:
        words = f"The document has {len(data):,} bytes, more than the {max_bytes:,} that are read as one document."
        return _unread(data, "too-long", "document-size", words)
    if data.startswith(_UTF_16):
        words = "The document is UTF-16; FHIR's JSON is UTF-8. Save it as UTF-8."
        return _unread(data, "invalid", "document-encoding", words)
    text, told = _decoded(data)
    if not told:
        value = _quick(text, max_depth)
        if value is not _SLOW:
            return Document(
                value, "json", data, places=lambda: places_of(text), seek=lambda path: place_of(text, path)
            )
    result = scan(text, max_depth)
    lines = Lines(text)
    for fault in result.faults:
        line, column = lines.position(fault.offset)
        location = location_of(result.value, fault.pointer) if result.value is not None else ""
        told.append(
            TextProblem(
                fault.severity,
                _code(fault.message_id),
                fault.message_id,
                fault.words,
                fault.pointer,
                location,
                line,
                column,
            )
        )
    return Document(result.value, "json", data, tuple(told), lambda: result.places)


_SLOW: Any = object()


def _quick(text: str, max_depth: int) -> Any:
    """The value of a text that is surely in order, or `_SLOW`."""
    if "\\u" in text and _HALF.search(text):
        return _SLOW
    decoder = _SIGNED if _NEGATIVE_ZERO.search(text) else _DECODER
    try:
        value = decoder.decode(text)
    except (ValueError, RecursionError, ArithmeticError):
        return _SLOW
    if text.count("{") + text.count("[") > max_depth and _deeper(value, max_depth):
        return _SLOW
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Doubtful
    return made


def _constant(name: str) -> NoReturn:
    raise _Doubtful(name)


def _whole(lexeme: str) -> int | Decimal:
    return Decimal(lexeme) if lexeme == NEGATIVE_ZERO else int(lexeme)


def _decimal(lexeme: str) -> Decimal:
    number = Decimal(lexeme)
    if not -MAX_EXPONENT <= number.adjusted() <= MAX_EXPONENT:
        raise _Doubtful
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_decimal, parse_constant=_constant)
_SIGNED = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_decimal, parse_int=_whole, parse_constant=_constant
)
"""The same for text that may hold -0; slower, for it calls `_whole` for each integer."""


def _deeper(value: Any, limit: int) -> bool:
    """Whether objects and arrays nest deeper than the limit."""
    level = [value]
    for _ in range(limit):
        level = [part for held in level for part in _parts(held) if isinstance(part, (dict, list))]
        if not level:
            return False
    return True


def _parts(held: dict[str, Any] | list[Any]) -> Any:
    return held.values() if isinstance(held, dict) else held


def _decoded(data: bytes) -> tuple[str, list[TextProblem]]:
    """The text, without a byte-order mark, and what is wrong with its encoding."""
    told: list[TextProblem] = []
    if data.startswith(_BOM):
        words = (
            "The document begins with a byte-order mark, which JSON must not have; some readers refuse it."
        )
        told.append(TextProblem("warning", "invalid", "document-bom", words, line=1, column=1))
    try:
        return data.decode("utf-8-sig"), told
    except UnicodeDecodeError as error:
        text = data.decode("utf-8-sig", "replace")
        start = error.object[: error.start].decode("utf-8", "replace")
        line, column = start.count("\n") + 1, len(start) - start.rfind("\n")
        byte = error.object[error.start]
        words = (
            f"Byte 0x{byte:02X} is no part of UTF-8 text; the document seems to have another encoding. "
            "Save it as UTF-8."
        )
        told.append(TextProblem("error", "invalid", "document-encoding", words, line=line, column=column))
        return text, told


def _code(message_id: str) -> str:
    """FHIR's issue type for a mistake of the text."""
    return "too-long" if message_id in {"json-depth", "json-too-many"} else "invalid"


def _unread(data: bytes, code: str, message_id: str, words: str, severity: Severity = "fatal") -> Document:
    problem = TextProblem(severity, code, message_id, words, line=1, column=1)
    return Document(None, "json", data, (problem,))
