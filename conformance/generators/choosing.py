"""Choices taken from drawn bytes: how a whole resource comes of one draw.

Hypothesis draws one string of bytes, and each choice takes the next of them. A byte of zero stands for the simplest
choice, and so does every byte behind the end: what Hypothesis shrinks becomes a smaller resource.
"""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

BYTE = 256


class Choices:
    """A sequence of choices. The same bytes always make the same ones."""

    def __init__(self, drawn: bytes) -> None:
        self._drawn = drawn
        self._next = 0

    def below(self, limit: int) -> int:
        """A number from 0 to one below the limit."""
        number, reach = 0, 1
        while reach < limit:
            number = number * BYTE + self._byte()
            reach *= BYTE
        return number % limit

    def between(self, least: int, most: int) -> int:
        """A number from the least to the most, both included."""
        return least + self.below(most - least + 1)

    def chance(self, percent: int) -> bool:
        """Whether something with that chance is so."""
        return self.below(100) >= 100 - percent

    def pick(self, items: Sequence[T]) -> T:
        """One of these; the first is the simplest."""
        return items[self.below(len(items))]

    def _byte(self) -> int:
        position = self._next
        self._next += 1
        return self._drawn[position] if position < len(self._drawn) else 0
