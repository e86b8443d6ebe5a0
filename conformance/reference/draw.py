"""Chance that can be repeated: which resource, page, file or patient a deviation hits."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Draw:
    """The draws of one fault under one seed. The same question always gets the same answer."""

    seed: int
    name: str

    def among(self, *subject: object) -> random.Random:
        """A source of chance for one subject, or for the fault as a whole."""
        return random.Random(":".join(map(str, (self.seed, self.name, *subject))))  # noqa: S311 - not a secret

    def hits(self, share: float, *subject: object) -> bool:
        """Whether the subject is among the share that is hit."""
        key = ":".join(map(str, (self.seed, self.name, *subject)))
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) < share * 2**64

    def position(self, length: int, *subject: object) -> int:
        """A place in a sequence of that length, which must not be empty."""
        return self.among(*subject).randrange(length)

    def some(self, items: Sequence[Item], share: float, *subject: object) -> set[Item]:
        """Some of the items: about that share of them, and one at least if there are any."""
        if not items:
            return set()
        count = max(1, round(len(items) * share))
        return set(self.among(*subject).sample(list(items), count))
