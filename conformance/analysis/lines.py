"""Lines of an NDJSON body, read from its chunks one at a time, so that a file of any size fits in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from conformance.errors import NotJudgeable, Untestable
from conformance.model.strictly import Json, NotJson, strict_json

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_LINE = 2**28
"""Longer lines are not held: bytes. A resource with a document in it is a tenth of that."""


class NoResource(ValueError):
    """A line that holds no FHIR resource; the message says why."""


class LineTooLong(NotJudgeable, Untestable):
    """A line that is longer than is held at a time: neither a check nor a probe can go on with it."""


@dataclass(slots=True)
class Ending:
    """What is found out about the end of a body while its lines are read: whether a newline closes it."""

    newline: bool = True


def lines(chunks: Iterable[bytes], ending: Ending | None = None) -> Iterator[bytes]:
    """The lines of a body, without their newlines; what follows the last one is a line if it is not empty.

    Raises LineTooLong.
    """
    pending: list[bytes] = []
    held = 0
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        pending.append(first)
        held += len(first)
        if held > LONGEST_LINE:
            raise LineTooLong(f"a line of the file is longer than {LONGEST_LINE:,} bytes, and was not read")
        if others:
            yield b"".join(pending)
            yield from others[:-1]
            pending = [others[-1]]
            held = len(others[-1])
    last = b"".join(pending)
    if last:
        if ending is not None:
            ending.newline = False
        yield last


def resource_of(line: bytes) -> dict[str, Any]:
    """The FHIR resource that a line holds. Raises NoResource."""
    try:
        value: Json = orjson.loads(line)
    except orjson.JSONDecodeError:
        value = _read_again(line)
    if not isinstance(value, dict):
        raise NoResource("it is no JSON object")
    if not isinstance(value.get("resourceType"), str) or not value["resourceType"]:
        raise NoResource("it has no resourceType")
    return value


def _read_again(line: bytes) -> Json:
    """Read slowly what the fast reader refused, to learn why (or that only a limit stood in the way)."""
    try:
        return strict_json(line)
    except NotJson as error:
        raise NoResource(f"it is no JSON: {error}") from None
