"""`conformance profiles new`: plain questions, and the file that comes of the answers."""

import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.outside.places import ProfileLibrary, shipped
from conformance.outside.plan_files import write_new
from conformance.session.authoring.starting import QUESTIONS, Question, first_text

SCHEMA = "profile.schema.json"


def start_profile(given: Mapping[str, str | None], out: Path | None, show: Show) -> int:
    """Write a new profile with what is given, asking for the rest where somebody is there to answer."""
    for question in QUESTIONS:
        value = given[question.member]
        if value is not None and (mistake := question.mistake(value)):
            raise UsageError(mistake)
    if out is not None and out.exists():
        raise UsageError(f"{out} is there already", hint="Name another file, or move that one away.")
    answers = {question.member: _answer(question, given[question.member]) for question in QUESTIONS}
    for name in filter(None, (name.strip() for name in answers["extends"].split(","))):
        ProfileLibrary().text(name)
    file = out or Path(f"{answers['name']}.yaml")
    write_new(file, first_text(answers, str(file), str(shipped("profiles") / SCHEMA)))
    show.say(f"{file} is written. What to do with it stands in its first lines.")
    return 0


def _answer(question: Question, given: str | None) -> str:
    """What somebody answers, asked again until it fits. Raises UsageError where nobody is there to be asked."""
    if given is not None:
        return given
    if not sys.stdin.isatty():
        if not question.mistake(question.offered):
            return question.offered
        raise UsageError(
            f"nobody is here to be asked: {question.words}",
            hint=f"Give the answer with --{question.member}.",
        )
    while True:
        answer: str = typer.prompt(question.words, default=question.offered, show_default=False).strip()
        if not (mistake := question.mistake(answer)):
            return answer
        print(f"  {mistake}")
