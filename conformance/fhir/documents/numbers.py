"""Numbers as they were written: `int` for whole ones, `Decimal` with every digit for the others.

A number that is no measure of anything (thousands of digits, an exponent beyond ten thousand) is not taken: turning
it into an integer, or adding to it, could keep a computer busy for hours.
"""

from decimal import Decimal, InvalidOperation

__all__ = ["MAX_DIGITS", "MAX_EXPONENT", "NEGATIVE_ZERO", "number"]

MAX_DIGITS = 4000
MAX_EXPONENT = 9999
NEGATIVE_ZERO = "-0"


def number(lexeme: str) -> int | Decimal | None:
    """The number that a lexeme of JSON or XML stands for, or None where it is too long or too large to be taken.

    -0 is a `Decimal`: the only integer that would lose its sign, with which FHIR writes no integer.
    """
    if len(lexeme) > MAX_DIGITS:
        return None
    if lexeme == NEGATIVE_ZERO:
        return Decimal(lexeme)
    if lexeme.lstrip("+-").isdecimal():
        return int(lexeme)
    try:
        made = Decimal(lexeme)
    except InvalidOperation:
        return None
    return made if -MAX_EXPONENT <= made.adjusted() <= MAX_EXPONENT else None
