"""`Definitions`: everything that loaded packages define, found by canonical or by type name.

Structures are made when they are first asked for: a validator of one Patient never reads the other six hundred.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol

from conformance.fhir.definitions.differential import missing_base
from conformance.fhir.definitions.errata import ERRATA, Errata, amended
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.search import SearchParameter
from conformance.fhir.definitions.shipped import DISPLAYS, Shipped
from conformance.fhir.definitions.table import Element, Structure

__all__ = ["CORE", "DISPLAYS", "Definitions", "Layer"]

CORE = "http://hl7.org/fhir/StructureDefinition/"


class Layer(Protocol):
    """What one package, or the table that is shipped, defines."""

    @property
    def name(self) -> str:
        """The package's name, `hl7.fhir.r4.core`."""

    @property
    def version(self) -> str:
        """The package's version, `4.0.1`."""

    @property
    def digest(self) -> str:
        """SHA-256 of what the package holds, in hexadecimal."""

    @property
    def problems(self) -> tuple[DefinitionProblem, ...]:
        """What was wrong in reading it."""

    def canonicals(self, kind: str) -> Iterable[str]:
        """The urls of its resources of a kind (`StructureDefinition`, `ValueSet`, `CodeSystem`)."""

    def base_of(self, url: str) -> str | None:
        """What the structure with this url must be laid upon; empty where it stands alone, None where it is absent."""

    def structure(self, url: str, version: str, definitions: "Definitions") -> Structure | None:
        """The structure of this url, of any version where `version` is empty."""

    def resource(
        self, kind: str, url: str, version: str, definitions: "Definitions"
    ) -> dict[str, Any] | None:
        """A ValueSet or CodeSystem as JSON."""

    def search_parameters(self, definitions: "Definitions") -> Sequence[SearchParameter]:
        """Its search parameters."""


