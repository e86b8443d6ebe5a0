"""Every way in which the harness can fail, split by whose fault it is.

```
ConformanceError
├── UsageError                  2  the person at the keyboard can mend it
│   ├── ProfileError               a profile has mistakes (all of them, with line and column)
│   ├── TargetFileError            the target file is wrong or incomplete
│   ├── KeyFileError               a key or trust file cannot be used
│   ├── UnknownName                nothing goes by that name; the closest one is told
│   └── Unreadable                 a run folder, envelope or bundle cannot be read
├── TargetError                 4  the system under test cannot be tested
├── NothingToTest               5  what was chosen comes to nothing
├── HarnessError                3  our own fault, or this machine's
│   ├── LeakFound                  a secret was about to be written; nothing was
│   └── ReferenceSupplierError     the embedded supplier did not come up
└── Interrupted               130  somebody pressed Ctrl-C
```

Two signals are no failures of a run: `Untestable` (a probe finds that what it needs is not there) and
`NotJudgeable` (a check finds that the evidence cannot tell).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class ConformanceError(Exception):
    """What went wrong and where, a hint how to mend it, and the exit code that the command ends with."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ConformanceError):
    """A mistake in a command, file or setting, which its author can mend."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One mistake in a file: `line` and `column` count from 1; 0 where the place is not known."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.message}"


class ProfileError(UsageError):
    """All mistakes that were found in a profile, at once."""

    def __init__(self, problems: Iterable[Problem], *, what: str = "the profile") -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column, p.message)))
        count = len(self.problems)
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            f"{what} has {count} mistake{'' if count == 1 else 's'}:\n{listing}",
            hint="Mend the places named above; `conformance profiles show NAME` shows a profile that loads.",
        )


class TargetFileError(UsageError):
    """The target file is wrong, incomplete, or points to something that is not there."""


class KeyFileError(UsageError):
    """A key or trust file is missing, unreadable, too open, or of a kind that is not accepted."""


class Unreadable(UsageError):
    """A run folder, envelope or bundle that cannot be read as what it should be."""


class UnknownName(UsageError):
    """Nothing goes by this name."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no {kind} named {name!r}{closest(name, known)}")


class TargetError(ConformanceError):
    """The system under test cannot be reached, or does not let itself be tested."""

    exit_code = 4


class NothingToTest(ConformanceError):
    """What somebody chose to test comes to no case at all: nothing was shown, so it is no pass."""

    exit_code = 5


class HarnessError(ConformanceError):
    """Our own fault, or this machine's."""

    exit_code = 3


class LeakFound(HarnessError):
    """A secret of this run was about to be written to disk. Nothing was written."""


class ReferenceSupplierError(HarnessError):
    """The embedded reference supplier did not come up, or ended early."""


class Interrupted(ConformanceError):
    """The run was interrupted from the keyboard; finished cases are kept."""

    exit_code = 130


class Untestable(Exception):
    """Raised by a probe: what the test needs (data, permission, a precondition) is not there."""


class NotJudgeable(Exception):
    """Raised by a check: this evidence cannot tell whether the requirement is met."""


class NoData(NotJudgeable):
    """Raised by a check: there was nothing to judge (an empty answer proves nothing), so it is untested."""


class NotApplicable(NotJudgeable):
    """Raised by a check: the target does not offer what is judged here, and it lawfully need not."""


def closest(name: str, known: Iterable[str]) -> str:
    """A suffix for a message that suggests the closest known name; empty when none is close."""
    match = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {match[0]!r}?" if match else ""
