"""What a profile made of the honest reference supplier and of the named faults: whether it bites."""

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.profile import Level, Method
from conformance.model.verdict import Outcome


class Seen(Noun):
    """What a requirement came to against one supplier, and the first thing that was found or the reason."""

    outcome: Outcome
    said: str = ""


class Trial(Noun):
    """A run of the profile, or of some of its requirements, against one supplier; `fault` is empty for the honest."""

    fault: str = ""
    seen: dict[str, Seen] = Field(default_factory=dict)
    broken: str = Field(default="", description="why the supplier could not be tested, where it could not")


class Bite(Noun):
    """What one requirement has shown.

    `tried` are the faults that its calls could notice and that were run, `caught` those that made it fail. A
    requirement that the honest supplier fails as well (a false alarm) catches nothing.
    """

    id: str
    level: Level
    method: Method
    text: str
    honest: Seen
    tried: tuple[str, ...] = ()
    caught: tuple[str, ...] = ()

    @property
    def false_alarm(self) -> bool:
        """Whether it fails the honest supplier."""
        return self.honest.outcome is Outcome.FAIL

    @property
    def has_shown_nothing(self) -> bool:
        """Whether it was tested, and nothing made it fail."""
        return not self.caught and not self.false_alarm and self.honest.outcome is not Outcome.INAPPLICABLE


class Bites(Noun):
    """The profile tried: what each requirement caught, what no requirement noticed, and what could not be run."""

    profile: str
    sha256: str
    requirements: tuple[Bite, ...]
    unnoticed: dict[str, str] = Field(default_factory=dict, description="fault: what it does")
    broken: dict[str, str] = Field(default_factory=dict, description="fault: why it could not be run")
    run: int = Field(description="how many faults were run")

    @property
    def false_alarms(self) -> tuple[Bite, ...]:
        """The requirements that the honest supplier fails."""
        return tuple(bite for bite in self.requirements if bite.false_alarm)
