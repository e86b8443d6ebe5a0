"""What people decide beforehand or on the way, in YAML files.

A buyer: the weights of a tender, what was accepted instead, what is waived.
A supplier: which failures its build knows of.
"""

from collections import Counter
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from conformance.errors import Problem, UsageError
from conformance.model.base import Noun
from conformance.model.baseline import KnownFailure
from conformance.model.comparison import Equivalence, Weights
from conformance.model.marked_yaml import Marked, read_yaml
from conformance.model.report import Waiver
from conformance.model.waivers import WaiverList

_LARGEST = 1_000_000
N = TypeVar("N", bound=Noun)


def weights(path: Path) -> Weights:
    """The points for what is recommended. Raises UsageError with every mistake, by line and column."""
    return _noun(_marked(path), Weights)


def equivalences(path: Path) -> tuple[Equivalence, ...]:
    """The decisions in the file's list. Raises UsageError with every mistake, by line and column."""
    return _list(path, Equivalence, "decisions")


def known_failures(path: Path) -> tuple[KnownFailure, ...]:
    """The failures in the file's list, each once. Raises UsageError with every mistake, by line and column."""
    known = _list(path, KnownFailure, "known failures")
    twice = [name for name, count in Counter(entry.requirement for entry in known).items() if count > 1]
    if twice:
        raise UsageError(
            f"{path} lists {twice[0]} more than once", hint="Keep one entry for each requirement."
        )
    return known


def waivers(path: Path) -> WaiverList:
    """The waivers in the file's list. Raises UsageError with every mistake, by line and column."""
    listed = _list(path, Waiver, "waivers")
    return _noun(Marked(str(path), {"waivers": listed}, {}), WaiverList)


def _list(path: Path, kind: type[N], what: str) -> tuple[N, ...]:
    marked = _marked(path)
    if not isinstance(marked.value, list):
        raise _mistakes(path, [marked.problem((), f"holds no list of {what}")])
    return tuple(
        _noun(Marked(marked.file, item, marked.places), kind, index)
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
            marked.problem((*above, *mistake["loc"]), _said(mistake["loc"], mistake["msg"]))
            for mistake in error.errors(include_url=False)
        ]
        raise _mistakes(Path(marked.file), told) from None


def _said(place: tuple[str | int, ...], message: str) -> str:
    member = f"{place[-1]}: " if place and isinstance(place[-1], str) else ""
    return f"{member}{message.removeprefix('Value error, ')}"


def _mistakes(path: Path, problems: list[Problem]) -> UsageError:
    listing = "\n".join(f"  {problem}" for problem in problems)
    return UsageError(
        f"{path} cannot be used:\n{listing}",
        hint="docs/comparing.md, docs/ci.md and docs/trust.md show such files.",
    )
