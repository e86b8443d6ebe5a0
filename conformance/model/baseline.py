"""Failures that a supplier knows of: they move the exit code of its own build, and nothing in the report."""

import datetime as dt

from pydantic import Field

from conformance.model.base import Noun


class KnownFailure(Noun):
    """A requirement that is known to fail, why, and the last day on which that excuses it."""

    requirement: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    until: dt.date


class Gated(Noun):
    """What a report means for a build: the exit code, and what each word of the baseline came to.

    `new` fail and are not excused, `excused` fail and are, `expired` fail though their entry has run out, `fixed` pass
    though they are listed, `undecided` are listed and neither passed nor failed. `warned` are the recommendations that
    are not met and that the build was asked to fail for.
    """

    code: int
    new: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
