"""Texts as string searches see them: case and accents make no difference (FHIR R4, search.html#string)."""

import re
import unicodedata

_NEITHER = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """The text without differences of case, of accents, and of the width of white space."""
    if text.isascii():
        return " ".join(text.casefold().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    base = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFKC", base).split())


def composed(text: str) -> str:
    """The text without differences of how its characters are composed."""
    return unicodedata.normalize("NFC", text)


def letters(text: str) -> str:
    """The folded text without what is neither letter nor digit."""
    return letters_of(fold(text))


def letters_of(folded: str) -> str:
    """The same of a text that is folded already."""
    return _NEITHER.sub("", folded)


def without_accents(text: str) -> str:
    """The text in its own case, its accents gone."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def swap_case(text: str) -> str:
    """The text in the other case, but for letters whose other case is no single letter."""
    return "".join(_other_case(char) for char in text)


def _other_case(char: str) -> str:
    other = char.swapcase()
    return other if len(other) == 1 and other.swapcase() == char else char
