"""What has changed between two versions of a profile, and which version number that deserves."""

from enum import StrEnum

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.versions import Version


class Effect(StrEnum):
    """What a change means for who relies on the profile, the gravest first."""

    BREAKING = "breaking"
    STRENGTHENING = "strengthening"
    RELAXING = "relaxing"
    EDITORIAL = "editorial"

    @property
    def meaning(self) -> str:
        """The effect in a sentence."""
        return _MEANING[self]


_MEANING = {
    Effect.BREAKING: "What others refer to is gone or means something else, so results cannot be set side by side.",
    Effect.STRENGTHENING: "More is asked or looked at: what passed may fail.",
    Effect.RELAXING: "Less is asked or looked at: what failed may pass.",
    Effect.EDITORIAL: "Only words changed: every result stays what it was.",
}


class Difference(Noun):
    """One thing that differs: the requirement, parameter or member, and what happened to it."""

    effect: Effect
    where: str
    said: str


class ProfileDifference(Noun):
    """All that differs, the version that the new one states, and the least that it deserves."""

    old: str
    new: str
    stated: str
    deserved: str
    differences: tuple[Difference, ...] = Field(default=())

    @property
    def too_low(self) -> bool:
        """Whether the new version states less than its changes deserve."""
        return Version.read(self.stated) < Version.read(self.deserved)

    def of(self, effect: Effect) -> tuple[Difference, ...]:
        """The differences with this effect."""
        return tuple(one for one in self.differences if one.effect is effect)


def deserved(old: str, effects: frozenset[Effect]) -> str:
    """The least version that may follow `old` after changes with these effects.

    From 1.0.0 on, what breaks raises the first number, what asks more or less the second, and words the third. Before
    1.0.0 nothing is promised yet: there whatever changes results raises the second. A draft of a version may change
    until that version is released: after `1.1.0-draft` comes 1.1.0, or more where its numbers do not say enough.
    """
    version = Version.read(old)
    major, minor, patch = version.numbers
    substance = effects - {Effect.EDITORIAL}
    if not effects:
        return old
    if Effect.BREAKING in effects and major:
        least = (major + (version.is_release or (minor, patch) != (0, 0)), 0, 0)
    elif substance:
        least = (major, minor + (version.is_release or patch != 0), 0)
    else:
        least = (major, minor, patch + version.is_release)
    return ".".join(map(str, least))