class Definitions:
    """What the loaded packages define.

    `layers` are searched in order: what was loaded later stands first, the base last. `problems` lists what could
    not be read, or not be used; asking for such a structure raises that problem. `amend` says whether the errata are
    applied: only who writes the shipped table wants what is published.
    """

    def __init__(
        self,
        layers: Iterable[Layer],
        fhir_version: str = "4.0.1",
        problems: Iterable[DefinitionProblem] = (),
        *,
        amend: bool = True,
    ) -> None:
        self.fhir_version = fhir_version
        self.layers = tuple(layers)
        self._problems = tuple(problems)
        self._amend = amend
        self._made: dict[tuple[str, str], Structure | None] = {}
        self._failed: dict[tuple[str, str], DefinitionProblem] = {}
        self._making: list[tuple[str, str]] = []
        # What one thread is making is no circle of another's.
        self._one_at_a_time = threading.RLock()
        self._terms: dict[tuple[str, str], dict[str, Any] | None] = {}

    @property
    def packages(self) -> tuple[tuple[str, str, str], ...]:
        """Name, version and SHA-256 of every loaded package, the first that is searched first."""
        return tuple((layer.name, layer.version, layer.digest) for layer in self.layers)

    @property
    def errata(self) -> Errata:
        """The corrections that are applied to the definitions of R4."""
        return ERRATA

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that decides a verdict: packages, their order, and the errata."""
        lines = [self.fhir_version, ERRATA.digest, *(" ".join(package) for package in self.packages)]
        return sha256("\n".join(lines).encode()).hexdigest()

    @property
    def problems(self) -> tuple[DefinitionProblem, ...]:
        """What could not be read, whose base is missing or cyclic, and what failed when it was asked for."""
        found = [*self._problems]
        for layer in self.layers:
            found += layer.problems
        found += self._broken_lines
        found += self._failed.values()
        return tuple({(problem.structure, problem.reason): problem for problem in found}.values())

    def structure(self, canonical: str) -> Structure | None:
        """The structure of a canonical (`url` or `url|version`), or None where no loaded package has it.

        Raises `DefinitionProblem` where it is there and cannot be used.
        """
        url, _, version = canonical.partition("|")
        key = (url, version)
        if key in self._made:
            return self._made[key]
        with self._one_at_a_time:
            return self._structure(url, version)

    def _structure(self, url: str, version: str) -> Structure | None:
        key = (url, version)
        if key in self._made:
            return self._made[key]
        if key in self._failed:
            raise self._failed[key]
        if key in self._making:
            line = " -> ".join(name for name, _ in [*self._making[self._making.index(key) :], key])
            raise DefinitionProblem(
                f"its base leads back to itself: {line}",
                structure=url,
                hint="Give each of these structures a base that does not derive from it.",
            )
        self._making.append(key)
        try:
            self._made[key] = self._find(url, version)
        except DefinitionProblem as problem:
            self._failed[key] = problem
            raise
        finally:
            self._making.pop()
        return self._made[key]

    def type(self, name: str) -> Structure | None:
        """The definition of a FHIR type or resource by its name (`Patient`, `HumanName`, `date`)."""
        return self.structure(CORE + name)

    def type_of(self, canonical: str) -> str:
        """The type that a structure is of, empty where no loaded package has it.

        A structure of the shipped table is not made for it. Raises `DefinitionProblem` as `structure` does.
        """
        layer = self._layer(canonical)
        if isinstance(layer, Shipped):
            return layer.type_of(canonical)
        found = self.structure(canonical)
        return found.type if found is not None else ""

    def is_shipped(self, name: str) -> bool:
        """Whether a type's definition is the shipped table's own, whatever a package that has it calls itself."""
        return isinstance(self._layer(CORE + name), Shipped)

    def is_a(self, name: str, other: str) -> bool:
        """Whether the type `name` is `other` or derives from it (`Patient` is a `DomainResource`)."""
        current: str | None = name
        while current:
            if current == other:
                return True
            found = self.type(current)
            current = found.base.partition("|")[0].removeprefix(CORE) if found and found.base else None
        return False

    def children(self, element: Element, type_name: str = "") -> tuple[Element, ...]:
        """The elements below an element: its own, those of the element that it shares, or those of its type."""
        if element.children:
            return element.children
        if element.content_reference:
            shared = self.shared(element)
            return shared.children if shared else ()
        name = type_name or (element.types[0].code if len(element.types) == 1 else "")
        found = self.type(name) if name else None
        return found.root.children if found else ()

    def shared(self, element: Element) -> Element | None:
        """The element that a contentReference names (`Questionnaire.item.item` shares `Questionnaire.item`)."""
        first, *steps = (step.partition(":")[0] for step in element.content_reference.split("."))
        structure = self.type(first)
        found = structure.root if structure else None
        for step in steps:
            found = next((child for child in found.children if child.name == step), None) if found else None
        return found

    def canonicals(self, kind: str = "StructureDefinition") -> tuple[str, ...]:
        """The urls of all resources of a kind (`StructureDefinition`, `ValueSet`, `CodeSystem`), sorted."""
        return tuple(sorted({url for layer in self.layers for url in layer.canonicals(kind)}))

    def structures_for(self, type_name: str) -> Iterator[Structure]:
        """Every usable structure of a type (`Patient` and all profiles on it); broken ones are in `problems`."""
        for url in self.canonicals():
            try:
                found = self.structure(url)
            except DefinitionProblem:
                continue  # kept in `problems` by `structure`
            if found is not None and found.type == type_name:
                yield found

    def value_set(self, canonical: str) -> dict[str, Any] | None:
        """A ValueSet resource (url, version, compose, expansion) by its canonical, or None."""
        return self._term("ValueSet", canonical)

    def code_system(self, canonical: str) -> dict[str, Any] | None:
        """A CodeSystem resource (url, version, content, caseSensitive, concept) by its url, or None."""
        return self._term("CodeSystem", canonical)

    def displays(self, system: str) -> dict[str, Any] | None:
        """The display of each code, where a layer keeps them apart from the code system itself, or None."""
        return self._term(DISPLAYS, system)

    def questionnaire(self, canonical: str) -> dict[str, Any] | None:
        """The Questionnaire of a canonical, or None where no loaded package has it."""
        return self._term("Questionnaire", canonical)

    def search_parameters(self, resource_type: str) -> tuple[SearchParameter, ...]:
        """The search parameters of a resource type, those of its ancestors included; a later package's win."""
        bases = {resource_type, *self._ancestors(resource_type)}
        found: dict[str, SearchParameter] = {}
        for layer in self.layers:
            for parameter in layer.search_parameters(self):
                if not bases.isdisjoint(parameter.base):
                    found.setdefault(parameter.url, parameter)
        return tuple(sorted(found.values(), key=lambda parameter: (parameter.code, parameter.url)))

    def _layer(self, url: str) -> Layer | None:
        """The layer that the structure of a url without version comes from."""
        return next((layer for layer in self.layers if layer.base_of(url) is not None), None)

    def _find(self, url: str, version: str) -> Structure | None:
        for layer in self.layers:
            found = layer.structure(url, version, self)
            if found is not None:
                return amended(found) if self._amend else found
        return None

    def _term(self, kind: str, canonical: str) -> dict[str, Any] | None:
        key = (kind, canonical)
        if key not in self._terms:
            url, _, version = canonical.partition("|")
            try:
                rows = (layer.resource(kind, url, version, self) for layer in self.layers)
                self._terms[key] = next((row for row in rows if row is not None), None)
            except DefinitionProblem as problem:
                self._failed[(url, version)] = problem
                self._terms[key] = None
        return self._terms[key]

    def _ancestors(self, name: str) -> Iterator[str]:
        found = self.type(name)
        while found is not None and found.base.startswith(CORE):
            yield found.base.removeprefix(CORE)
            found = self.structure(found.base)

    @cached_property
    def _broken_lines(self) -> tuple[DefinitionProblem, ...]:
        """Structures whose line of bases is broken, found without making any of them."""
        found = []
        for url in self.canonicals():
            line = [url]
            while (base := self._base_of(line[-1])) and base not in line:
                line.append(base)
            if base is None and len(line) > 1:
                found.append(missing_base(line[-2], line[-1]))
            elif base:
                found.append(
                    DefinitionProblem(
                        f"its base leads back to itself: {' -> '.join([*line, base])}",
                        structure=url,
                        hint="Give each of these structures a base that does not derive from it.",
                    )
                )
        return tuple(found)

    def _base_of(self, canonical: str) -> str | None:
        url = canonical.partition("|")[0]
        bases = (layer.base_of(url) for layer in self.layers)
        return next((base for base in bases if base is not None), None)
