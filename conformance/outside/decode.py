"""Content codings undone within bounds: what inflates to more than it may be is never inflated whole."""

import zlib
from collections.abc import Iterable, Iterator

_STEP = 256 * 1024
_AUTOMATIC = zlib.MAX_WBITS | 32  # gzip or zlib, by its own header


class Undecodable(Exception):
    """The body is not what its Content-Encoding says; the message says why."""


def decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes without their content coding (RFC 9110 section 8.4), at most 256 KiB at a time.

    Raises Undecodable for codings that were not asked for, and for damaged or shortened data.
    """
    names = [
        name for name in (part.strip().lower() for part in encoding.split(",")) if name != "identity" and name
    ]
    if not names:
        yield from chunks
    elif len(names) == 1 and names[0] in {"gzip", "x-gzip", "deflate"}:
        yield from _inflated(chunks, names[0])
    else:
        raise Undecodable(f"the answer is encoded as {', '.join(names)[:60]!r}, which was not asked for")


def _inflated(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    decoder, begun = zlib.decompressobj(_AUTOMATIC), False
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if decoder.eof:  # gzip allows several members, one after the other (RFC 1952 section 2.2)
                    decoder = zlib.decompressobj(_AUTOMATIC)
                if out := decoder.decompress(rest, _STEP):
                    yield out
                begun = True
                rest = decoder.unconsumed_tail or decoder.unused_data
    except zlib.error as error:
        raise Undecodable(f"the answer is not the {name} that its Content-Encoding says ({error})") from None
    if begun and not decoder.eof:
        raise Undecodable(f"the {name} encoding of the answer ends too early")
