"""What a policy adds to requirements: when they only advise, and named sets of limits to choose from.

An advisory lets requirements be judged and shown as ever, but decide nothing, while its condition holds. A preset is
a set of limits with one origin, such as a law, that a buyer may choose as a whole.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Self

from pydantic import Field, model_validator

from conformance.model.base import Noun
from conformance.model.composition import DEROGATION

_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?", re.ASCII)


class Condition(Noun):
    """A statement about the parameters of a run: exactly one of `below` and `lacks` says which.

    `below` names another parameter: the value is a number smaller than that one's; an empty value is no number, and
    then the condition does not hold. `lacks` is a word that is not among the words of the value.
    """

    parameter: str
    below: str = ""
    lacks: str = ""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if bool(self.below) == bool(self.lacks):
            raise ValueError("a condition has either `below: other_parameter` or `lacks: word`")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that it looks at."""
        return (self.parameter, self.below) if self.below else (self.parameter,)

    def holds(self, parameters: Mapping[str, Any]) -> bool:
        """Whether it is true of these parameters."""
        value = parameters.get(self.parameter)
        if self.lacks:
            return value is not None and self.lacks not in words(value)
        own, other = number(value), number(parameters.get(self.below))
        return own is not None and other is not None and own < other


class Advisory(Noun):
    """Requirements (ids or glob patterns) that decide nothing `while` a condition holds, or before the day `until`.

    One with neither holds always: it lowers what is demanded, and names the `derogation` that lets it.
    """

    requirements: tuple[str, ...] = Field(min_length=1)
    while_: Condition | None = Field(default=None, alias="while")
    until: dt.date | None = None
    reason: str = Field(min_length=1)
    derogation: str = Field(default="", pattern=rf"^$|{DEROGATION}")

    @model_validator(mode="after")
    def _has_one_condition(self) -> Self:
        if self.while_ is not None and self.until is not None:
            raise ValueError("an advisory has `while: condition` or `until: date`, not both")
        if self.while_ is None and self.until is None and not self.derogation:
            raise ValueError(
                "an advisory that always holds lowers what is demanded: name the `derogation` that lets it, "
                "or say `while: condition` or `until: date`"
            )
        return self

    @property
    def said(self) -> str:
        """The reason, with the derogation where there is one."""
        return f"{self.reason} (derogation {self.derogation})" if self.derogation else self.reason

    def covers(self, requirement: str) -> bool:
        """Whether the requirement of this id is meant."""
        return any(fnmatchcase(requirement, pattern) for pattern in self.requirements)

    def holds(self, parameters: Mapping[str, Any], as_of: dt.date) -> bool:
        """Whether it is in force with these parameters on that day."""
        if self.until is not None:
            return as_of < self.until
        return self.while_ is None or self.while_.holds(parameters)


class Preset(Noun):
    """Limits with one origin, chosen as a whole."""

    preset: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)
    title: str = Field(min_length=1)
    basis: str = Field(min_length=1)
    values: dict[str, Any] = Field(min_length=1)


def advice(
    advisories: Iterable[Advisory], requirement: str, parameters: Mapping[str, Any], as_of: dt.date
) -> str:
    """Why a requirement decides nothing in a run with these parameters, judged on that day; empty where it does."""
    return "; ".join(a.said for a in advisories if a.covers(requirement) and a.holds(parameters, as_of))


def words(value: Any) -> frozenset[str]:
    """The words of a value that is a list of words, separated by commas or spaces."""
    return frozenset(re.findall(r"[^\s,]+", str(value)))


def number(value: Any) -> Decimal | None:
    """The number that a value is or states as decimal text; None where it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None
