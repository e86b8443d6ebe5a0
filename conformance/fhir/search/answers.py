"""Answers of three values and how they combine (Kleene): True, False, and None where it cannot be told."""

from collections.abc import Callable, Iterable

from conformance.fhir.search.held import Held

__all__ = ["Answer", "Test", "all_of", "any_of", "negated", "undecided"]

Answer = bool | None

Test = Callable[[Held], Answer]
"""A searched value, read once and asked of many: whether a held value matches it."""


def undecided(_: Held) -> Answer:
    """The test of a searched value that cannot be read."""
    return None


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
