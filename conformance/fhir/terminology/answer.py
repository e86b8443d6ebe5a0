"""`Answer`: whether a code is a member, in three values, and the logic that joins such answers (Kleene's).

What is not known is never taken for yes or no: an answer that hangs on it is `CANNOT_TELL`, with a reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Membership(Enum):
    """Whether a code is a member."""

    MEMBER = "member"
    NOT_MEMBER = "not a member"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a code is a member, and why it is not, or why that cannot be told.

    The reason of `CANNOT_TELL` is stable: equal causes give equal words, whichever code was asked about, so that a
    report can group them. It completes the sentence "the binding was not evaluated: …".
    """

    membership: Membership
    reason: str = ""

    @property
    def is_member(self) -> bool:
        """Whether the code surely is a member."""
        return self.membership is Membership.MEMBER

    @property
    def is_not_member(self) -> bool:
        """Whether the code surely is no member."""
        return self.membership is Membership.NOT_MEMBER

    @property
    def cannot_tell(self) -> bool:
        """Whether neither is known."""
        return self.membership is Membership.CANNOT_TELL


MEMBER = Answer(Membership.MEMBER)
NOT_MEMBER = Answer(Membership.NOT_MEMBER)
_JOINT = "; "


def cannot_tell(reason: str) -> Answer:
    """The answer that nobody can give, with its reason."""
    return Answer(Membership.CANNOT_TELL, reason)


def any_of(answers: Iterable[Answer]) -> Answer:
    """A member of the union: of one of these. What cannot be told matters only where no other says yes."""
    doubts: set[str] = set()
    reasons: set[str] = set()
    for answer in answers:
        if answer.is_member:
            return MEMBER
        (doubts if answer.cannot_tell else reasons).update(answer.reason.split(_JOINT))
    if doubts:
        return cannot_tell(_joined(doubts))
    told = _joined(reasons)
    return Answer(Membership.NOT_MEMBER, told) if told else NOT_MEMBER


def all_of(answers: Iterable[Answer]) -> Answer:
    """A member of the intersection: of each of these. What cannot be told matters only where no other says no."""
    doubts: set[str] = set()
    for answer in answers:
        if answer.is_not_member:
            return answer
        if answer.cannot_tell:
            doubts.update(answer.reason.split(_JOINT))
    return cannot_tell(_joined(doubts)) if doubts else MEMBER


def negated(answer: Answer) -> Answer:
    """A member of the complement."""
    if answer.cannot_tell:
        return answer
    return NOT_MEMBER if answer.is_member else MEMBER


def _joined(reasons: set[str]) -> str:
    """Equal causes once, in one order, so that the same doubts give the same words."""
    return _JOINT.join(sorted(reasons - {""}))
