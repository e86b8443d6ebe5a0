"""A FHIR package's conformance resources, indexed by canonical and read when they are asked for.

Source: FHIR NPM Package specification, https://hl7.org/fhir/packages.html
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from conformance.fhir.definitions.differential import Lookup, overlay
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.search import SearchParameter, search_parameter
from conformance.fhir.definitions.snapshot import from_snapshot
from conformance.fhir.definitions.table import Structure
from conformance.fhir.packages.reading import Head, Json, body, head

__all__ = ["Package", "Source"]

Source = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One resource, kept compressed: a package is some hundred megabytes, of which a run reads a few files."""

    head: Head
    where: str
    packed: bytes
    form: str

    def read(self, definitions: Lookup) -> Json:
        return body(zlib.decompress(self.packed), self.form, definitions, self.where)


@dataclass(frozen=True)
class Package:
    """One package as a layer of `Definitions`."""

    name: str
    version: str = ""
    fhir_version: str = ""
    dependencies: tuple[tuple[str, str], ...] = ()
    digest: str = ""
    problems: tuple[DefinitionProblem, ...] = ()
    entries: dict[tuple[str, str], tuple[_Entry, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of_files(cls, files: Iterable[Source], *, name: str = "", where: str = "") -> "Package":
        """The package of a sequence of (path inside it, bytes); what cannot be read is in `problems`."""
        manifest: Json = {}
        entries: dict[tuple[str, str], tuple[_Entry, ...]] = {}
        problems: list[DefinitionProblem] = []
        marks: list[str] = []
        for path, data in files:
            place = f"{where}/{path}" if where else path
            try:
                if path.rpartition("/")[2] == "package.json":
                    manifest = manifest or _manifest(data, place)
                    continue
                form = "xml" if path.lower().endswith(".xml") else "json"
                found = head(data, form, place)
            except DefinitionProblem as problem:
                problems.append(problem)
                continue
            if found is None:
                continue
            marks.append(f"{found.kind} {found.url} {sha256(data).hexdigest()}")
            entry = _Entry(found, place, zlib.compress(data, 1), form)
            _add(entry, entries, problems)
        return cls(
            name=str(manifest.get("name") or name),
            version=str(manifest.get("version", "")),
            fhir_version=_fhir_version(manifest, entries),
            dependencies=tuple(sorted(_pairs(manifest.get("dependencies")))),
            digest=sha256("\n".join(sorted(marks)).encode()).hexdigest(),
            problems=tuple(problems),
            entries=entries,
        )

    @classmethod
    def of_resources(cls, resources: Iterable[Json], *, name: str = "in memory") -> "Package":
        """The package of conformance resources that are in memory."""
        texts = (
            json.dumps(row, default=float).encode() for row in resources
        )  # a document's decimals are exact
        rows = ((f"{number}.json", text) for number, text in enumerate(texts))
        return cls.of_files(rows, name=name)

    def canonicals(self, kind: str) -> Iterator[str]:
        """The urls of its resources of a kind."""
        return (url for found, url in self.entries if found == kind)

    def base_of(self, url: str) -> str | None:
        """The canonical that the structure is laid upon; empty where it has a snapshot, None where it is absent."""
        found = self._entry("StructureDefinition", url, "")
        if found is None:
            return None
        return "" if found.head.complete else found.head.base

    def structure(self, url: str, version: str, definitions: Lookup) -> Structure | None:
        """The structure of this url: its snapshot's, or its differential laid upon its base.

        Raises `DefinitionProblem` where the StructureDefinition is not well formed or its base cannot be had.
        """
        found = self._entry("StructureDefinition", url, version)
        if found is None:
            return None
        try:
            definition = found.read(definitions)
            if found.head.complete:
                return from_snapshot(definition, package=self.name)
            return overlay(definition, definitions, package=self.name, where=found.where)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise DefinitionProblem(
                f"is no well-formed StructureDefinition ({type(error).__name__}: {error})",
                structure=url,
                where=found.where,
                hint="Check the file against the StructureDefinition of its FHIR version.",
            ) from error

    def resource(self, kind: str, url: str, version: str, definitions: Lookup) -> Json | None:
        """A resource of this package as JSON; a core package's also by the version of the package."""
        core = self.name.endswith(".core") and version == self.version
        found = self._entry(kind, url, "" if core else version)
        return found.read(definitions) if found else None

    def search_parameters(self, definitions: Lookup) -> tuple[SearchParameter, ...]:
        """Its search parameters; one that has no url, code or type, or is not well formed, is left out."""
        found = []
        for (kind, _), entries in self.entries.items():
            if kind == "SearchParameter":
                with suppress(AttributeError, KeyError, TypeError):
                    found.append(search_parameter(entries[0].read(definitions)))
        return tuple(found)

    def _entry(self, kind: str, url: str, version: str) -> _Entry | None:
        for entry in self.entries.get((kind, url), ()):
            if not version or entry.head.version == version or entry.head.version.startswith(version + "."):
                return entry
        return None


def _add(
    entry: _Entry, entries: dict[tuple[str, str], tuple[_Entry, ...]], problems: list[DefinitionProblem]
) -> None:
    key = (entry.head.kind, entry.head.url)
    for known in entries.get(key, ()):
        if known.head.version == entry.head.version:
            problems.append(
                DefinitionProblem(
                    f"two resources have this url and version: {known.where} and {entry.where}; the first is used",
                    structure=entry.head.url,
                    hint="Remove one of the two, or give it a url or version of its own.",
                )
            )
            return
    entries[key] = (*entries.get(key, ()), entry)


def _manifest(data: bytes, where: str) -> Json:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise DefinitionProblem(f"package.json is no JSON: {error}", where=where) from error
    return found if isinstance(found, dict) else {}


def _pairs(dependencies: Any) -> Iterator[tuple[str, str]]:
    if isinstance(dependencies, dict):
        for name, version in dependencies.items():
            yield str(name), str(version)


def _fhir_version(manifest: Json, entries: dict[tuple[str, str], tuple[_Entry, ...]]) -> str:
    """The FHIR version that the manifest names, or else the first StructureDefinition."""
    for name in ("fhirVersions", "fhir-version-list"):
        versions = manifest.get(name)
        if isinstance(versions, list) and versions:
            return str(versions[0])
    return next(
        (row.head.fhir_version for rows in entries.values() for row in rows if row.head.fhir_version), ""
    )


def from_resources(resources: Iterable[Json], *, base: Definitions | None = None) -> Definitions:
    """Definitions of conformance resources in memory, over those of `base`."""
    return Definitions((Package.of_resources(resources), *(base.layers if base else ())))
