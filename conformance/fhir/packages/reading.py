"""The bytes of one file in a package: what it is at a glance, and as JSON when it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from xml.parsers import expat

import orjson

from conformance.fhir.definitions.differential import Lookup
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.documents.xml_reader import read_xml

if TYPE_CHECKING:
    from conformance.fhir.definitions.library import Definitions

__all__ = ["KINDS", "Head", "Json", "body", "head"]

Json = dict[str, Any]

KINDS = frozenset(
    (
        "StructureDefinition",
        "ValueSet",
        "CodeSystem",
        "SearchParameter",
        "Questionnaire",
        "ImplementationGuide",
    )
)
_FACTS = ("url", "version", "baseDefinition", "fhirVersion")


@dataclass(frozen=True, slots=True)
class Head:
    """What an index needs of a conformance resource. `complete` says that a structure has a snapshot."""

    kind: str
    url: str
    version: str = ""
    base: str = ""
    fhir_version: str = ""
    complete: bool = False


def head(data: bytes, form: str, where: str) -> Head | None:
    """What the file is, or None where it is no conformance resource that decides a verdict.

    `form` is `json` or `xml`. Raises `DefinitionProblem` where it cannot be read or has no url.
    """
    found = _xml_head(data, where) if form == "xml" else _json_head(data, where)
    if found is not None and not found.url:
        raise DefinitionProblem(
            f"this {found.kind} has no url", where=where, hint="Give it the canonical url that it is used by."
        )
    return found


def body(data: bytes, form: str, definitions: Lookup, where: str) -> Json:
    """The file as a JSON resource; XML is read by the element table of its resource type.

    Raises `DefinitionProblem` where XML cannot be read.
    """
    if form == "xml":
        document = read_xml(data, cast("Definitions", definitions))
        if not isinstance(document.value, dict):
            words = "; ".join(problem.words for problem in document.problems)
            raise DefinitionProblem(f"is no FHIR XML: {words}", where=where, hint="Mend or remove the file.")
        return document.value
    found: Json = orjson.loads(data)
    return found


def _json_head(data: bytes, where: str) -> Head | None:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise DefinitionProblem(
            f"is no JSON: {error}", where=where, hint="Mend or remove the file."
        ) from error
    if not isinstance(found, dict) or found.get("resourceType") not in KINDS:
        return None
    return _head(
        found["resourceType"], {name: found.get(name) for name in _FACTS}, complete="snapshot" in found
    )


class _Enough(Exception):
    """The root is no conformance resource: nothing more needs to be read."""


def _xml_head(data: bytes, where: str) -> Head | None:
    if b"\x00" in data:
        raise _refused("is not in UTF-8", where)
    facts: dict[str, str] = {}
    line: list[str] = []
    kind = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal kind
        local = name.rpartition(" ")[2]
        if not line:
            kind = local
            if local not in KINDS:
                raise _Enough
        elif len(line) == 1:
            facts.setdefault(local, attributes.get("value", ""))
        line.append(local)

    def doctype(*_: object) -> None:
        raise _refused("has a document type, which FHIR does not allow", where)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: line.pop()
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except _Enough:
        return None
    except expat.ExpatError as error:
        raise DefinitionProblem(
            f"is no XML: {error}", where=where, hint="Mend or remove the file."
        ) from error
    return _head(kind, facts, complete="snapshot" in facts)


def _refused(complaint: str, where: str) -> DefinitionProblem:
    return DefinitionProblem(complaint, where=where, hint="Save it as plain UTF-8 XML without a DOCTYPE.")


def _head(kind: str, facts: Mapping[str, Any], *, complete: bool) -> Head:
    url, version, base, fhir_version = (str(facts.get(name) or "") for name in _FACTS)
    return Head(kind, url, version, base, fhir_version, complete)
