"""Core packages of STU3, R4B and R5 from the definitions that HAPI FHIR publishes on Maven Central.

`python -m benchmarks.core_packages FOLDER [--repository ~/.m2/repository]` writes one folder a release, as
`conformance validate --fhir-version 5.0.0 --package FOLDER/hl7.fhir.r5.core` takes it. The jars
(`hapi-fhir-validation-resources-dstu3`, `-r4b`, `-r5`) must be there: `mvn dependency:get` fetches one. That of R5
holds packages; the others hold Bundles in XML, which are read by the very structures that they define.
"""

import argparse
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from conformance.fhir.packages.archive import tgz_files

Json = dict[str, Any]
Node = ET.Element

REPOSITORY = Path.home() / ".m2" / "repository"
FHIR, XHTML = "{http://hl7.org/fhir}", "{http://www.w3.org/1999/xhtml}"
SYSTEM = "http://hl7.org/fhirpath/System."
NUMBERS = frozenset({"integer", "unsignedInt", "positiveInt", "decimal"})
UNREAD = re.compile(r"/schema/|/extension/profiles-|search-parameters|conceptmaps")
WANTED = frozenset({"StructureDefinition", "ValueSet", "CodeSystem"})


@dataclass(frozen=True)
class Release:
    """One release: the name of its core package, its version, and the jar that has the definitions."""

    package: str
    version: str
    jar: str


RELEASES = (
    Release("hl7.fhir.r3.core", "3.0.2", "hapi-fhir-validation-resources-dstu3"),
    Release("hl7.fhir.r4b.core", "4.3.0", "hapi-fhir-validation-resources-r4b"),
    Release("hl7.fhir.r5.core", "5.0.0", "hapi-fhir-validation-resources-r5"),
)


def jar_of(release: Release, repository: Path = REPOSITORY) -> Path | None:
    """The newest jar of a release in a local Maven repository, or None."""
    found = (repository / "ca" / "uhn" / "hapi" / "fhir" / release.jar).glob(f"*/{release.jar}-*.jar")
    return max(found, default=None)


def make(release: Release, folder: Path, repository: Path = REPOSITORY) -> list[Path]:
    """Writes the packages of a release below a folder, the core package first; those there already are left alone.

    Raises FileNotFoundError where the repository does not have the jar.
    """
    jar = jar_of(release, repository)
    if jar is None:
        raise FileNotFoundError(f"{repository} has no jar {release.jar}: mvn dependency:get fetches it")
    with zipfile.ZipFile(jar) as archive:
        packed = sorted(name for name in archive.namelist() if name.endswith(".tgz"))
        if packed:
            names = [Path(name).name.rpartition("-")[0] for name in packed]
            made = [
                _unpacked(archive.read(name), folder / known)
                for name, known in zip(packed, names, strict=True)
            ]
            return sorted(made, key=lambda path: path.name != release.package)
        return [_converted(archive, release, folder / release.package)]


def _unpacked(data: bytes, place: Path) -> Path:
    if not place.is_dir():
        place.mkdir(parents=True)
        for name, content in tgz_files(io.BytesIO(data)):
            (place / name).write_bytes(content)
    return place


def _converted(archive: zipfile.ZipFile, release: Release, place: Path) -> Path:
    if place.is_dir():
        return place
    files = [name for name in archive.namelist() if name.endswith(".xml") and not UNREAD.search(name)]
    entries = [
        entry[0]
        for name in sorted(files)
        if "META-INF" not in name
        for entry in ET.fromstring(archive.read(name)).findall(f"{FHIR}entry/{FHIR}resource")
    ]
    read = Reader(entry for entry in entries if _local(entry) == "StructureDefinition")
    place.mkdir(parents=True)
    manifest = {"name": release.package, "version": release.version, "fhirVersions": [release.version]}
    (place / "package.json").write_text(json.dumps(manifest), "utf-8")
    for entry in entries:
        if _local(entry) in WANTED:
            made = read.resource(entry)
            text = json.dumps(made, default=float)
            (place / f"{made['resourceType']}-{made['id']}.json").write_text(text, "utf-8")
    return place


