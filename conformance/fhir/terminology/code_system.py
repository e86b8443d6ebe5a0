"""`CodeSystem`: the codes of a system with their hierarchy and properties, read from a CodeSystem resource.

Source: FHIR R4, CodeSystem (codesystem.html): `content` says whether the list is whole; a child stands within its
parent, or is told by a `parent`, `child` or `subsumedBy` property.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conformance.fhir.terminology.nouns import objects, text

Properties = Mapping[str, tuple[str, ...]]
"""The values of a concept by property, as text."""

_UPWARD = ("parent", "subsumedBy")
_INACTIVE = frozenset({"inactive", "retired"})


@dataclass(frozen=True)
class CodeSystem:
    """The codes of one system.

    `whole` says whether a code that is not listed surely is not of the system. `case_sensitive` is None where the
    resource does not say. `properties` are told for concepts that carry any. `links` are pairs of parent and child.
    """

    url: str
    version: str
    whole: bool
    case_sensitive: bool | None
    codes: frozenset[str]
    properties: Mapping[str, Properties]
    declared: frozenset[str]
    links: tuple[tuple[str, str], ...]

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The codes right below each code that has any."""
        return _grouped(self.links)

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """The codes right above each code that has any."""
        return _grouped((child, parent) for parent, child in self.links)

    @cached_property
    def inactive(self) -> frozenset[str]:
        """The codes that are no longer to be used."""
        return frozenset(
            code
            for code, carried in self.properties.items()
            if "true" in carried.get("inactive", ()) or not _INACTIVE.isdisjoint(carried.get("status", ()))
        )

    @cached_property
    def folded(self) -> frozenset[str]:
        """The codes without regard to case."""
        return frozenset(code.casefold() for code in self.codes)

    def below(self, code: str) -> frozenset[str]:
        """Every descendant, without the code itself (unless the hierarchy leads back to it)."""
        return _reached(code, self.children)

    def above(self, code: str) -> frozenset[str]:
        """Every ancestor, without the code itself (unless the hierarchy leads back to it)."""
        return _reached(code, self.parents)

    def values(self, code: str, name: str) -> tuple[str, ...]:
        """The values of a property of a concept, as text; empty where it has none."""
        if name == "parent":
            return self.parents.get(code, ())
        if name == "child":
            return self.children.get(code, ())
        return self.properties.get(code, {}).get(name, ())

    @cached_property
    def known_properties(self) -> frozenset[str]:
        """The properties that are declared, or that some concept carries."""
        carried = {name for properties in self.properties.values() for name in properties}
        return self.declared | carried | ({"parent", "child"} if self.links else set())

    def supplemented(self, supplement: Mapping[str, Any]) -> "CodeSystem":
        """The same system with the properties that a supplement adds to its concepts."""
        added = read(supplement)
        merged = {code: dict(carried) for code, carried in self.properties.items()}
        for code, carried in added.properties.items():
            if code in self.codes:
                merged[code] = {**merged.get(code, {}), **carried}
        return replace(self, properties=merged, declared=self.declared | added.declared)


def read(resource: Mapping[str, Any]) -> CodeSystem:
    """A CodeSystem resource as a `CodeSystem`. Wrong shapes in it are passed over."""
    codes: list[str] = []
    properties: dict[str, Properties] = {}
    links: dict[tuple[str, str], None] = {}
    for parent, concept in _concepts(resource):
        code = text(concept, "code")
        if not code:
            continue
        codes.append(code)
        if parent:
            links[parent, code] = None
        if carried := _carried(concept):
            properties[code] = carried
            links.update({(up, code): None for name in _UPWARD for up in carried.get(name, ())})
            links.update({(code, down): None for down in carried.get("child", ())})
    case_sensitive = resource.get("caseSensitive")
    return CodeSystem(
        url=text(resource, "url"),
        version=text(resource, "version"),
        whole=_is_whole(resource, len(codes)),
        case_sensitive=case_sensitive if isinstance(case_sensitive, bool) else None,
        codes=frozenset(codes),
        properties=properties,
        declared=frozenset(text(each, "code") for each in objects(resource, "property")),
        links=tuple(links),
    )


def listed(resource: Mapping[str, Any]) -> frozenset[str]:
    """The codes of a CodeSystem resource, where nothing else of it is asked for."""
    return frozenset(code for _, concept in _concepts(resource) if (code := text(concept, "code")))


def _is_whole(resource: Mapping[str, Any], listed: int) -> bool:
    count = resource.get("count")
    stripped = isinstance(count, int) and count > listed
    return (
        text(resource, "content") == "complete" and resource.get("compositional") is not True and not stripped
    )


def _concepts(resource: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every concept with the code of the one it stands in. A loop, since nesting may be deeper than the stack."""
    waiting = [("", concept) for concept in reversed(objects(resource, "concept"))]
    while waiting:
        parent, concept = waiting.pop()
        yield parent, concept
        code = text(concept, "code") or parent
        waiting.extend((code, child) for child in reversed(objects(concept, "concept")))


def _carried(concept: Mapping[str, Any]) -> Properties:
    found: dict[str, tuple[str, ...]] = {}
    for each in objects(concept, "property"):
        name = text(each, "code")
        for key, value in each.items():
            if key.startswith("value") and (told := _as_text(value)) is not None:
                found[name] = (*found.get(name, ()), told)
    found.update({name: (told,) for name in ("display", "definition") if (told := text(concept, name))})
    return found


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return text(value, "code") or None
    return None if value is None or isinstance(value, list) else str(value)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def _reached(start: str, steps: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(steps.get(start, ()))
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(steps.get(code, ()))
    return frozenset(found)
