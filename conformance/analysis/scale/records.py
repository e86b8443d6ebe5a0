"""Fixed-size records of what has to be brought together from all over an export: ids, references, codes, extensions.

A record is the hash of a text, what kind of thing it is, how often it was seen and where first. Records that tell of
the same thing are added up (`reduced`), which is associative and whose order of operands does not matter. They are
ordered by hash, so that any range of hashes can be joined alone (`joining`).
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from conformance.analysis.scale.kinds import Kind

__all__ = [
    "RECORD",
    "Records",
    "digests_of",
    "none",
    "picked",
    "records",
    "reduced",
    "within",
]

RECORD = np.dtype(
    [
        ("high", "<u8"),
        ("low", "<u8"),
        ("kind", "u1"),
        ("source", "<u2"),
        ("target", "<u2"),
        ("count", "<u8"),
        ("file", "<u4"),
        ("offset", "<u8"),
    ]
)
"""128 bits of hash; Kind; numbers of the types of source and target; count; file and byte offset of the first line.

In all `RECORD_SIZE` bytes.
"""

Records: TypeAlias = npt.NDArray[np.void]
Column: TypeAlias = int | Sequence[int]

LARGEST = 2**64 - 1
SAME = ("high", "low", "kind", "source")


def none() -> Records:
    """No records."""
    return np.zeros(0, RECORD)


def digests_of(texts: Iterable[str]) -> bytes:
    """The digests of texts, one after the other."""
    blake = hashlib.blake2b
    return b"".join([blake(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts])


def records(  # noqa: PLR0913 - the columns of a record
    digests: bytes,
    kind: Kind,
    sources: Column,
    targets: Column,
    counts: Column,
    file: int,
    offsets: Column,
) -> Records:
    """Records of one kind, a column each; a single value stands for all."""
    hashes = np.frombuffer(digests, "<u8").reshape(-1, 2)
    made = np.zeros(len(hashes), RECORD)
    made["high"], made["low"] = hashes[:, 0], hashes[:, 1]
    made["kind"], made["source"], made["target"] = kind, sources, targets
    made["count"], made["file"], made["offset"] = counts, file, offsets
    return made


def reduced(several: Iterable[Records]) -> Records:
    """The records of all, in order; those of the same thing are one: counts added, the earliest place kept."""
    together = np.concatenate([none(), *several])
    if len(together) < 2:  # noqa: PLR2004 - one record is in order
        return together
    order = _order(together)
    together = picked(together, order)
    fresh = np.ones(len(together), bool)
    fresh[1:] = np.any([together[name][1:] != together[name][:-1] for name in SAME], axis=0)
    starts = np.flatnonzero(fresh)
    first = picked(together, starts)
    first["count"] = np.add.reduceat(together["count"], starts)
    return first


def _order(records: Records) -> "npt.NDArray[np.intp]":
    """The order of the records by what is the same, then by their places: by one key first, most need no more."""
    high = np.ascontiguousarray(records["high"])
    order = np.argsort(high, kind="stable")
    high = high[order]
    same = high[1:] == high[:-1]
    tied = np.zeros(len(order), bool)
    tied[1:] |= same
    tied[:-1] |= same
    left = picked(records, order[tied])
    order[tied] = order[tied][np.lexsort([left[name] for name in ("offset", "file", *reversed(SAME))])]
    return order


def picked(records: Records, which: "npt.NDArray[np.intp]") -> Records:
    """The records at these places; copied as bytes, which takes a fifth of the time that it takes by their fields."""
    flat = np.ascontiguousarray(records).view(np.uint8).reshape(len(records), RECORD.itemsize)
    return np.take(flat, which, axis=0).reshape(-1).view(RECORD)


def within(records: Records, lowest: int, beyond: int) -> Records:
    """Those of ordered records whose high half lies in [lowest, beyond)."""
    high = records["high"]  # NumPy's own search would copy the column first: it does not lie as one piece
    start = bisect_left(high, np.uint64(lowest))
    end = len(records) if beyond > LARGEST else bisect_left(high, np.uint64(beyond), start)
    return records[start:end]
