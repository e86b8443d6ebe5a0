"""Some items of a stream of unknown length, spread evenly over it, while only a few are held at any time."""

from typing import Generic, TypeVar

Item = TypeVar("Item")

HELD_FOR_EACH = 4


class Spread(Generic[Item]):
    """Takes items one by one, and gives `most` of them: the first, one near the end, and evenly between.

    Every `n`th item is held; once too many are, every second of them is let go and `n` doubles. So what is given lies
    within a quarter of a gap of where it would lie if the length were known beforehand.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._step = 1
        self._seen = 0
        self._held: list[Item] = []

    def take(self, item: Item) -> None:
        """The next item of the stream."""
        if self._seen % self._step == 0:
            if len(self._held) >= HELD_FOR_EACH * self._most:
                self._held = self._held[::2]
                self._step *= 2
            if self._seen % self._step == 0:
                self._held.append(item)
        self._seen += 1

    def few(self) -> list[Item]:
        """At most `most` of what was taken, in its order."""
        last = len(self._held) - 1
        if last < self._most:
            return list(self._held)
        return [self._held[round(number * last / max(1, self._most - 1))] for number in range(self._most)]
