"""The base of FHIR R4 4.0.1 as it is shipped: facts and the names of codes, compressed, read when they are asked for.

`build_r4` writes the parts. Each is a gzip file of lines of JSON: the first line says on which line what stands.
"""

import gzip
from collections.abc import Iterable
from functools import cached_property
from pkgutil import get_data
from typing import Any

import orjson

from conformance.fhir.definitions.compact import Reader
from conformance.fhir.definitions.differential import Lookup
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.search import SearchParameter, search_parameter
from conformance.fhir.definitions.table import Structure

__all__ = ["DISPLAYS", "NAME", "VERSION", "Shipped"]

NAME = "hl7.fhir.r4.core"
VERSION = "4.0.1"
DISPLAYS = "displays"
"""The kind under which a layer gives the names of a code system's codes apart from the code system."""


class _Part:
    """One file of lines, of which only those that are asked for are decoded."""

    def __init__(self, name: str) -> None:
        text = gzip.decompress(get_data(__package__, f"r4_table/{name}.json.gz") or b"")
        first, *self._lines = text.split(b"\n")
        self.head: dict[str, Any] = orjson.loads(first)

    def line(self, number: int) -> Any:
        return orjson.loads(self._lines[number])


class Shipped:
    """The shipped table as the lowest layer of `Definitions`."""

    name = NAME
    version = VERSION
    problems: tuple[DefinitionProblem, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the parts of the table, as `build_r4` recorded it."""
        text = get_data(__package__, "r4_table/digests.json") or b""
        return str(orjson.loads(text)["table"])

    def canonicals(self, kind: str) -> Iterable[str]:
        """The urls of the resources of a kind."""
        if kind == "StructureDefinition":
            return tuple(self._structures.head["index"])
        if kind == "SearchParameter":
            return tuple(row.url for row in self._parameters)
        return tuple(self._terminology.head.get(kind, ()))

    def base_of(self, url: str) -> str | None:
        """Empty for every structure of the table: all stand complete."""
        return "" if url in self._structures.head["index"] else None

    def type_of(self, url: str) -> str:
        """The type that a structure of the table is of."""
        return str(self._structures.line(self._structures.head["index"][url])["type"])

    def structure(self, url: str, version: str, definitions: Lookup) -> Structure | None:  # noqa: ARG002
        """The structure of this url, where the version asked for is R4's."""
        number = self._structures.head["index"].get(url)
        if number is None or not _meets(VERSION, version):
            return None
        return self._reader.structure(self._structures.line(number), NAME)

    def resource(self, kind: str, url: str, version: str, definitions: Lookup) -> dict[str, Any] | None:  # noqa: ARG002
        """A ValueSet or CodeSystem: its facts in the shape of the resource; `displays`, its codes with their names.

        R4 binds to some by its own version, though they carry another one (v3-NullFlavor is 2018-08-12).
        """
        if kind == DISPLAYS:
            return self._names(url)
        number = self._terminology.head.get(kind, {}).get(url)
        if number is None:
            return None
        found: dict[str, Any] = self._terminology.line(number)
        return found if _meets(found.get("version", ""), version) or version == VERSION else None

    def _names(self, system: str) -> dict[str, Any] | None:
        number = self._displays.head.get(system)
        names: dict[str, Any] | None = None if number is None else self._displays.line(number)
        return names

    def search_parameters(self, definitions: Lookup) -> tuple[SearchParameter, ...]:  # noqa: ARG002
        """The search parameters of R4."""
        return self._parameters

    @cached_property
    def _structures(self) -> _Part:
        return _Part("structures")

    @cached_property
    def _terminology(self) -> _Part:
        return _Part("terminology")

    @cached_property
    def _displays(self) -> _Part:
        return _Part("displays")

    @cached_property
    def _parameters(self) -> tuple[SearchParameter, ...]:
        return tuple(search_parameter(row) for row in _Part("search").line(0))

    @cached_property
    def _reader(self) -> Reader:
        head = self._structures.head
        return Reader(head["facts"], head["constraints"])


def _meets(version: str, wanted: str) -> bool:
    return not wanted or version == wanted or version.startswith(wanted + ".")
