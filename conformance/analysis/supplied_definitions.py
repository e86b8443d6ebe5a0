"""What a supplier publishes of its own: definitions of extensions and code systems, as they were fetched.

An answer may hold one definition, a Bundle or a list of them, or be the archive of a FHIR package
(https://hl7.org/fhir/packages.html). A definition counts only if it defines something: an extension that says what
its value is, a code system that lists its codes.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.packages.archive import tgz_files
from conformance.model.base import NotJson, strict_json
from conformance.model.evidence import Exchange

LABEL = "definition"
_GZIP = b"\x1f\x8b"
_MOST_CONCEPTS = 200_000

Resource = dict[str, Any]


def supplied(answers: Iterable[Exchange]) -> dict[str, Resource]:
    """The definitions in these answers, by their url."""
    found: dict[str, Resource] = {}
    for answer in answers:
        if answer.ok and not answer.failure:
            found |= _of(answer)
    return found


def _of(answer: Exchange) -> dict[str, Resource]:
    return answer.memo("definitions", lambda: dict(_named(_held(answer.content()))))


def defines_extension(resource: Resource | None) -> bool:
    """Whether this StructureDefinition says what an extension holds: the type of its value, or its parts."""
    if (
        resource is None
        or resource.get("resourceType") != "StructureDefinition"
        or resource.get("type") != "Extension"
    ):
        return False
    for view in ("snapshot", "differential"):
        elements = resource[view].get("element") if isinstance(resource.get(view), dict) else None
        for element in elements if isinstance(elements, list) else []:
            path = element.get("path") if isinstance(element, dict) else None
            if isinstance(path, str) and path.startswith("Extension.value") and element.get("type"):
                return True
    return False


def listed_codes(resource: Resource | None) -> set[str]:
    """The codes that a CodeSystem lists with all that is below them; empty where it lists none."""
    if resource is None or resource.get("resourceType") != "CodeSystem":
        return set()
    codes: set[str] = set()
    stack: list[Any] = [resource.get("concept")]
    while stack and len(codes) < _MOST_CONCEPTS:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            if isinstance(node.get("code"), str) and _says(node):
                codes.add(node["code"])
            stack.append(node.get("concept"))
    return codes


def _says(concept: Resource) -> bool:
    """Whether a concept has a name or a definition other than its code: else nobody learns what it means."""
    words = (concept.get("display"), concept.get("definition"))
    return any(isinstance(word, str) and word.strip() and word != concept["code"] for word in words)


def _held(data: bytes) -> Iterator[Any]:
    if not data.startswith(_GZIP):
        yield _read(data)
        return
    try:
        for name, content in tgz_files(io.BytesIO(data)):
            if name.endswith(".json"):
                yield _read(content)
    except DefinitionProblem:
        return


def _read(data: bytes) -> Any:
    try:
        return strict_json(data)
    except NotJson:
        return None


def _named(values: Iterable[Any]) -> Iterator[tuple[str, Resource]]:
    for value in values:
        for resource in _resources(value):
            if isinstance(resource.get("url"), str) and isinstance(resource.get("resourceType"), str):
                yield resource["url"], resource


def _resources(value: Any) -> Iterator[Resource]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
    elif isinstance(value, dict) and value.get("resourceType") == "Bundle":
        entries = value.get("entry")
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
                yield entry["resource"]
    elif isinstance(value, dict):
        yield value
