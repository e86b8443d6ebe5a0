"""A profile described for people: each requirement with how it is tested, in words."""

from typing import Any

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.coverage import Coverage
from conformance.model.profile import Profile, Requirement


class Told(Noun):
    """One call in words: the part's name, what it does, and with which arguments."""

    name: str
    said: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class HowTested(Noun):
    """One test in words: when it applies, what is sent, how often, and what must be true of the answers."""

    conditions: tuple[Told, ...] = ()
    sends: tuple[Told, ...]
    cases: str
    expects: tuple[Told, ...]


class DescribedRequirement(Noun):
    """A requirement, its tests in words, when it only advises, and how many named faults it could notice."""

    requirement: Requirement
    conditions: tuple[Told, ...] = ()
    tests: tuple[HowTested, ...] = ()
    advises: tuple[str, ...] = ()
    faults: int = 0


class ProfilePage(Noun):
    """All that the page of a profile tells; `coverage` are the source documents whose statements are listed."""

    profile: Profile
    requirements: tuple[DescribedRequirement, ...]
    coverage: tuple[Coverage, ...] = ()
