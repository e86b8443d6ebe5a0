"""Where things are: shipped profiles and suites, the user's own folders, a run's private work area."""

import datetime as dt
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from conformance.errors import UnknownName, Unreadable, UsageError
from conformance.model.base import sha256
from conformance.model.marked_yaml import MAX_SIZE
from conformance.model.versions import ANY, VERSION, Version, VersionRange
from conformance.outside.installed_profiles import Found, Installed

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


def shipped_profiles() -> Iterator[Path]:
    """The files of the shipped profiles, by name."""
    yield from sorted(path for path in shipped("profiles").iterdir() if path.suffix in SUFFIXES)


def user_folder(variable: str, default: str) -> Path:
    """The harness's folder under an XDG base directory (XDG Base Directory Specification)."""
    base = os.environ.get(variable)
    return (Path(base) if base else Path.home() / default) / "conformance"


def private_area(run_id: str) -> Path:
    """The run's private work area: outside the run's folder, readable by its owner only, erased at the end."""
    return user_folder("XDG_CACHE_HOME", ".cache") / "work" / run_id


def repositories() -> Path:
    """Where profiles from repositories lie: in the user's own data, since a verdict rests on them."""
    return user_folder("XDG_DATA_HOME", ".local/share") / "repositories"


def erase(folder: Path) -> None:
    """Remove a private work area."""
    shutil.rmtree(folder, ignore_errors=True)


class ProfileLibrary:
    """Profiles by name (shipped, or from a repository) or by the path of a file.

    What a file extends is sought beside it first, then among the shipped ones. `exit-core@1.0.0` names one version.
    """

    def __init__(self) -> None:
        self._beside: list[Path] = []
        self._installed = Installed(repositories())

    def text(self, name: str, wanted: VersionRange = ANY, /) -> tuple[str, str]:
        """The YAML of a profile and the name of its file. Raises UnknownName or Unreadable.

        Where a folder has several versions (`name.yaml`, `name@1.2.0.yaml`), it is the newest in the range.
        """
        try:
            path = self._path(name, wanted)
        except OSError as error:
            raise UsageError(f"there can be no profile of this name: {error.strerror}") from error
        return read_profile(path), str(path)

    def names(self) -> Iterator[str]:
        """The names of the shipped profiles."""
        yield from (path.stem for path in shipped_profiles())

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
        named, at, version = name.partition("@")
        if at and wanted is ANY:
            name, wanted = named, _exactly(version)
        if (
            not self._beside
            and (pinned := self._installed.pinned(name))
            and wanted.holds(pinned.released.version)
        ):
            return self._from_repository(pinned)
        unwanted: list[Path] = []
        for folder in (*self._beside, shipped("profiles")):
            found = _versions_of(name, folder)
            newest = max((v for v in found if wanted.holds(v)), key=_releases_last, default=None)
            if newest is not None:
                if not self._beside:
                    self._refuse_two(name, newest, found[newest], wanted)
                self._beside.append(folder)
                return found[newest]
            unwanted += found.values()
        others = self._installed.candidates(name, wanted, dt.datetime.now(dt.UTC))
        if others:
            self._refuse_others(name, others)
            return self._from_repository(others[0])
        if unwanted:
            return unwanted[0]
        raise UnknownName("profile", name, {*self.names(), *self._installed.names()})

    def _from_repository(self, found: Found) -> Path:
        self._beside.append(found.path.parent)
        return found.path

    def _refuse_two(self, name: str, version: str, path: Path, wanted: VersionRange) -> None:
        """Raise UsageError where a repository has another profile of the name of one that comes with the harness."""
        same = sha256(path.read_bytes())
        others = self._installed.candidates(name, wanted, dt.datetime.now(dt.UTC))
        if differing := [one for one in others if one.released.file != same]:
            here = ("what comes with the harness", version)
            there = [(f"the repository {one.repository}", one.released.version) for one in differing]
            raise _two(name, [here, *there])

    @staticmethod
    def _refuse_others(name: str, found: list[Found]) -> None:
        """Raise UsageError where repositories have different profiles of one name."""
        if len({one.released.file for one in found}) > 1:
            raise _two(name, [(f"the repository {one.repository}", one.released.version) for one in found])

    def _places(self, name: str) -> Iterator[Path]:
        """Where the file of this path may be: beside a file that names it, or where the command was given."""
        yield from (folder / name for folder in self._beside)
        yield Path(name)


def _exactly(version: str) -> VersionRange:
    try:
        return VersionRange.read(f"={version}")
    except ValueError as error:
        raise UsageError(str(error), hint="Write it as in exit-core@1.0.0.") from error


def _two(name: str, places: list[tuple[str, str]]) -> UsageError:
    """What to say of two profiles with one name."""
    said = " and ".join(f"{version} in {where}" for where, version in places)
    return UsageError(
        f"there are different profiles named {name}: {said}",
        hint=f"Say which: {name}@VERSION, or settle on one: conformance profiles pin {name}@VERSION.",
    )


def read_profile(path: Path) -> str:
    """The text of a profile's file. Raises Unreadable, also where it is larger than a profile may be."""
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
            said = _STATED.search(read_profile(path))
            found.setdefault(said[1] if said else UNSTATED, path)
    return found
