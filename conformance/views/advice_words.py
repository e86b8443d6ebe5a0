"""Advice to a buyer in words: what to ask for, as text to paste into a tender, and what a pass will not show."""

from collections.abc import Iterator
from decimal import Decimal

from conformance.model.gallery import Advice, Answers, Lot
from conformance.views.text import one_line

__all__ = ["amount", "text"]

VALUE = "contract_value"


def text(advice: Advice) -> str:
    """The whole text, in plain paragraphs that keep their form wherever they are pasted."""
    return "\n".join(_lines(advice))


def amount(value: str) -> str:
    """An amount in pounds as people write it, as in £1,250,000."""
    whole, point, pence = value.partition(".")
    return f"£{int(whole):,}{point}{pence}"


def _lines(advice: Advice) -> Iterator[str]:
    answers = advice.answers
    yield "CONFORMANCE"
    yield ""
    yield f"We buy: {'; '.join(one_line(one.title) for one in answers.buys)}."
    if answers.connects:
        yield f"It must connect to: {'; '.join(one_line(one.title) for one in answers.connects)}."
    yield ""
    yield "The product that is delivered shall pass each of these conformance profiles, in the version named or a later"
    yield "one of the same major version, and the supplier shall hand in the signed report of each run:"
    for number, lot in enumerate(advice.lots, start=1):
        yield from ("", f"{number}. Through its {_through(lot)}:")
        yield from _profiles(lot)
    yield ""
    yield from _value(advice)
    yield "A report counts where its signature, its evidence and its verdicts are verified anew by the buyer."
    yield "What a profile does not test, or what was not judged for want of data, counts as not shown."
    yield ""
    yield "These profiles test what the product itself offers to others. They do not test what it does as a client of a"
    yield "national service, and replace neither that service's own assurance nor DTAC."


def _profiles(lot: Lot) -> Iterator[str]:
    for one in lot.recommended:
        profile = one.profile
        draft = "" if profile.status == "active" else f", {profile.status}"
        yield f"   - {one_line(profile.title)} ({profile.label}{draft})"
        yield f"     for: {'; '.join(map(one_line, one.because))}"


def _through(lot: Lot) -> str:
    where, _, apart = lot.interface.partition(", ")
    said = "documents" if where == "documents" else f"{one_line(where)} interface"
    return f"{said}, with a result of its own" if apart else said


def _value(advice: Advice) -> Iterator[str]:
    answers = advice.answers
    if not answers.value:
        yield "The value of the contract is not stated here: all provisions for leaving are required."
    elif not any(VALUE in lot.parameters for lot in advice.lots):
        yield f"The contract is worth {amount(answers.value)}; none of these profiles asks less or more for that."
    elif not answers.threshold:
        yield f"The contract is worth {amount(answers.value)}. No threshold is set (--threshold), so all provisions for"
        yield "leaving are required."
    else:
        yield f"The contract is worth {amount(answers.value)}, {_against(answers)}"


def _against(answers: Answers) -> str:
    limit = amount(answers.threshold)
    if Decimal(answers.value) < Decimal(answers.threshold):
        return f"below the threshold of {limit}: some of the provisions for leaving only advise."
    return f"which is not below the threshold of {limit}: all provisions for leaving are required."
