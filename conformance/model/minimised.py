"""Smaller cases that fail alike: an appendix to a run, which changes no verdict."""

from typing import Any

from pydantic import Field

from conformance.model.base import Noun

MINIMISED_FORMAT = "1"


class Minimised(Noun):
    """One failed case, the values that were drawn for it, and the smallest with which the same check still fails.

    `steps` are the ids of the steps that show it, in the appendix's own evidence. `smaller` equals `drawn` where
    nothing smaller was found.
    """

    case: str
    requirement: str
    check: str
    drawn: dict[str, Any]
    smaller: dict[str, Any]
    finding: str = ""
    curl: str = ""
    steps: tuple[str, ...] = ()
    tried: int = Field(default=0, description="cases tried")


class Appendix(Noun):
    """What was found for a run; `stopped` says why not every failed case was looked into, if so."""

    format: str = MINIMISED_FORMAT
    run_id: str
    requests: int
    found: tuple[Minimised, ...]
    stopped: str = ""
