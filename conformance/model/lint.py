"""What is wrong, or looks wrong, with a profile that somebody writes: each at its place."""

from enum import StrEnum

from conformance.model.base import Noun


class Severity(StrEnum):
    """An error must be mended; a warning is for the author to judge."""

    ERROR = "error"
    WARNING = "warning"


class Rule(StrEnum):
    """What `profiles lint` looks at."""

    MISTAKE = "mistake"
    LEVEL_IN_TEXT = "level-in-text"
    NO_CLAUSE = "no-clause"
    THIN_REASON = "thin-reason"
    NOTHING_SHOWS_IT = "nothing-shows-it"
    UNUSED_PARAMETER = "unused-parameter"
    SAME_TEXT = "same-text"
    ONE_NAME_TWICE = "one-name-twice"
    DEAD_LINK = "dead-link"
    LINK_NOT_SEEN = "link-not-seen"

    @property
    def meaning(self) -> str:
        """The rule in a sentence."""
        return _MEANING[self]


_MEANING = {
    Rule.MISTAKE: "The profile does not load: a member, value, name or call is not what it must be.",
    Rule.LEVEL_IN_TEXT: "The text of a requirement says another level than its `level`.",
    Rule.NO_CLAUSE: "The source of a requirement does not lead to a clause.",
    Rule.THIN_REASON: "The reason why a requirement has no test says nothing.",
    Rule.NOTHING_SHOWS_IT: "No named fault of the reference supplier is known that a binding requirement could notice.",
    Rule.UNUSED_PARAMETER: "A parameter changes nothing: nothing uses it.",
    Rule.SAME_TEXT: "Two requirements have the same text.",
    Rule.ONE_NAME_TWICE: "Two profiles have one name.",
    Rule.DEAD_LINK: "What a link of the profile leads to is not there.",
    Rule.LINK_NOT_SEEN: "It could not be seen whether a link leads anywhere.",
}


class Finding(Noun):
    """One finding; `line` and `column` count from 1, and are 0 where the place is not known."""

    file: str
    line: int
    column: int
    rule: Rule
    severity: Severity
    message: str

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.severity}: {self.message} [{self.rule}]"
