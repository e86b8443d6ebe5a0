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
    "files",
    "profile",
    "evidence",
    "recomputation",
    "binding",
    "times",
)
"""The names of all nine steps, in order."""

VERDICT = "verdict"
"""What follows them: whether the report says what the reader asks for."""

_TOLD = 5
_WORST_FIRST = (EXIT_UNREADABLE, EXIT_NOT_AUTHENTIC, EXIT_DEMANDS_NOT_MET, 0)
_HEAVIEST_FIRST = (StepOutcome.FAIL, StepOutcome.WARN, StepOutcome.OK, StepOutcome.SKIPPED)


class Refused(Exception):
    """A step failed after which nothing more can be said."""


class Steps:
    """The steps done so far."""

    def __init__(self) -> None:
        self._steps: dict[str, VerificationStep] = {}

    def add(self, name: str, outcome: StepOutcome, detail: str, exit_code: int = 0) -> None:
        """Enter what a step came to. Where it looked at several things, it is as good as the worst of them."""
        said = VerificationStep(name=name, outcome=outcome, detail=detail, exit_code=exit_code)
        if (before := self._steps.get(name)) is not None:
            both = (before, said)
            said = VerificationStep(
                name=name,
                outcome=next(o for o in _HEAVIEST_FIRST if o in {step.outcome for step in both}),
                detail="; ".join(step.detail for step in both),
                exit_code=_heaviest({step.exit_code for step in both}),
            )
        self._steps[name] = said

    def ok(self, name: str, detail: str) -> None:
        """Enter that all is well."""
        self.add(name, StepOutcome.OK, detail)

    def warn(self, name: str, detail: str) -> None:
        """Enter what is worth telling and refuses nothing."""
        self.add(name, StepOutcome.WARN, detail)

    def fail(self, name: str, detail: str, exit_code: int = EXIT_NOT_AUTHENTIC) -> None:
        """Enter that a step failed, and go on."""
        self.add(name, StepOutcome.FAIL, detail, exit_code)

    def refuse(self, name: str, detail: str, exit_code: int = EXIT_NOT_AUTHENTIC) -> NoReturn:
        """Enter that a step failed after which nothing more can be said. Raises Refused."""
        self.fail(name, detail, exit_code)
        raise Refused

    def in_order(self) -> tuple[VerificationStep, ...]:
        """All nine steps, also those that were not reached."""
        return tuple(self._step(name) for name in STEPS)

    @property
    def verdict(self) -> VerificationStep:
        """Whether the report says what the reader asks for; skipped where it is not known what it says."""
        return self._step(VERDICT)

    def _step(self, name: str) -> VerificationStep:
        if name in self._steps:
            return self._steps[name]
        failed = next((each for each in STEPS if each in self._steps and self._steps[each].exit_code), "")
        reason = f"not reached, since the step `{failed}` failed"
        return VerificationStep(name=name, outcome=StepOutcome.SKIPPED, detail=reason)

    @property
    def exit_code(self) -> int:
        """The code that weighs most: unreadable, not authentic, demands not met, in this order."""
        return _heaviest({step.exit_code for step in self._steps.values()})

    @property
    def authentic(self) -> bool:
        """Whether no step so far says that the report is not what it claims to be."""
        return self.exit_code not in {EXIT_UNREADABLE, EXIT_NOT_AUTHENTIC}


def _heaviest(codes: set[int]) -> int:
    return next((code for code in _WORST_FIRST if code in codes), 0)


def few(items: Iterable[str], separator: str = ", ") -> str:
    """The first few of these, and how many more there are."""
    listed = list(items)
    more = f"{separator}and {len(listed) - _TOLD} more" if len(listed) > _TOLD else ""
    return separator.join(listed[:_TOLD]) + more
