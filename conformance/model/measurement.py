"""Measurements: numbers that a check took from the evidence, each with its definition and its parts.

They say how much, where an outcome says whether. A number is text, as it is to be read by everyone alike: decimal,
never a binary floating-point number, so that the same evidence gives the same bytes.
"""

from typing import Literal

from conformance.model.base import Noun

Picture = Literal["", "share", "columns"]
"""How it is drawn beside its number: as a share of 100, as columns of its parts, or not at all."""


class MeasuredPart(Noun):
    """One part of a measurement; `value` is in the measurement's unit, empty where there is none for this part."""

    label: str
    value: str = ""
    note: str = ""


class Measurement(Noun):
    """One number with its unit and definition, and the parts behind it.

    `value` is empty where the evidence does not tell; `note` then says why. `indicative` marks a number that rests on
    less than the profile asks of a measurement. `group` is the heading under which it is shown. `case` is the case
    whose evidence it was taken from.
    """

    id: str
    title: str
    group: str
    value: str = ""
    unit: str = ""
    definition: str
    picture: Picture = ""
    indicative: bool = False
    note: str = ""
    parts: tuple[MeasuredPart, ...] = ()
    case: str = ""
