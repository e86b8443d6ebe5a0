"""How much of exported resources stands in proprietary parts: extensions of somebody's own, local codes, opaque bytes.

An *element* is here a primitive value of the JSON, `resourceType` apart. It is proprietary where it stands in an
extension whose URL no standard defines, local where it stands in a Coding whose system no standard defines. Facts of
files are merged in any order; memory grows with the number of different URLs, systems and codes and is bounded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from conformance.analysis.facts import resources
from conformance.analysis.sniffing import decoded, is_cipher_text, kind_of
from conformance.fhir.published import extension_standing, system_standing
from conformance.model.evidence import Content

MOST_CODES = 5000
"""So many different codes are kept of a local system; of the others only their number is."""
MOST_EXAMPLES = 5
_BYTES = frozenset({"data", "hash", "valueBase64Binary"})
_DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

Resource = dict[str, Any]


@dataclass(slots=True)
class Parts:
    """Counts of one resource type; `hidden` are elements that have a proprietary extension and no value."""

    resources: int = 0
    elements: int = 0
    in_extensions: int = 0
    in_local_codes: int = 0
    in_opaque: int = 0
    size: int = 0
    extension_bytes: int = 0
    local_code_bytes: int = 0
    opaque_bytes: int = 0
    hidden: int = 0


@dataclass(slots=True)
class Openness:
    """What was found. Tallies are by URL or system; examples are `Type/id` with a path, the first that were met."""

    types: dict[str, Parts] = field(default_factory=dict)
    extensions: Counter[str] = field(default_factory=Counter)
    systems: Counter[str] = field(default_factory=Counter)
    codes: dict[str, set[str]] = field(default_factory=dict)
    without_system: int = 0
    without_url: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)
    blobs: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Bytes that are no open format: where, stated media type, kind, and the word for it."""
    blobs_seen: int = 0
    defined: dict[str, Resource] = field(default_factory=dict)
    """StructureDefinitions and CodeSystems that are exported, by url."""

    def note(self, key: str, where: str) -> None:
        """Keep an example of something, if it is among the first."""
        kept = self.examples.setdefault(key, [])
        if len(kept) < MOST_EXAMPLES and where not in kept:
            kept.append(where)

    def merge(self, other: "Openness") -> None:
        """Add what another file holds."""
        for name, parts in other.types.items():
            mine = self.types.setdefault(name, Parts())
            for each in Parts.__slots__:
                setattr(mine, each, getattr(mine, each) + getattr(parts, each))
        self.extensions.update(other.extensions)
        self.systems.update(other.systems)
        for system, codes in other.codes.items():
            self.codes.setdefault(system, set()).update(codes)
        self.without_system += other.without_system
        self.without_url += other.without_url
        for key, places in other.examples.items():
            for place in places:
                self.note(key, place)
        self.blobs += other.blobs
        self.blobs_seen += other.blobs_seen
        self.defined.update(other.defined)

    def total(self) -> Parts:
        """The counts over all types."""
        whole = Parts()
        for parts in self.types.values():
            for each in Parts.__slots__:
                setattr(whole, each, getattr(whole, each) + getattr(parts, each))
        return whole


def openness_of(content: Content) -> Openness:
    """The facts of a recorded file, gathered once. Raises NotJudgeable where its body was not kept."""
    return content.memo("openness", lambda: gather(resources(content)))


def together(files: Iterable[Content]) -> Openness:
    """The facts of several files."""
    whole = Openness()
    for file in files:
        whole.merge(openness_of(file))
    return whole


def gather(several: Iterable[Resource]) -> Openness:
    """The facts of these resources."""
    found = Openness()
    for resource in several:
        _Walk(found, resource).run()
    return found


