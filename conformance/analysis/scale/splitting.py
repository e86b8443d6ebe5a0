"""Lines of a stream of bytes with the places where they begin; a line over the limit is told and never held.

Source: https://github.com/ndjson/ndjson-spec, which the Bulk Data guide asks for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["LONGEST_LINE", "NOT_WHOLE", "Line", "Lines", "in_chunk"]

LONGEST_LINE = 64 * 2**20
"""Longer lines are not parsed: bytes."""


NOT_WHOLE = "whole lines end with a newline"
"""What is said of `Lines` that do not: no reader may look for the end of the last one beyond their bytes."""


@dataclass(slots=True)
class Line:
    """A line without its newline: the place of its first byte, its bytes, and its length, greater if they were let go.

    `ended` is whether a newline closed it.
    """

    offset: int
    data: bytes
    length: int
    ended: bool = True


@dataclass(slots=True)
class Lines:
    """Several whole lines with their newlines, and the place where the first begins."""

    offset: int
    data: bytes

    def __iter__(self) -> Iterator[Line]:
        if not self.data.endswith(b"\n"):
            raise ValueError(NOT_WHOLE)
        offset = self.offset
        for line in self.data[:-1].split(b"\n"):
            yield Line(offset, line, len(line))
            offset += len(line) + 1


def in_chunk(
    blocks: Iterable[bytes], *, start: int = 0, end: int | None = None, longest: int = LONGEST_LINE
) -> Iterator[Line | Lines]:
    """What begins in the bytes [start, end) of a file: lines that go over the blocks' edges, and those between.

    The blocks begin at the byte `start`, or one before it where that is not 0: only a newline there tells that a line
    begins at `start`. `end` None stands for the end of the file. A block is no longer than `longest`.
    """
    place = start - 1 if start else 0
    torn = _Torn(0, longest) if not start else None
    for block in blocks:
        first = block.find(b"\n") + 1
        if torn is not None:
            torn.add(block[: first - 1] if first else block)
        if first:
            if torn is not None:
                yield torn.line()
            if end is not None and place + first >= end:
                return
            last = _whole_lines(block, None if end is None else end - place)
            if last > first:
                yield Lines(place + first, block[first:last])
            if end is not None and place + last >= end:
                return
            torn = _Torn(place + last, longest)
            torn.add(block[last:])
        place += len(block)
        if torn is None and end is not None and place >= end:
            return  # a line that began before goes on beyond the end
    if torn is not None and torn.length:
        yield torn.line(ended=False)


def _whole_lines(block: bytes, end: int | None) -> int:
    """How many bytes of a block are whole lines, the last of them the one that goes over `end` where one does."""
    last = block.rfind(b"\n") + 1
    if end is not None and last >= end:
        return block.find(b"\n", end - 1) + 1 or last
    return last


class _Torn:
    """A line that is put together from several blocks."""

    def __init__(self, offset: int, longest: int) -> None:
        self.offset = offset
        self.length = 0
        self._parts: list[bytes] = []
        self._longest = longest

    def add(self, part: bytes) -> None:
        self.length += len(part)
        if self.length <= self._longest:
            self._parts.append(part)
        else:
            self._parts.clear()

    def line(self, *, ended: bool = True) -> Line:
        return Line(self.offset, b"".join(self._parts), self.length, ended)
