"""FHIR packages on disk: archives, folders and the standard package cache, read into `Definitions`.

Source: FHIR Package Cache, https://confluence.hl7.org/display/FHIR/FHIR+Package+Cache (`~/.fhir/packages`, one
folder `name#version` a package), and the FHIR NPM Package specification, https://hl7.org/fhir/packages.html
"""

import hashlib
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.fhir.definitions.library import Definitions, Layer
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.shipped import NAME, Shipped
from conformance.fhir.packages.archive import LIMITS, tgz_files
from conformance.fhir.packages.package import Package, Source

__all__ = ["default_cache", "in_cache", "load_definitions", "package_files", "read_package", "stamp_of"]

_SUFFIXES = frozenset((".json", ".xml"))
_NAMED = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:[@#](?P<version>[\w.+-]+))?")
_CORE = re.compile(r"hl7\.fhir\.(r\d+b?|core)(\.core)?", re.IGNORECASE)
_CORES = {"3.0": "hl7.fhir.r3.core", "4.3": "hl7.fhir.r4b.core", "5.0": "hl7.fhir.r5.core"}


def default_cache() -> Path:
    """The package cache that FHIR tools share."""
    return Path.home() / ".fhir" / "packages"


def in_cache(source: str, cache: Path | None = None) -> Path | None:
    """The folder of `name@version` in the package cache (without a version: of the newest); None where it has none."""
    match = _NAMED.fullmatch(source)
    shelf = _Shelf(cache or default_cache())
    return shelf.folder(match["name"], match["version"] or "latest") if match else None


def load_definitions(
    sources: Sequence[str] = (), *, cache: Path | None = None, fhir_version: str = "4.0.1"
) -> Definitions:
    """The definitions of the packages named, of what they depend on, and of the base of the FHIR version.

    A source is the path of a `.tgz` or a folder, or `name@version` in the cache; a later one is searched before an
    earlier one, then come dependencies, then the base. R4 needs no package for its base; another version takes its
    core package from the sources or the cache. A core package that another package depends on is never laid over
    the base of the run: types of two FHIR versions do not mix.

    A dependency that is absent is one of `Definitions.problems`. Raises `DefinitionProblem` where a source, or the
    base of the FHIR version, cannot be found or read.
    """
    shelf = _Shelf(cache or default_cache())
    given = [shelf.named(source) for source in sources]
    base: Layer | None = Shipped() if fhir_version.startswith("4.0") else None
    layers: list[Layer] = []
    for package in reversed(given):
        if (
            base is None
            and _CORE.fullmatch(package.name)
            and _same_release(package.fhir_version, fhir_version)
        ):
            base = package
        else:
            layers.append(package)
    if base is None:
        base = shelf.core(fhir_version)
    found, problems = _dependencies(given, shelf)
    return Definitions((*layers, *found, base), base.version if base.name != NAME else fhir_version, problems)


def stamp_of(source: str, cache: Path | None = None) -> str:
    """What changes when a package is written anew, or its name leads to another version; empty where there is none."""
    given = Path(source).expanduser()
    path = given if given.exists() else in_cache(source, cache)
    if path is None:
        return ""
    told = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape"))
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        found = file.lstat()
        told.update(f"\0{file}\0{found.st_size}\0{found.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return told.hexdigest()


def read_package(path: Path) -> Package:
    """The package in an archive, in a folder (with `package/` in it, or loose files at any depth), or in one file.

    Raises `DefinitionProblem` where it cannot be read; single files that cannot are in `Package.problems`.
    """
    single = not path.is_dir() and path.suffix.lower() in _SUFFIXES
    where = str(path.parent if single else path)
    return Package.of_files(package_files(path), name=path.name if path.is_dir() else path.stem, where=where)


def package_files(path: Path) -> Iterator[Source]:
    """The JSON and XML files of a package, one after another. Raises `DefinitionProblem` where it cannot be read."""
    try:
        if path.is_dir():
            yield from _folder(path)
        elif path.suffix.lower() in _SUFFIXES:
            yield path.name, _read(path)
        else:
            with path.open("rb") as stream:
                yield from tgz_files(stream, where=str(path))
    except OSError as error:
        raise DefinitionProblem(
            f"the package cannot be read: {error.strerror or error}",
            where=str(path),
            hint="Name a .tgz, a folder of definitions, or NAME@VERSION of the package cache.",
        ) from error


class _Shelf:
    """The package cache: one folder `name#version` a package."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def named(self, source: str) -> Package:
        """The package that a source names."""
        path = Path(source).expanduser()
        if path.exists():
            return read_package(path)
        match = _NAMED.fullmatch(source)
        found = self.find(match["name"], match["version"] or "latest") if match else None
        if found is None:
            raise DefinitionProblem(
                f"the package {source} is neither a file or folder nor in the package cache {self._cache}",
                hint="Give the path of its .tgz or folder, or install it into the package cache.",
            )
        return found

    def find(self, name: str, version: str) -> Package | None:
        """The package of a name and version (`6.1.0`, `6.1.x`, `latest`) in the cache, or None."""
        folder = self.folder(name, version)
        return read_package(folder) if folder else None

    def folder(self, name: str, version: str) -> Path | None:
        """The folder of that package, or None."""
        exact = self._cache / f"{name}#{version}"
        if exact.is_dir():
            return exact
        prefix = "" if version == "latest" else version.removesuffix("x") if version.endswith(".x") else None
        if prefix is None or not self._cache.is_dir():
            return None
        known = [entry for entry in self._cache.iterdir() if entry.name.startswith(f"{name}#{prefix}")]
        return max(known, key=lambda entry: _order(entry.name.partition("#")[2]), default=None)

    def core(self, fhir_version: str) -> Package:
        """The core package of a FHIR version; raises `DefinitionProblem` where the cache does not have it."""
        release = ".".join(fhir_version.split(".")[:2])
        name = _CORES.get(release, "")
        found = self.find(name, fhir_version) or self.find(name, f"{release}.x") if name else None
        if found is None:
            raise DefinitionProblem(
                f"there are no definitions of FHIR {fhir_version}: {name or 'its core package'} is neither among"
                f" the packages named nor in the package cache {self._cache}",
                hint=f"Give its .tgz or folder, or install {name or 'it'} into the package cache; R4 needs none.",
            )
        return found

    def missing(self, name: str, version: str, wanted_by: str) -> DefinitionProblem:
        """The problem of a dependency that the cache does not have."""
        return DefinitionProblem(
            f"the package {wanted_by} depends on {name}@{version}, which is not in the package cache"
            f" {self._cache / f'{name}#{version}'}",
            hint=f"Name it with --package (a .tgz, a folder), or install {name}@{version} into the package cache.",
        )


def _dependencies(given: Sequence[Package], shelf: _Shelf) -> tuple[list[Package], list[DefinitionProblem]]:
    """What the packages depend on, nearest first, each name once; and a problem for each that is absent."""
    known = {package.name for package in given}
    waiting = deque(given)
    found: list[Package] = []
    problems: list[DefinitionProblem] = []
    while waiting:
        package = waiting.popleft()
        for name, version in package.dependencies:
            if name in known or _CORE.fullmatch(name):
                continue
            known.add(name)
            try:
                wanted = shelf.find(name, version)
            except DefinitionProblem as problem:
                problems.append(problem)
                continue
            if wanted is None:
                problems.append(shelf.missing(name, version, package.name))
            else:
                found.append(wanted)
                waiting.append(wanted)
    return found, problems


def _folder(path: Path) -> Iterator[Source]:
    """The JSON and XML files of a folder: those directly in `package/`, or all of them where there is none."""
    inner = path if path.name == "package" else path / "package"
    files = inner.iterdir() if inner.is_dir() else _loose(path)
    for file in sorted(file for file in files if file.suffix.lower() in _SUFFIXES and file.is_file()):
        yield file.relative_to(path).as_posix(), _read(file)


def _read(file: Path) -> bytes:
    if file.stat().st_size > LIMITS.member:
        raise DefinitionProblem(
            f"the file has more than {LIMITS.member:,} bytes",
            where=str(file),
            hint="Remove it from the package.",
        )
    return file.read_bytes()


def _loose(path: Path) -> Iterator[Path]:
    """Every file below a folder; hidden folders and links to folders are not entered."""
    for entry in path.iterdir():
        if entry.is_dir():
            if not entry.is_symlink() and not entry.name.startswith("."):
                yield from _loose(entry)
        else:
            yield entry


def _same_release(one: str, other: str) -> bool:
    return one.split(".")[:2] == other.split(".")[:2]


def _order(version: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which 10 comes after 9 and a release after its pre-releases."""
    release, _, label = version.partition("-")
    parts = [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in release.split(".")]
    return (*parts, (2, 0, "") if not label else (-1, 0, label))
