"""Where things are: shipped profiles and suites, the user's own folders, a run's private work area."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from conformance.errors import UnknownName, Unreadable, UsageError

PACKAGE = Path(__file__).resolve().parent.parent
SUFFIXES = (".yaml", ".yml")


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

    def text(self, name: str) -> tuple[str, str]:
        """The YAML of a profile and the name of its file. Raises UnknownName or Unreadable."""
        try:
            path = self._path(name)
        except OSError as error:
            raise UsageError(f"there can be no profile of this name: {error.strerror}") from error
        try:
            return path.read_text("utf-8"), str(path)
        except (OSError, UnicodeDecodeError) as error:
            raise Unreadable(f"the profile {path} cannot be read: {error}") from error

    def names(self) -> Iterator[str]:
        """The names of the shipped profiles."""
        for path in sorted(shipped("profiles").iterdir()):
            if path.suffix in SUFFIXES:
                yield path.stem

    def _path(self, name: str) -> Path:
        if name.endswith(SUFFIXES) or os.sep in name:
            path = next((p for p in self._places(name) if p.is_file()), None)
            if path is None:
                raise UsageError(
                    f"there is no profile file {name}",
                    hint="`conformance profiles list` shows the profiles that come with the harness.",
                )
            self._beside.append(path.parent)
            return path
        for folder in (*self._beside, shipped("profiles")):
            for suffix in SUFFIXES:
                if (folder / f"{name}{suffix}").is_file():
                    self._beside.append(folder)
                    return folder / f"{name}{suffix}"
        raise UnknownName("profile", name, self.names())

    def _places(self, name: str) -> Iterator[Path]:
        """Where the file of this path may be: beside a file that names it, or where the command was given."""
        yield from (folder / name for folder in self._beside)
        yield Path(name)
