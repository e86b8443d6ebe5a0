"""Reading a fleet's file (YAML) and the target files that it names; all mistakes in all of them are told at once."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import TargetFileError, UsageError
from conformance.model.fleet import Fleet
from conformance.model.marked_yaml import Marked, read_yaml
from conformance.model.target import Target
from conformance.outside.target_file import read_target

__all__ = ["Member", "read_fleet"]

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_HINT = "docs/fleet.md describes every member."


@dataclass(frozen=True)
class Member:
    """One target of a fleet: its name within it, the target, its file's folder, and its profiles (names or paths)."""

    name: str
    target: Target
    folder: Path
    profiles: tuple[str, ...]


def read_fleet(path: Path) -> tuple[Fleet, tuple[Member, ...]]:
    """The fleet that a file describes, with its targets. Raises UsageError with every mistake."""
    try:
        marked = read_yaml(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the fleet's file {path} cannot be read: {error}", hint=_HINT) from error
    fleet = _fleet(marked)
    members, told = list[Member](), list[str]()
    for place, entry in enumerate(fleet.targets):
        profiles = entry.profiles or fleet.profiles
        files = _files(path.parent, entry.file)
        if not files:
            told.append(str(marked.problem(("targets", place), f"there is no target file {entry.file}")))
        if not profiles:
            told.append(
                str(marked.problem(("targets", place), f"{entry.file} is to be tested against no profile"))
            )
        for file in files:
            try:
                target = read_target(file)
            except TargetFileError as error:
                told.append(error.message)
            else:
                beside = tuple(_beside(path.parent, profile) for profile in profiles)
                members.append(Member(_name(file, path.parent), target, file.parent.resolve(), beside))
    told += _twice(members)
    if told:
        raise UsageError("the fleet cannot be tested:\n" + "\n".join(told), hint=_HINT)
    return fleet, tuple(sorted(members, key=lambda member: member.name))


def _fleet(marked: Marked) -> Fleet:
    problems = list(marked.problems)
    if not problems:
        try:
            return Fleet.model_validate(marked.value)
        except ValidationError as error:
            problems = [
                marked.problem(
                    mistake["loc"], f"{'.'.join(map(str, mistake['loc'])) or 'the whole'}: {mistake['msg']}"
                )
                for mistake in error.errors(include_url=False)
            ]
    listing = "\n".join(f"  {problem}" for problem in problems)
    raise UsageError(f"the fleet's file has mistakes:\n{listing}", hint=_HINT)


def _files(base: Path, named: str) -> list[Path]:
    """The files of a path, or of a pattern such as `targets/*.yaml`."""
    if Path(named).is_absolute():
        return [Path(named)] if Path(named).is_file() else []
    return sorted(file for file in base.glob(named) if file.is_file())


def _beside(base: Path, profile: str) -> str:
    """A profile that is a file is named from the fleet's file; another one by its name."""
    return str((base / profile).resolve()) if profile.endswith((".yaml", ".yml")) else profile


def _name(file: Path, base: Path) -> str:
    """The target's name in the fleet: its file's path, as a plain name for a folder."""
    shown = file.relative_to(base) if file.is_relative_to(base) else Path(file.name)
    return _UNSAFE.sub("-", shown.with_suffix("").as_posix()).strip("-") or "target"


def _twice(members: Iterable[Member]) -> list[str]:
    names = Counter(member.name.lower() for member in members)
    return [
        f"two target files come to the name {name}: name each once, and let the names differ"
        for name, count in sorted(names.items())
        if count > 1
    ]
