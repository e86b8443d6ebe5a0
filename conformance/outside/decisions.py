"""What a buyer decides beforehand or on the way, in YAML files: the weights of a tender, what was accepted instead."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from conformance.errors import Problem, UsageError
from conformance.model.base import Noun
from conformance.model.comparison import Equivalence, Weights
from conformance.model.marked_yaml import Marked, read_yaml

_LARGEST = 1_000_000
N = TypeVar("N", bound=Noun)


def weights(path: Path) -> Weights:
    """The points for what is recommended. Raises UsageError with every mistake, by line and column."""
    return _noun(_marked(path), Weights)


def equivalences(path: Path) -> tuple[Equivalence, ...]:
    """The decisions in the file's list. Raises UsageError with every mistake, by line and column."""
    marked = _marked(path)
    if not isinstance(marked.value, list):
        raise _mistakes(path, [marked.problem((), "holds no list of decisions")])
    return tuple(
        _noun(Marked(marked.file, item, marked.places), Equivalence, index)
        for index, item in enumerate(marked.value)
    )


def _marked(path: Path) -> Marked:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is larger than {_LARGEST:,} bytes: is it the right file?")
        marked = read_yaml(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="Check the path.") from None
    if marked.problems:
        raise _mistakes(path, list(marked.problems))
    return marked


def _noun(marked: Marked, kind: type[N], *above: int) -> N:
    try:
        return kind.model_validate(marked.value)
    except ValidationError as error:
        told = [
            marked.problem((*above, *mistake["loc"]), mistake["msg"].removeprefix("Value error, "))
            for mistake in error.errors(include_url=False)
        ]
        raise _mistakes(Path(marked.file), told) from None


def _mistakes(path: Path, problems: list[Problem]) -> UsageError:
    listing = "\n".join(f"  {problem}" for problem in problems)
    return UsageError(f"{path} cannot be used:\n{listing}", hint="docs/comparing.md shows such a file.")
