"""Versions of profiles, and ranges of them (https://semver.org, version 2.0.0, sections 2, 9, 10 and 11).

A range is a list of bounds with commas between, all of which must hold: `>=0.3,<1`. A bare version means just that
one. What a bound leaves out is zero. A pre-release is in a range only where a bound names a pre-release of the same
version: who asks for `>=1.0` does not get `2.0.0-draft` unasked.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

VERSION = r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?"
"""How a profile's version is written."""
_FULL = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]+))?", re.ASCII)
_BOUND = re.compile(r"(>=|<=|>|<|=)?\s*(\d{1,9}(?:\.\d{1,9}){0,2}(?:-[0-9A-Za-z.-]+)?)", re.ASCII)
_COMPARE: dict[str, Callable[["Version", "Version"], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_PARTS = 3


@dataclass(frozen=True, order=True)
class Version:
    """A version, ordered by precedence; `rank` orders a pre-release before the release of the same numbers."""

    numbers: tuple[int, int, int]
    rank: tuple[tuple[int, int, str], ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """The version that this text states. Raises ValueError."""
        found = _FULL.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no version: write three numbers, as in 1.0.0 or 1.0.0-draft")
        major, minor, patch, before = found.groups()
        return cls((int(major), int(minor), int(patch)), _rank(before or ""))

    @property
    def is_release(self) -> bool:
        """Whether it is no pre-release."""
        return self.rank == _rank("")


@dataclass(frozen=True)
class VersionRange:
    """Which versions are accepted; without bounds, any."""

    bounds: tuple[tuple[str, Version], ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """The range that this text states; an empty one accepts any version. Raises ValueError."""
        return cls(tuple(_bound(part.strip()) for part in text.split(",")) if text.strip() else ())

    def holds(self, version: str) -> bool:
        """Whether this version is in the range; a text that is no version is in none but the open one."""
        if not self.bounds:
            return True
        try:
            found = Version.read(version)
        except ValueError:
            return False
        named = any(not bound.is_release and bound.numbers == found.numbers for _, bound in self.bounds)
        return (found.is_release or named) and all(_COMPARE[how](found, bound) for how, bound in self.bounds)


ANY = VersionRange(())
"""Every version."""


def _bound(text: str) -> tuple[str, Version]:
    found = _BOUND.fullmatch(text)
    if found is None:
        raise ValueError(
            f"{text!r} is no bound of a version: write one as in >=0.3 or <1, with commas between"
        )
    how, version = found.groups()
    numbers, dash, before = version.partition("-")
    whole = ".".join([*numbers.split("."), "0", "0"][:_PARTS])
    return how or "=", Version.read(f"{whole}{dash}{before}")


def _rank(before: str) -> tuple[tuple[int, int, str], ...]:
    """The precedence of what stands behind the dash: numbers by value and before words, nothing at all last."""
    if not before:
        return ((2, 0, ""),)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in before.split("."))
