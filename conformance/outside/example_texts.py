"""The words behind hashes: read again at the places that records tell, only those that are shown."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from conformance.analysis.scale.kinds import Kind
from conformance.analysis.scale.naming import Origin, texts_of
from conformance.analysis.scale.splitting import LONGEST_LINE, Line, in_chunk
from conformance.analysis.scale.summing import Example
from conformance.outside.export_reading import ExportFile, Reader, opened

__all__ = ["Wanted", "texts"]

Wanted = tuple[Kind, Example]

BLOCK = 2**16


def texts(
    files: Sequence[ExportFile], wanted: Iterable[Wanted], bases: tuple[str, ...]
) -> dict[tuple[Kind, int, int], str]:
    """The text of each record by its kind and hash; those whose file cannot be read any more are left out."""
    by_file: dict[int, dict[int, set[tuple[Kind, int, int]]]] = {}
    for kind, one in wanted:
        by_file.setdefault(one.file, {}).setdefault(one.offset, set()).add((kind, one.high, one.low))
    found: dict[tuple[Kind, int, int], str] = {}
    for number, places in by_file.items():
        origin = Origin(number, bases)
        for line in _lines(files[number], sorted(places)):
            for kind, digest, text in texts_of(line.data, origin):
                key = (kind, int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little"))
                if key in places[line.offset]:
                    found[key] = text
    return found


def _lines(file: ExportFile, offsets: Sequence[int]) -> Iterable[Line]:
    return _packed_lines(file, offsets) if file.packed else _sought_lines(file, offsets)


def _sought_lines(file: ExportFile, offsets: Sequence[int]) -> Iterable[Line]:
    try:
        with opened(file) as stream:
            for offset in offsets:
                data = _line(stream, offset)
                yield Line(offset, data, len(data))
    except OSError:
        return


def _line(stream: BinaryIO, offset: int) -> bytes:
    """The line at a place; by nothing but `read`, since files of storages have no `readline` with a limit."""
    stream.seek(offset)
    found = bytearray()
    while len(found) < LONGEST_LINE and (block := stream.read(BLOCK)):
        end = block.find(b"\n")
        if end >= 0:
            return bytes(found + block[:end])
        found += block
    return bytes(found)


def _packed_lines(file: ExportFile, offsets: Sequence[int]) -> Iterable[Line]:
    wanted = iter(offsets)
    following = next(wanted, None)
    for region in in_chunk(Reader(file).blocks()):
        end = region.offset + max(len(region.data), 1)
        if following is None:
            return
        if following >= end:
            continue
        for line in [region] if isinstance(region, Line) else region:
            if line.offset == following:
                yield line
                following = next(wanted, None)
