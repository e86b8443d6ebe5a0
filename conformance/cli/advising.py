"""`conformance advise`: three questions, and what to put into a tender."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.errors import UnknownName, UsageError
from conformance.model.gallery import Advice, Answers, Choice
from conformance.outside.plan_files import write_new
from conformance.session.advising import advice, called_for, composed
from conformance.session.authoring.starting import NAME
from conformance.session.gallery import gallery
from conformance.session.suites import profile_named
from conformance.views import advice_words

C = TypeVar("C", bound=Choice)

AMOUNT = re.compile(r"£?\s*([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(\.[0-9]{1,2})?")
NONE = "none"


@dataclass(frozen=True)
class Given:
    """What was given on the command line; None where somebody is to be asked."""

    buy: list[str] | None
    connect: list[str] | None
    value: str | None
    threshold: str
    out: Path | None


def advise(given: Given, show: Show) -> int:
    """Say what to ask for, and write the profiles that ask it. Raises UsageError and UnknownName."""
    answers = _answers(given, show)
    catalog = installed()
    found = advice(answers, [profile_named(name, catalog) for name in called_for(answers)])
    files = _files(found, given.out) if given.out is not None else {}
    for file in files:
        if file.exists():
            raise UsageError(f"{file} is there already", hint="Name another file, or move that one away.")
    for file, text in files.items():
        write_new(file, text)
    said = advice_words.text(found)
    show.data(
        {
            "text": said,
            "profiles": [one.profile.label for lot in found.lots for one in lot.recommended],
            "files": [str(file) for file in files],
        },
        said,
    )
    for file in files:
        show.say(f"\n{file} is written. Look at it: conformance profiles lint {file}")
    if not files:
        show.say("\nOne profile of them all: the same command with --out tender.yaml")
    return 0


def _files(found: Advice, out: Path) -> dict[Path, str]:
    """A file for each interface: the first as it was named, the others with the interface in their name."""
    if out.suffix not in {".yaml", ".yml"} or not re.fullmatch(NAME, out.stem):
        raise UsageError(
            f"--out {out} cannot name a profile",
            hint="Name it in lowercase letters, digits and hyphens, as in tender.yaml.",
        )
    made: dict[Path, str] = {}
    for lot in found.lots:
        name = f"{out.stem}-{re.sub('[^a-z0-9]+', '-', lot.interface.lower())}" if made else out.stem
        made[out.with_name(f"{name}{out.suffix}")] = composed(lot, name)
    return made


def _answers(given: Given, show: Show) -> Answers:
    known = gallery()
    buys = _chosen("What do you buy?", "--buy", given.buy, known.buys, show)
    if not buys:
        raise UsageError(
            "what you buy is not said", hint="Name one of those that `conformance advise` offers."
        )
    connects = _chosen(
        "What must it connect to?", "--connect", given.connect, known.connects, show, none=True
    )
    value = given.value
    if value is None:
        value = _asked(
            "What is the contract worth, in pounds? (empty if that is not settled)", "--value", show
        )
    return Answers(
        buys=buys, connects=connects, value=_amount(value), threshold=_amount(given.threshold, "--threshold")
    )


def _chosen(
    question: str, option: str, given: list[str] | None, known: Sequence[C], show: Show, *, none: bool = False
) -> tuple[C, ...]:
    """What was given, or is answered, by name or number."""
    if given is not None:
        return _named(option, (name for text in given for name in text.split(",")), known, none=none)
    lines = (f"  {number}. {one.title} ({one.name})" for number, one in enumerate(known, start=1))
    asked = "\n".join(
        (question, *lines, "Numbers or names, with commas between" + (f", or {NONE}" if none else ""))
    )
    return _named(option, _asked(asked, option, show).split(","), known, none=none)


def _named(option: str, answers: Iterable[str], known: Sequence[C], *, none: bool) -> tuple[C, ...]:
    by_name = {one.name: one for one in known} | {str(n): one for n, one in enumerate(known, start=1)}
    wanted = [text for text in (answer.strip().lower() for answer in answers) if text]
    if none and wanted == [NONE]:
        return ()
    for name in wanted:
        if name not in by_name:
            raise UnknownName(f"answer to {option}", name, [one.name for one in known])
    return tuple(dict.fromkeys(by_name[name] for name in wanted))


def _amount(text: str, option: str = "--value") -> str:
    """The amount as decimal text; empty stays empty."""
    if not text.strip():
        return ""
    found = AMOUNT.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"{option} {text!r} is no amount in pounds", hint="Write it as in 1250000, 1,250,000 or 980.50."
        )
    return found[1].replace(",", "") + (found[2] or "")


def _asked(question: str, option: str, show: Show) -> str:
    """What somebody answers. Raises UsageError where nobody is there to be asked."""
    if show.json or not sys.stdin.isatty():
        raise UsageError(
            f"nobody is here to be asked: {question.partition(chr(10))[0]}",
            hint=f"Give the answer with {option}; `conformance advise --help` names the answers.",
        )
    return str(typer.prompt(f"{question}\n", default="", show_default=False, err=True))
