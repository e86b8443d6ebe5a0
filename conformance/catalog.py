"""All checks, probes, generators and enumerators, built in or from installed plugins, in one frozen table.

A plugin cannot shadow a built-in part: a name is given once, and built-ins come first.
"""

import hashlib
import json
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING

from conformance.errors import UnknownName, UsageError
from conformance.plugin import MARK, Kind, Part

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

BUILT_IN = (
    "conformance.checks",
    "conformance.probes",
    "conformance.generators",
    "conformance.enumerators",
)
GROUP = "conformance.plugins"
INDEX = Path(__file__).with_name("parts.json")
"""Written by `docs/generate.py`; a test keeps it true."""


@dataclass(frozen=True, eq=False)
class Catalog:
    """The parts that a profile can call, by kind and name, and the plugins that they came from."""

    parts: Mapping[tuple[Kind, str], Part]
    plugins: Mapping[str, str]

    def find(self, kind: Kind, name: str) -> Part:
        """The part of that kind and name. Raises UnknownName with the closest known one."""
        try:
            return self.parts[kind, name]
        except KeyError:
            raise UnknownName(kind, name, self.names(kind)) from None

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The names of all parts of a kind, sorted."""
        return tuple(sorted(name for known, name in self.parts if known == kind))


@cache
def built_in() -> Catalog:
    """The parts that come with the harness: all that `verify` trusts. Their modules load when they are called."""
    return Catalog(_OnDemand(json.loads(INDEX.read_bytes())), MappingProxyType({}))


class _OnDemand(Mapping[tuple[Kind, str], Part]):
    """Parts by kind and name; the index says in which module each stands, so that only those in use are loaded."""

    def __init__(self, index: dict[Kind, dict[str, str]]) -> None:
        self._modules = {
            (kind, name): module for kind, names in index.items() for name, module in names.items()
        }
        self._found: dict[tuple[Kind, str], Part] = {}

    def __getitem__(self, key: tuple[Kind, str]) -> Part:
        if key not in self._found:
            module = import_module(self._modules[key])
            self._found[key] = next(part for part in _marked(module) if (part.kind, part.name) == key)
        return self._found[key]

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def __iter__(self) -> Iterator[tuple[Kind, str]]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def index() -> dict[str, dict[str, str]]:
    """The module of each built-in part by kind and name, found by loading them all. Names are given once."""
    modules: dict[str, dict[str, str]] = {}
    for package in map(import_module, BUILT_IN):
        for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            for part in _marked(import_module(info.name)):
                names = modules.setdefault(part.kind, {})
                if part.name in names:
                    raise AssertionError(f"two built-in {part.kind}s are named {part.name!r}")
                names[part.name] = info.name
    return modules


@cache
def installed() -> Catalog:
    """The built-in parts and those of installed plugins. Raises UsageError where a plugin cannot be used."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and `verify` needs no plugins

    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    if not found:
        return built_in()
    parts = dict(built_in().parts)
    plugins: dict[str, str] = {}
    for entry in found:
        for part in _marked(_load(entry)):
            key = (part.kind, part.name)
            if key in parts:
                raise UsageError(
                    f"the plugin {entry.name!r} names a {part.kind} {part.name!r}, which {parts[key].origin} has",
                    hint="Rename it: a plugin cannot take the place of another part.",
                )
            parts[key] = replace(part, origin=entry.name)
        plugins[entry.name] = _fingerprint(entry.dist)
    return Catalog(MappingProxyType(parts), MappingProxyType(plugins))


def _marked(module: ModuleType) -> Iterator[Part]:
    for value in vars(module).values():
        part = getattr(value, MARK, None)
        if isinstance(part, Part) and part.function.__module__ == module.__name__:
            yield part


def _load(entry: "EntryPoint") -> ModuleType:
    try:
        module = entry.load()
    except Exception as error:
        raise UsageError(
            f"the plugin {entry.name!r} ({entry.value}) cannot be loaded: {error}",
            hint="Mend or uninstall the package that offers it.",
        ) from error
    if not isinstance(module, ModuleType):
        raise UsageError(f"the plugin {entry.name!r} ({entry.value}) must name a module")
    return module


def _fingerprint(distribution: "Distribution | None") -> str:
    """The SHA-256 over the files of a plugin's distribution."""
    digest = hashlib.sha256()
    for path in sorted((distribution.files if distribution else None) or (), key=str):
        if path.suffix == ".py":
            digest.update(f"{path}\n".encode() + path.read_binary())
    return digest.hexdigest()
