"""String searches: case and accents make no difference (https://hl7.org/fhir/R4/search.html#string)."""

import unicodedata


def fold(text: str) -> str:
    """The text without differences of case, of accents, and of the width of white space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    base = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFKC", base).split())


def may_match(search: str, held: str) -> bool:
    """Whether some lawful string search for the first could find the second.

    FHIR asks for values that begin with the searched text; servers may also look at the words of a value, so
    only a value in which the searched text does not occur at all is ruled out.
    """
    return _letters(search) in _letters(held)


def swap_case(text: str) -> str:
    """The text in the other case, but for letters whose other case is no single letter."""
    return "".join(_other_case(char) for char in text)


def _other_case(char: str) -> str:
    other = char.swapcase()
    return other if len(other) == 1 and other.swapcase() == char else char


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())
