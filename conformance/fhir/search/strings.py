"""String searches: case and accents make no difference, unless `:exact` is asked (FHIR R4, search.html#string)."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from conformance.fhir.search.answers import Answer, Test, any_of
from conformance.fhir.search.held import Held
from conformance.fhir.strings import composed, fold, letters_of

__all__ = ["parts", "string_test", "text_answer"]

_NAME = {"family": True, "given": True, "prefix": False, "suffix": False, "text": False}
_ADDRESS = {
    **dict.fromkeys(("line", "city", "postalCode", "state", "district", "country"), True),
    "text": False,
}
_PARTS = {"HumanName": _NAME, "Address": _ADDRESS}
"""The parts of a HumanName and an Address that are searched, and whether every server can be expected to."""

_SHORTEST_STEM = 3


def string_test(searched: str, modifier: str) -> Test:
    """Whether a value matches the searched text, by default from its beginning."""
    answers = _exactly(searched) if modifier == "exact" else _loosely(searched, within=modifier == "contains")

    def test(held: Held) -> Answer:
        found = held.read(parts)
        answer: Answer = False if found else None
        for text, expected in found:
            match = answers(text)
            if match is True and expected:
                return True
            if match is not False:
                answer = None
        return answer

    return test


def text_answer(searched: str, texts: list[str]) -> Answer:
    """Whether `:text` finds one of these texts of a code; servers may stem words and search for any of them."""
    words = [word[:_SHORTEST_STEM] for word in fold(searched).split()]
    found: list[Answer] = []
    for text in texts:
        starts = [word[:_SHORTEST_STEM] for word in fold(text).split()]
        likely = fold(text).startswith(fold(searched)) or None
        found.append(likely if any(word in start for word in words for start in starts) else False)
    return any_of(found)


def parts(kind: str, value: Any) -> list[tuple[str, bool]]:
    """The texts of a value that a string search looks at, each with whether every server can be expected to."""
    if isinstance(value, str):
        return [(value, True)]
    found: list[tuple[str, bool]] = []
    for name, expected in _PARTS.get(kind, {}).items() if isinstance(value, dict) else ():
        held = value.get(name)
        if isinstance(held, str):
            found.append((held, expected))
        elif isinstance(held, list):
            found += [(text, expected) for text in held if isinstance(text, str)]
    return found


def _exactly(searched: str) -> Callable[[str], Answer]:
    same = composed(searched)
    return lambda held: held == searched or (None if composed(held) == same else False)


@lru_cache(maxsize=1024)
def _folded(text: str) -> tuple[str, str]:
    folded = fold(text)
    return folded, letters_of(folded)


def _loosely(searched: str, *, within: bool) -> Callable[[str], Answer]:
    wanted = fold(searched)
    letters = letters_of(wanted)

    def answer(held: str) -> Answer:
        if not wanted:
            return None
        folded, held_letters = _folded(held)
        if folded.startswith(wanted) or (within and wanted in folded):
            return True
        # Servers may look at the words of a value, and past its punctuation.
        return None if letters in held_letters else False

    return answer
