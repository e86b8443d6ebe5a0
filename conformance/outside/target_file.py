"""Reading a target file (YAML): who is tested, where, and with which credentials."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from conformance.errors import Problem, TargetFileError, closest
from conformance.model.marked_yaml import Marked, read_yaml
from conformance.model.target import Target


def read_target(path: Path) -> Target:
    """The target that a file describes. Raises TargetFileError with every mistake, by line and column."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TargetFileError(
            f"the target file {path} cannot be read: {error}",
            hint="`conformance run --url URL` needs none; docs/targets.md shows one.",
        ) from error
    marked = read_yaml(text, str(path))
    if marked.problems:
        raise _mistakes(marked.problems)
    return _target(marked)


def target_at(url: str) -> Target:
    """A target of which no more is known than its FHIR base URL. Raises TargetFileError."""
    return _target(Marked("--url", {"endpoint": url}, {}))


def _target(marked: Marked) -> Target:
    if not isinstance(marked.value, dict):
        raise _mistakes([marked.problem((), "holds no target: it must be a mapping with `endpoint: URL`")])
    try:
        target = Target.model_validate(marked.value)
    except ValidationError as error:
        problems = []
        for mistake in error.errors(include_url=False):
            path = tuple(part for part in mistake["loc"] if part not in _tags(marked.value))
            said = mistake["msg"].removeprefix("Value error, ")
            name = str(path[-1]) if path else ""
            if mistake["type"] == "extra_forbidden":
                known = [field.alias or key for key, field in Target.model_fields.items()]
                said = f"unknown member {name!r}{closest(name, known) if len(path) == 1 else ''}"
            elif mistake["type"] == "missing":
                said = f"the member {name!r} is missing"
            elif name:
                said = f"{name}: {said}"
            problems.append(marked.problem(path, said))
        raise _mistakes(problems) from None
    try:
        _ = httpx.URL(target.endpoint), urlsplit(target.endpoint).port
    except (httpx.InvalidURL, ValueError) as error:
        raise _mistakes([marked.problem(("endpoint",), f"endpoint: {error}")]) from None
    return target


def _tags(value: dict[str, object]) -> tuple[object, ...]:
    """The tag of the auth union, which pydantic puts into the paths of its errors."""
    auth = value.get("auth")
    return (auth.get("kind"),) if isinstance(auth, dict) else ()


def _mistakes(problems: Sequence[Problem]) -> TargetFileError:
    listing = "\n".join(f"  {problem}" for problem in problems)
    return TargetFileError(
        f"the target cannot be used:\n{listing}", hint="docs/targets.md describes every member."
    )