class _Walk:
    """One resource, walked with a stack: a hostile file may be nested deeper than Python recurses."""

    def __init__(self, found: Openness, resource: Resource) -> None:
        self.found, self.resource = found, resource
        self.kind: str = resource["resourceType"]
        self.name = f"{self.kind}/{resource.get('id', '?')}"
        self.parts = found.types.setdefault(self.kind, Parts())

    def run(self) -> None:
        """Count everything in it."""
        parts, resource = self.parts, self.resource
        parts.resources += 1
        parts.size += len(orjson.dumps(resource))
        url = resource.get("url")
        if self.kind in {"StructureDefinition", "CodeSystem"} and isinstance(url, str):
            self.found.defined[url] = resource
        stack: list[tuple[Any, str, bool, bool]] = [(resource, self.kind, False, False)]
        while stack:
            node, path, inside, local = stack.pop()
            if isinstance(node, dict):
                stack += self._members(node, path, inside=inside, local=local)
            elif isinstance(node, list):
                stack += [(item, path, inside, local) for item in node]
            elif node is not None:
                parts.elements += 1
                parts.in_extensions += inside
                parts.in_local_codes += local and not inside
                if isinstance(node, str):
                    self._text(node, path)

    def _members(
        self, node: Resource, path: str, *, inside: bool, local: bool
    ) -> Iterator[tuple[Any, str, bool, bool]]:
        if not local and not inside and self._is_local_coding(node, path):
            local = True
            self.parts.local_code_bytes += _size(node)
        self._hidden(node, path)
        for name, value in node.items():
            if name == "resourceType" and path == self.kind:
                continue
            below = f"{path}.{name.lstrip('_')}"
            if name in {"extension", "modifierExtension"} and isinstance(value, list):
                for item in value:
                    yield item, below, self._extension(item, below, inside=inside), local
            else:
                yield value, below, inside, local

    def _extension(self, item: Any, path: str, *, inside: bool) -> bool:
        """Whether what is in this extension is proprietary. Parts of a complex extension go with the whole."""
        url = item.get("url") if isinstance(item, dict) else None
        if not isinstance(url, str) or not url:
            self.found.without_url += 1
            self.found.note("without-url", f"{self.name} ({path})")
            return inside
        if ":" not in url:
            return inside
        self.found.extensions[url] += 1
        self.found.note(url, f"{self.name} ({path})")
        proprietary = extension_standing(url) == "own"
        if proprietary and not inside:
            self.parts.extension_bytes += _size(item)
        return inside or proprietary

    def _hidden(self, node: Resource, path: str) -> None:
        """Count the elements of this object of which only a proprietary extension is there."""
        for name, value in node.items():
            if name.startswith("_"):
                shadows = value if isinstance(value, list) else [value]
                plain = node.get(name[1:])
                values = plain if isinstance(plain, list) else [plain]
                for index, shadow in enumerate(shadows):
                    has_value = index < len(values) and values[index] is not None
                    if not has_value and _only_own(shadow):
                        self._hide(f"{path}.{name[1:]}")
            elif name not in {"extension", "modifierExtension", "contained"}:
                for item in value if isinstance(value, list) else [value]:
                    if isinstance(item, dict) and not set(item) - {"id", "extension"} and _only_own(item):
                        self._hide(f"{path}.{name}")

    def _hide(self, path: str) -> None:
        self.parts.hidden += 1
        self.found.note("hidden", f"{self.name} ({path})")

    def _is_local_coding(self, node: Resource, path: str) -> bool:
        code, system = node.get("code"), node.get("system")
        if not isinstance(code, str) or "resourceType" in node or "value" in node:
            return False
        if not isinstance(system, str) or not system:
            if path.rpartition(".")[2] in {"coding", "valueCoding"}:
                self.found.without_system += 1
                self.found.note("without-system", f"{self.name} ({path})")
            return False
        self.found.systems[system] += 1
        if system_standing(system) != "own":
            return False
        self.found.note(system, f"{self.name} ({path})")
        codes = self.found.codes.setdefault(system, set())
        if len(codes) < MOST_CODES:
            codes.add(code)
        return True

    def _text(self, value: str, path: str) -> None:
        name = path.rpartition(".")[2]
        if name in {"data", "valueBase64Binary"}:
            self._blob(value, path)
        elif name not in _BYTES and len(value) > 80 and is_cipher_text(value):  # noqa: PLR2004 - shorter ones are ids
            self._opaque(len(value))
            self.found.blobs.append((f"{self.name} ({path})", "", "encrypted", "an encrypted text"))

    def _blob(self, value: str, path: str) -> None:
        data = decoded(value)
        self.found.blobs_seen += 1
        kind, word = ("unknown", "no base64") if data is None else kind_of(data)
        if kind != "open" and value:
            self._opaque(len(value))
            stated = self.resource.get("contentType", "") if self.kind == "Binary" else ""
            self.found.blobs.append((f"{self.name} ({path})", str(stated), kind, word))

    def _opaque(self, size: int) -> None:
        self.parts.in_opaque += 1
        self.parts.opaque_bytes += size


def _only_own(holder: Any) -> bool:
    """Whether an element has extensions, and among them one of somebody's own; a stated reason for absence is none."""
    listed = holder.get("extension") if isinstance(holder, dict) else None
    urls = [each.get("url") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return _DATA_ABSENT not in urls and any(
        isinstance(url, str) and ":" in url and extension_standing(url) == "own" for url in urls
    )


def _size(value: Any) -> int:
    return len(orjson.dumps(value))
