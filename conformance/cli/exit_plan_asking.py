"""`conformance exit-plan new`: questions in the terminal, and the file that comes of them."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import typer

from conformance.checks.exit_plan_schema import part, said, schema, validator
from conformance.errors import UsageError
from conformance.outside.plan_files import write_new
from conformance.session.exit_plan_draft import QUESTIONS, Asked, as_yaml, draft
from conformance.session.exit_plan_draft import example as filled_in


def write_plan(file: Path, *, example: bool) -> int:
    """Write a new plan: an example, or a draft with the answers."""
    if file.exists():
        raise UsageError(f"{file} is there already", hint="Name another file, or move that one away.")
    if example:
        plan = filled_in(dt.datetime.now(dt.UTC).date())
    else:
        print("Press Enter to take what is offered in brackets, or to leave a question for later.\n")
        answers = {asked.path: _answer(asked) for asked in QUESTIONS}
        plan = draft({path: value for path, value in answers.items() if value is not None})
    text = (
        json.dumps(plan, indent=2, ensure_ascii=False) + "\n"
        if file.suffix.lower() == ".json"
        else as_yaml(plan)
    )
    write_new(file, text)
    print(f"\n{file} is written. What is still to do: conformance exit-plan check {file}")
    return 0


def _answer(asked: Asked) -> Any:
    """What somebody answers, asked again until it fits; None where the question was left.

    Raises UsageError where answers came from a file or a pipe and have run out.
    """
    while True:
        try:
            given = typer.prompt(asked.words, default=asked.offered, show_default=bool(asked.offered)).strip()
        except typer.Abort:
            if sys.stdin.isatty():
                raise
            raise UsageError(
                f"nobody is here to be asked: {asked.words}",
                hint="--example writes a plan that is filled in, to be changed in an editor.",
            ) from None
        if not given:
            return None
        value = int(given) if given.isascii() and given.isdigit() and not _is_text(asked.path) else given
        wrong = _mistakes(asked.path, value)
        if not wrong:
            return value
        print(f"  {wrong}")


def _mistakes(path: str, value: Any) -> str:
    """Why an answer does not fit; empty where it does."""
    judge = validator().evolve(schema={**part(path), "$defs": schema()["$defs"]})
    return next((said(error) for error in judge.iter_errors(value)), "")


def _is_text(path: str) -> bool:
    return part(path).get("type") == "string"
