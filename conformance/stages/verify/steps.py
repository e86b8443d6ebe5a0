"""The steps of a verification: what each came to, and what follows for the exit code."""

from collections.abc import Iterable
from typing import NoReturn

from conformance.model.attestation import (
    EXIT_DEMANDS_NOT_MET,
    EXIT_NOT_AUTHENTIC,
    EXIT_UNREADABLE,
    StepOutcome,
    VerificationStep,
)

STEPS = (
    "envelope",
    "signatures",
    "statement",
    "keys",
    "files",
    "profile",
    "profile release",
    "evidence",
    "recomputation",
    "binding",
    "times",
    "expectations",
)
"""The names of all steps, in order."""

_TOLD = 5


class Refused(Exception):
    """A step failed after which nothing more can be said."""


class Steps:
    """The steps done so far."""

    def __init__(self) -> None:
        self._steps: dict[str, VerificationStep] = {}

    def add(self, name: str, outcome: StepOutcome, detail: str, exit_code: int = 0) -> None:
        """Enter what a step came to."""
        self._steps[name] = VerificationStep(name=name, outcome=outcome, detail=detail, exit_code=exit_code)

    def ok(self, name: str, detail: str) -> None:
        """Enter that all is well."""
        self.add(name, StepOutcome.OK, detail)

    def fail(self, name: str, detail: str, exit_code: int = EXIT_NOT_AUTHENTIC) -> None:
        """Enter that a step failed, and go on."""
        self.add(name, StepOutcome.FAIL, detail, exit_code)

    def refuse(self, name: str, detail: str, exit_code: int = EXIT_NOT_AUTHENTIC) -> NoReturn:
        """Enter that a step failed after which nothing more can be said. Raises Refused."""
        self.fail(name, detail, exit_code)
        raise Refused

    def in_order(self) -> tuple[VerificationStep, ...]:
        """Every step, also those that were not reached."""
        failed = next((name for name in STEPS if name in self._steps and self._steps[name].exit_code), "")
        reason = f"not reached, since the step `{failed}` failed"
        return tuple(
            self._steps.get(name) or VerificationStep(name=name, outcome=StepOutcome.SKIPPED, detail=reason)
            for name in STEPS
        )

    @property
    def exit_code(self) -> int:
        """The code that weighs most: unreadable, not authentic, demands not met, in this order."""
        codes = {step.exit_code for step in self._steps.values()}
        order = (EXIT_UNREADABLE, EXIT_NOT_AUTHENTIC, EXIT_DEMANDS_NOT_MET)
        return next((code for code in order if code in codes), 0)

    @property
    def authentic(self) -> bool:
        """Whether no step so far says that the report is not what it claims to be."""
        return self.exit_code not in {EXIT_UNREADABLE, EXIT_NOT_AUTHENTIC}


def few(items: Iterable[str], separator: str = ", ") -> str:
    """The first few of these, and how many more there are."""
    listed = list(items)
    more = f"{separator}and {len(listed) - _TOLD} more" if len(listed) > _TOLD else ""
    return separator.join(listed[:_TOLD]) + more
