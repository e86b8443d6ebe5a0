"""Drawing from a seed so that every Python version draws alike.

Only `Random.random()` and seeding by text are promised never to change between Python versions, so
everything here is built on those two. Each thing that is drawn for has a stream of its own, named by what
it is for: adding a draw for one patient moves nothing of another.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


class Draw:
    """One stream of draws, named by the seed and what the draws are for."""

    def __init__(self, *named: object) -> None:
        # S311: these draws make sample data; no secret depends on them.
        self._random = Random(":".join(str(part) for part in named))  # noqa: S311

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(self._random.random() * limit)

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both included."""
        return least + self.below(most - least + 1)

    def chance(self, share: float) -> bool:
        """True in this share of the draws."""
        return self._random.random() < share

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """One of these things."""
        return things[self.below(len(things))]

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """All of these things in a drawn order (Fisher and Yates)."""
        order = list(things)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def some_of(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """`count` different ones of these things."""
        return self.shuffled(things)[:count]

    def digits(self, count: int) -> str:
        """Text of this many decimal digits."""
        return "".join(str(self.below(10)) for _ in range(count))

    def identity(self) -> str:
        """A logical id in the shape of a UUID (FHIR R4, datatypes: id, at most 64 characters)."""
        text = "".join("0123456789abcdef"[self.below(16)] for _ in range(32))
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
