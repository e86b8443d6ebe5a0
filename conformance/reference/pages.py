"""Long search results, kept so that their pages fit together whatever is written meanwhile."""

import secrets
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_KEYS = 4_000_000
_MOST_RESULTS = 5_000


@dataclass(frozen=True)
class Result:
    """All keys that a search found, in their order, and how it is shown."""

    resource_type: str
    keys: Sequence[int]
    total: int | None
    page_size: int
    heeded: tuple[tuple[str, str], ...]


class Pages:
    """The results that can still be paged through; the oldest make room for new ones."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, Result] = OrderedDict()
        self._keys = 0
        self._lock = threading.Lock()

    def keep(self, result: Result) -> str:
        """Keep a result; the answer is the word by which it is found again."""
        kept = Result(
            result.resource_type, array("q", result.keys), result.total, result.page_size, result.heeded
        )
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
