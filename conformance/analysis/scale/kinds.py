"""What records tell of, and the hash by which they tell it: without NumPy, which takes long to load."""

import hashlib
from enum import IntEnum

__all__ = ["RECORD_SIZE", "Kind", "digest_of"]

RECORD_SIZE = 41
"""The bytes of a record, which `records.RECORD` lays out."""


class Kind(IntEnum):
    """What a record tells of. Ids and the references to them share their hashes."""

    DEFINED = 0
    REFERENCE = 1
    CODE = 2
    EXTENSION = 3
    MODIFIER = 4
    IDENTIFIER = 5
    SYSTEM = 6


def digest_of(text: str) -> bytes:
    """The 16 bytes by which a text is known: collisions are not to be met among 10^10 texts, nor to be made."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
