"""A profile from a published implementation guide: found, read, and written as YAML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from conformance.errors import UsageError
from conformance.fhir.capability import servers
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Structure
from conformance.fhir.packages.package import Package
from conformance.fhir.packages.reading import body
from conformance.outside.packages import in_cache, load_definitions, package_files
from conformance.session.guides.elements import must_support
from conformance.session.guides.statement import LEVELS, Reading
from conformance.session.guides.writing import written

Json = dict[str, Any]

KIND = "CapabilityStatement"
_NAME, _VERSION = re.compile(r"[^a-z0-9.-]+"), re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True)
class Made:
    """The profile's name and text, and how much of the guide it asks for and leaves out."""

    name: str
    text: str
    statements: tuple[str, ...]
    left_out: tuple[str, ...]


def profile_from(source: str, *, level: str = "SHOULD", statement: str = "") -> Made:
    """The profile that a package's capability statements for servers and its structures come to.

    `source` is a .tgz, a folder or `name@version` in the package cache; `level` is for what the guide states no
    expectation for; `statement` is the canonical of the one statement to read, where there are several. Raises
    UsageError where the package cannot be read or says nothing that could be asked of a server.
    """
    if level not in LEVELS:
        raise UsageError(f"--level is SHALL, SHOULD or MAY, not {level!r}")
    definitions = load_definitions([source])
    package = definitions.layers[0]
    if not isinstance(package, Package):
        raise UsageError(f"{source} is FHIR itself, not a guide")
    if package.fhir_version and not package.fhir_version.startswith("4.0"):
        raise UsageError(
            f"{package.name} is for FHIR {package.fhir_version}; profiles are for FHIR R4 (4.0.1)"
        )
    reading = Reading(level, lambda url: definitions_resource(package, url, definitions))
    found = [
        each for each in _statements(source, definitions) if not statement or each.get("url") == statement
    ]
    block = _merged([reading.block(each) for each in found])
    if not block.get("resources"):
        block = {"resources": _of_structures(package, definitions, level)}
    if not block["resources"]:
        raise UsageError(
            f"{source} has neither a capability statement for servers nor structures of resources"
        )
    _add_elements(block, definitions, reading)
    label = f"{package.name}@{package.version}" if package.version else package.name
    name = _NAME.sub("-", package.name.lower()).strip("-.")
    urls = tuple(str(each.get("url", "")) for each in found)
    profile: Json = {
        "profile": name,
        "version": package.version if _VERSION.fullmatch(package.version) else "0.1.0",
        "title": f"{package.name} {package.version}, as its package states it".replace("  ", " "),
        "fhirVersion": "4.0.1",
        "fhir": {
            "version": "4.0.1",
            "packages": [label],
            "level": "SHALL",
            "source": _source(urls, package),
            **block,
        },
    }
    comments = _comments(label, level, reading.left_out)
    return Made(name, written(profile, "SHALL", comments), urls, tuple(reading.left_out))


def definitions_resource(package: Package, url: str, definitions: Definitions) -> Json | None:
    """The SearchParameter of this url in the package; None where there is none that can be read."""
    try:
        return package.resource("SearchParameter", url.partition("|")[0], "", definitions)
    except DefinitionProblem:
        return None


def _statements(source: str, definitions: Definitions) -> list[Json]:
    """The package's capability statements that describe a server, in the order of their canonicals."""
    place = Path(source).expanduser()
    path = place if place.exists() else in_cache(source)
    found = [each for each in _resources(cast("Path", path), definitions) if servers(each)]
    return sorted(found, key=lambda each: str(each.get("url", "")))


def _resources(path: Path, definitions: Definitions) -> Iterator[Json]:
    for name, data in package_files(path):
        form = "xml" if name.lower().endswith(".xml") else "json"
        if KIND.encode() not in data:
            continue
        try:
            value = body(data, form, definitions, name)
        except (DefinitionProblem, ValueError):
            continue  # a file of the package that cannot be read is told when the package is used
        if value.get("resourceType") == KIND:
            yield value


def _merged(blocks: list[Json]) -> Json:
    """The demands of several statements; a type that more than one describes is taken from the first."""
    found: Json = {}
    for block in blocks:
        for member, demands in block.items():
            key = {"resources": "type", "interactions": "code", "operations": "name"}[member]
            known = {each[key] for each in found.get(member, ())}
            found.setdefault(member, []).extend(each for each in demands if each[key] not in known)
    return found


def _of_structures(package: Package, definitions: Definitions, level: str) -> list[Json]:
    """The types that the package has structures for, where no statement says what is asked."""
    by_type: dict[str, list[str]] = {}
    for url in sorted(package.canonicals("StructureDefinition")):
        structure = _structure(url, definitions)
        if structure is not None and structure.kind == "resource" and structure.is_profile:
            by_type.setdefault(structure.type, []).append(url)
    return [
        {
            "type": kind,
            "level": "MAY",
            "structures": [
                {"url": url, "level": level, **({"applies": "claimed"} if len(urls) > 1 else {})}
                for url in urls
            ],
        }
        for kind, urls in sorted(by_type.items())
    ]


def _add_elements(block: Json, definitions: Definitions, reading: Reading) -> None:
    """Put the must-support elements below each structure that the package defines."""
    for resource in block["resources"]:
        for demand in resource.get("structures", ()):
            structure = _structure(demand["url"], definitions)
            if structure is None:
                reading.left_out.append(
                    f"{resource['type']}: elements of {demand['url']}, which is not in the package"
                )
                continue
            elements = {
                repr(sorted(each.items(), key=str)): each
                for each in must_support(structure, reading.left_out)
            }
            if elements:
                demand["mustSupport"] = [{**each, "level": demand["level"]} for each in elements.values()]


def _structure(url: str, definitions: Definitions) -> Structure | None:
    try:
        return definitions.structure(url)
    except DefinitionProblem:
        return None


def _source(urls: tuple[str, ...], package: Package) -> str:
    return next((url for url in urls if url), f"the package {package.name} {package.version}")


def _comments(label: str, level: str, left_out: list[str]) -> Iterator[str]:
    yield f"Written by `conformance profiles from-ig {label}` from the guide's capability statement and structures."
    yield "Levels are the guide's own expectations; what it states none for has the level"
    yield f"{level}. A type without one need not be declared (MAY): the rest is for servers that declare it."
    if left_out:
        yield ""
        yield "Left out:"
        yield from (f"- {each}" for each in dict.fromkeys(left_out))
