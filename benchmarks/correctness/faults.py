"""The distinct faults among the errors that the Java reference validator lists, at the places that it means.

It tells some faults more than once: a code outside a required value set as two errors, an element missing by a profile
and again by the profile's base, what is wrong by each of several profiles that were tried. Two of its messages count
the entries of a Bundle from 1 where all others count from 0. These rules hold for every case alike.
"""

import re

Said = tuple[str, str]
"""A place and the words."""

TOLD_BESIDES = (
    ("The System URI could not be determined for the code", "was not found in the value set"),
    ("Unable to resolve resource with reference '#", "Constraint failed: ref-1"),
    ("Extension.url is required in order to identify", "Extension.url: minimum required"),
    ("Extension.url is required in order to identify", "value cannot be empty"),
    ("Constraint failed: ele-1", "value cannot be empty"),
)
"""An error that begins so is told again by another one with these words, at the same place or below it."""

NONE_FITS = "Unable to find a match for the specified profile among choices"
FROM_ONE = ("isn't reachable by traversing links", "Can't find '")
_SOURCE = re.compile(r"\s*\((?:from|validating against|defined in) [^()]*\)|Note that .*$")
_SLICE = re.compile(r":[\w-]+(?=[.:])")
_NUMBER = re.compile(r"\[(\d+)\]")


def faults(errors: tuple[Said, ...]) -> tuple[Said, ...]:
    """The errors without repetition."""
    kept: dict[Said, Said] = {}
    for place, text in errors:
        if _is_told(place, text, errors) or _is_trial(place, text, errors):
            continue
        meant = _counted_from_zero(place) if any(words in text for words in FROM_ONE) else place
        kept.setdefault((meant, _bare(text)), (meant, text))
    return tuple(kept.values())


def _is_told(place: str, text: str, errors: tuple[Said, ...]) -> bool:
    return any(
        text.startswith(begins) and any(words in other and where.startswith(place) for where, other in errors)
        for begins, words in TOLD_BESIDES
    )


def _is_trial(place: str, text: str, errors: tuple[Said, ...]) -> bool:
    """Whether this is what one of several profiles said, none of which the value met."""
    return "(validating against" in text and any(
        other.startswith(NONE_FITS) and place.startswith(where) for where, other in errors
    )


def _bare(text: str) -> str:
    """The words without the name of the definition and of the slice."""
    return _SLICE.sub("", _SOURCE.sub("", text)).strip()


def _counted_from_zero(place: str) -> str:
    return _NUMBER.sub(lambda found: f"[{int(found[1]) - 1}]" if found[1] != "0" else found[0], place)