class Reader:
    """XML as JSON, by structures that are themselves in XML: what repeats, what holds what, what is a number."""

    def __init__(self, structures: Iterator[Node]) -> None:
        self._elements: dict[str, tuple[bool, tuple[str, ...]]] = {}
        self._primitive: set[str] = set()
        for structure in structures:
            kind, derived = _text(structure, "kind"), _text(structure, "derivation")
            if derived == "constraint":
                continue
            if kind == "primitive-type":
                self._primitive.add(_text(structure, "type"))
            for element in structure.findall(f"{FHIR}snapshot/{FHIR}element"):
                types = tuple(_text(row, "code") for row in element.findall(f"{FHIR}type"))
                shared = _text(element, "contentReference").lstrip("#")
                many = _text(element, "max") not in {"0", "1"}
                self._elements[_text(element, "path")] = many, (shared,) if shared else types

    def resource(self, node: Node) -> Json:
        """A resource."""
        kind = _local(node)
        return {"resourceType": kind, **self._complex(node, kind)}

    def _complex(self, node: Node, path: str) -> Json:
        made: Json = dict(node.attrib)
        for child in node:
            self._put(made, child, path)
        return made

    def _put(self, made: Json, child: Node, path: str) -> None:
        name = _local(child)
        if child.tag.startswith(XHTML):
            made[name] = ET.tostring(child, encoding="unicode")
            return
        many, kind, inner = self._known(path, name)
        if kind in {"Resource", "DomainResource"}:
            value: Any = self.resource(child[0])
            companion: Json = {}
        elif kind in self._primitive or kind.startswith(SYSTEM):
            value = _value(child.attrib.get("value"), kind)
            companion = {key: held for key, held in child.attrib.items() if key != "value"}
            for extension in child:
                self._put(companion, extension, "Element")
        else:
            value, companion = self._complex(child, inner), {}
        if not many:
            made.update({name: value} if value is not None else {})
            made.update({f"_{name}": companion} if companion else {})
            return
        made.setdefault(name, []).append(value)
        if companion or f"_{name}" in made:
            held = made.setdefault(f"_{name}", [])
            held += [None] * (len(made[name]) - 1 - len(held)) + [companion or None]

    def _known(self, path: str, name: str) -> tuple[bool, str, str]:
        """Whether an element repeats, its type, and where what it holds is told."""
        found = self._elements.get(f"{path}.{name}")
        if found is not None:
            many, types = found
            kind = types[0] if types else "string"
            nested = kind in {"BackboneElement", "Element"} or "." in kind
            return many, kind, (kind if "." in kind else f"{path}.{name}") if nested else kind
        for place, (many, types) in self._elements.items():
            stem = place.removesuffix("[x]")
            if place != stem and f"{path}.{name}".startswith(stem):
                suffix = f"{path}.{name}".removeprefix(stem)
                kind = next((one for one in types if one.lower() == suffix.lower()), suffix)
                return many, kind, kind
        raise KeyError(f"{path} has no element {name}")


def _value(text: str | None, kind: str) -> Any:
    if text is None:
        return None
    if kind == "boolean":
        return text == "true"
    return (Decimal(text) if kind == "decimal" else int(text)) if kind in NUMBERS else text


def _text(node: Node, name: str) -> str:
    found = node.find(f"{FHIR}{name}")
    return "" if found is None else found.attrib.get("value", "")


def _local(node: Node) -> str:
    return node.tag.rpartition("}")[2]


def main() -> int:
    """Ends with 2 where a jar is missing."""
    parser = argparse.ArgumentParser(description="Core packages of STU3, R4B and R5.")
    parser.add_argument("folder", type=Path, help="where to write them")
    parser.add_argument("--repository", type=Path, default=REPOSITORY, help="the local Maven repository")
    given = parser.parse_args()
    for release in RELEASES:
        try:
            print(*make(release, given.folder, given.repository), sep="\n")
        except FileNotFoundError as error:
            print(error, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
