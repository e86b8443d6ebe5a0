"""String searches: case and accents make no difference, unless `:exact` is asked (FHIR R4, search.html#string)."""

from collections.abc import Iterator
from typing import Any

from conformance.fhir.search.answers import Answer, any_of
from conformance.fhir.strings import composed, fold, letters_of

__all__ = ["parts", "string_answer", "text_answer"]

_NAME = {"family": True, "given": True, "prefix": False, "suffix": False, "text": False}
_ADDRESS = {
    **dict.fromkeys(("line", "city", "postalCode", "state", "district", "country"), True),
    "text": False,
}
"""The parts of a HumanName and an Address that are searched, and whether every server can be expected to."""

_SHORTEST_STEM = 3


def string_answer(searched: str, modifier: str, kind: str, value: Any) -> Answer:
    """Whether a value of this type matches the searched text, by default from its beginning."""
    found: list[Answer] = []
    for text, expected in parts(kind, value):
        answer = _text_answer(searched, modifier, text)
        found.append(answer if expected or answer is False else None)
    return any_of(found) if found else None


def text_answer(searched: str, texts: list[str]) -> Answer:
    """Whether `:text` finds one of these texts of a code; servers may stem words and search for any of them."""
    words = [word[:_SHORTEST_STEM] for word in fold(searched).split()]
    found: list[Answer] = []
    for text in texts:
        starts = [word[:_SHORTEST_STEM] for word in fold(text).split()]
        likely = fold(text).startswith(fold(searched)) or None
        found.append(likely if any(word in start for word in words for start in starts) else False)
    return any_of(found)


def parts(kind: str, value: Any) -> Iterator[tuple[str, bool]]:
    """The texts of a value that a string search looks at, each with whether every server can be expected to."""
    if isinstance(value, str):
        yield value, True
    elif isinstance(value, dict):
        known = {"HumanName": _NAME, "Address": _ADDRESS}.get(kind, {})
        for name, expected in known.items():
            held = value.get(name)
            for text in held if isinstance(held, list) else [held]:
                if isinstance(text, str):
                    yield text, expected


def _text_answer(searched: str, modifier: str, held: str) -> Answer:
    if modifier == "exact":
        if held == searched:
            return True
        return None if composed(held) == composed(searched) else False
    folded, wanted = fold(held), fold(searched)
    if not wanted:
        return None
    if folded.startswith(wanted) or (modifier == "contains" and wanted in folded):
        return True
    # Servers may look at the words of a value, and past its punctuation.
    return None if letters_of(wanted) in letters_of(folded) else False
