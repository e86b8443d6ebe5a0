"""Where things are: shipped profiles and suites, the user's own folders, a run's private work area."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from conformance.errors import UnknownName, Unreadable, UsageError
from conformance.model.marked_yaml import MAX_SIZE
from conformance.model.versions import ANY, VERSION, Version, VersionRange

PACKAGE = Path(__file__).resolve().parent.parent
SUFFIXES = (".yaml", ".yml")
UNSTATED = "0.0.0"
"""Stands for the version of a profile that states none: a mistake, which is told when the profile is loaded."""
_STATED = re.compile(rf"""^version:\s*["']?({VERSION})["']?\s*(?:#.*)?$""", re.MULTILINE)


def shipped(kind: str) -> Path:
    """The folder of shipped `profiles` or `suites`: the checkout's where the package is in one, else the wheel's."""
    checkout = PACKAGE.parent / kind
    if (PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    return PACKAGE / "_shipped" / kind


def user_folder(variable: str, default: str) -> Path:
    """The harness's folder under an XDG base directory (XDG Base Directory Specification)."""
    base = os.environ.get(variable)
    return (Path(base) if base else Path.home() / default) / "conformance"


def private_area(run_id: str) -> Path:
    """The run's private work area: outside the run's folder, readable by its owner only, erased at the end."""
    return user_folder("XDG_CACHE_HOME", ".cache") / "work" / run_id


def erase(folder: Path) -> None:
    """Remove a private work area."""
    shutil.rmtree(folder, ignore_errors=True)


class ProfileLibrary:
    """Profiles by name (the shipped ones) or by the path of a file; what a file extends is sought beside it first."""

    def __init__(self) -> None:
        self._beside: list[Path] = []

    def text(self, name: str, wanted: VersionRange = ANY, /) -> tuple[str, str]:
        """The YAML of a profile and the name of its file. Raises UnknownName or Unreadable.

        Where a folder has several versions (`name.yaml`, `name@1.2.0.yaml`), it is the newest in the range.
        """
        try:
            path = self._path(name, wanted)
        except OSError as error:
            raise UsageError(f"there can be no profile of this name: {error.strerror}") from error
        return _read(path), str(path)

    def names(self) -> Iterator[str]:
        """The names of the shipped profiles."""
        for path in sorted(shipped("profiles").iterdir()):
            if path.suffix in SUFFIXES:
                yield path.stem

    def _path(self, name: str, wanted: VersionRange) -> Path:
        if name.endswith(SUFFIXES) or os.sep in name:
            path = next((p for p in self._places(name) if p.is_file()), None)
            if path is None:
                raise UsageError(
                    f"there is no profile file {name}",
                    hint="`conformance profiles list` shows the profiles that come with the harness.",
                )
            self._beside.append(path.parent)
            return path
        unwanted: list[Path] = []
        for folder in (*self._beside, shipped("profiles")):
            found = _versions_of(name, folder)
            newest = max((v for v in found if wanted.holds(v)), key=_releases_last, default=None)
            if newest is not None:
                self._beside.append(folder)
                return found[newest]
            unwanted += found.values()
        if unwanted:
            return unwanted[0]
        raise UnknownName("profile", name, self.names())

    def _places(self, name: str) -> Iterator[Path]:
        """Where the file of this path may be: beside a file that names it, or where the command was given."""
        yield from (folder / name for folder in self._beside)
        yield Path(name)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > 4 * MAX_SIZE:  # in UTF-8 no character takes more than four bytes
            raise Unreadable(f"the profile {path} is larger than {MAX_SIZE // 2**20} MB")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"the profile {path} cannot be read: {error}") from error


def _releases_last(version: str) -> tuple[bool, Version]:
    """Orders versions so that any release comes after all drafts: who names no version wants no draft."""
    found = Version.read(version)
    return found.is_release, found


def _versions_of(name: str, folder: Path) -> dict[str, Path]:
    """The files of a folder that hold the profile of this name, by the version that they state."""
    plain = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
    dated = sorted(p for p in folder.iterdir() if p.name.startswith(f"{name}@") and p.suffix in SUFFIXES)
    found: dict[str, Path] = {}
    for path in (*plain, *dated):
        if path.is_file():
            said = _STATED.search(_read(path))
            found.setdefault(said[1] if said else UNSTATED, path)
    return found
