"""The gallery: who needs which profile, and the advice to a buyer that is made of it."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from conformance.model.base import Noun
from conformance.model.profile import Profile

NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"


class Audience(Noun):
    """People with one need, and the profiles that are for them."""

    audience: str = Field(pattern=NAME)
    title: str = Field(min_length=1)
    profiles: tuple[str, ...] = Field(min_length=1)


class Choice(Noun):
    """Something that a buyer may answer, with the profiles that it calls for."""

    name: str = Field(pattern=NAME)
    title: str = Field(min_length=1)
    profiles: tuple[str, ...] = Field(min_length=1)


class Purchase(Choice):
    """A kind of product that is bought. `leaving` is the profile by which it can be left again."""

    leaving: str


class Gallery(Noun):
    """All of it. A profile stands under one audience, so that a list by audiences has it once."""

    audiences: tuple[Audience, ...] = Field(min_length=1)
    buys: tuple[Purchase, ...] = Field(min_length=1)
    connects: tuple[Choice, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _says_nothing_twice(self) -> "Gallery":
        for names in (
            [name for audience in self.audiences for name in audience.profiles],
            [one.name for one in self.buys],
            [one.name for one in self.connects],
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{', '.join(twice)} stands twice")
        return self

    def audience_of(self, profile: str) -> Audience | None:
        """Who needs the profile of this name; None where nobody is named, as of a buyer's own."""
        return next((one for one in self.audiences if profile in one.profiles), None)

    def named(self) -> Iterator[str]:
        """Every profile that is spoken of."""
        for several in (self.audiences, self.buys, self.connects):
            yield from (name for one in several for name in one.profiles)
        yield from (one.leaving for one in self.buys)


Amount = Annotated[str, Field(pattern=r"^([0-9]+(\.[0-9]{1,2})?)?$")]
"""Decimal text in pounds; empty where none was given."""


class Answers(Noun):
    """What a buyer answered: what is bought, what it must connect to, what the contract is worth."""

    buys: tuple[Purchase, ...] = Field(min_length=1)
    connects: tuple[Choice, ...] = ()
    value: Amount = ""
    threshold: Amount = ""


class Recommended(Noun):
    """A profile that is recommended, with the answers that call for it."""

    profile: Profile
    because: tuple[str, ...] = Field(min_length=1)


class Lot(Noun):
    """Profiles that one interface of the product can be held against, so that one profile can be made of them.

    `interface` says which, as in `FHIR R4`; `parameters` are those that the answers set.
    """

    interface: str
    recommended: tuple[Recommended, ...] = Field(min_length=1)
    parameters: dict[str, str] = Field(default_factory=dict)


class Advice(Noun):
    """What to put into a tender."""

    answers: Answers
    lots: tuple[Lot, ...] = Field(min_length=1)
