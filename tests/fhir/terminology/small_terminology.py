"""Small code systems and value sets in memory, and the shelf they stand on."""

from collections.abc import Iterable
from typing import Any


class Shelf:
    """A `TerminologySource` of resources in memory."""

    def __init__(self, resources: Iterable[dict[str, Any]] = ()) -> None:
        self.structures: list[dict[str, Any]] = []
        self.value_sets: dict[str, dict[str, Any]] = {}
        self.code_systems: dict[str, dict[str, Any]] = {}
        for each in resources:
            if each["resourceType"] == "ValueSet":
                self.value_sets[each["url"]] = each
            elif each["resourceType"] == "CodeSystem":
                self.code_systems[each["url"]] = each
            elif each["resourceType"] == "StructureDefinition":
                self.structures.append(each)

    def over(self, base: "Shelf") -> "Shelf":
        joined = Shelf()
        joined.value_sets = base.value_sets | self.value_sets
        joined.code_systems = base.code_systems | self.code_systems
        return joined

    def value_set(self, canonical: str) -> dict[str, Any] | None:
        return self.value_sets.get(canonical.partition("|")[0])

    def code_system(self, canonical: str) -> dict[str, Any] | None:
        return self.code_systems.get(canonical.partition("|")[0])

    def displays(self, _system: str) -> dict[str, str] | None:
        return None

    def canonicals(self, kind: str) -> tuple[str, ...]:
        return tuple(self.code_systems) if kind == "CodeSystem" else ()


def system(url: str = "urn:s", *codes: Any, **more: Any) -> dict[str, Any]:
    concepts = [each if isinstance(each, dict) else {"code": each} for each in codes]
    return {"resourceType": "CodeSystem", "url": url, "content": "complete", "concept": concepts, **more}


def value_set(url: str, *include: Any, exclude: Any = (), **more: Any) -> dict[str, Any]:
    compose = {"include": list(include), **({"exclude": list(exclude)} if exclude else {}), **more}
    return {"resourceType": "ValueSet", "url": url, "compose": compose}
