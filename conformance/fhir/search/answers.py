"""Answers of three values and how they combine (Kleene): True, False, and None where it cannot be told."""

from collections.abc import Iterable

__all__ = ["Answer", "all_of", "any_of", "negated"]

Answer = bool | None


def any_of(answers: Iterable[Answer]) -> Answer:
    """True if one is; False if all are; None otherwise. False for none at all."""
    found: Answer = False
    for answer in answers:
        if answer is True:
            return True
        if answer is None:
            found = None
    return found


def all_of(answers: Iterable[Answer]) -> Answer:
    """False if one is; True if all are; None otherwise. True for none at all."""
    found: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            found = None
    return found


def negated(answer: Answer) -> Answer:
    """The contrary; what cannot be told stays so."""
    return None if answer is None else not answer
