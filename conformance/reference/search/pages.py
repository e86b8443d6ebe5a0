"""Long search results, kept so that their pages fit together whatever is written meanwhile."""

import secrets
import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.reference.search.query import Query

_MOST_KEYS = 4_000_000
_MOST_RESULTS = 5_000


@dataclass(frozen=True)
class Result:
    """All keys that a search found, in their order, and how they are shown. `path` is that of the search."""

    path: str
    query: Query
    keys: Sequence[int]
    total: int | None

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(-(-len(self.keys) // self.query.shape.count), 1)

    def page(self, number: int) -> list[int]:
        """The keys on one page, of which the first has the number 1."""
        size = self.query.shape.count
        return list(self.keys[(number - 1) * size : number * size])


class Pages:
    """The results that can still be paged through; the oldest make room for new ones."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, Result] = OrderedDict()
        self._keys = 0
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def keep(self, result: Result) -> str:
        """Keep a result; the answer is the word by which it is found again."""
        kept = replace(result, keys=array("q", result.keys))
        word = secrets.token_urlsafe(12)
        with self._lock:
            self._results[word] = kept
            self._keys += len(kept.keys)
            while self._keys > _MOST_KEYS or len(self._results) > _MOST_RESULTS:
                _, dropped = self._results.popitem(last=False)
                self._keys -= len(dropped.keys)
        return word

    def find(self, word: str) -> Result | None:
        """The result that goes by that word, or None if it had to make room."""
        with self._lock:
            if word in self._results:
                self._results.move_to_end(word)
            return self._results.get(word)

    def times(self, address: str) -> int:
        """How often this has been asked about an address, this time included: for suppliers that do not keep still."""
        with self._lock:
            self._asked[address] += 1
            return self._asked[address]
