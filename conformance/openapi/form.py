"""What is wrong with the form of a description, and where it says too little to hold anybody to it.

Source: OpenAPI 3.1.1 section 4.8 (and 3.0.4 section 4.7, which asks for the same of these parts).
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from conformance.openapi.description import PARAMETER, Description, Json, Operation, Unresolved
from conformance.openapi.requests import is_json
from conformance.openapi.schemas import Undecidable, refuses_nothing

PLACES = frozenset({"path", "query", "header", "cookie"})
_STATUS = re.compile(r"[1-5](?:\d\d|XX)|default")
_SCHEMES = frozenset({"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"})


def flaws(description: Description) -> Iterator[str]:
    """Each way in which a description breaks the specification, with its place."""
    for name in ("title", "version"):
        if not isinstance(description.info.get(name), str) or not str(description.info[name]).strip():
            yield f"info states no {name}"
    paths = description.value.get("paths")
    if not isinstance(paths, dict):
        yield "there are no paths"
        return
    yield from (
        f"the path {path!r} does not begin with /" for path in paths if path[:1] != "/" and path[:2] != "x-"
    )
    yield from _dangling(description)
    named = Counter(
        str(each.value["operationId"]) for each in description.operations if "operationId" in each.value
    )
    yield from (
        f"the operationId {name!r} stands {number} times" for name, number in named.items() if number > 1
    )
    for one in description.operations:
        yield from (f"{one.name}: {said}" for said in _of_operation(one))


def _dangling(description: Description) -> Iterator[str]:
    """References within the document that lead nowhere, each once."""
    for reference in _references(description):
        if reference.startswith("#/"):
            try:
                description.at(reference)
            except Unresolved as reason:
                yield str(reason)


def outward(description: Description) -> list[str]:
    """What it refers to in other documents; the names of anchors are no such thing."""
    return [
        each for each in _references(description) if not each.startswith("#") and ("/" in each or "." in each)
    ]


def _references(description: Description) -> Iterator[str]:
    waiting: list[Json] = [description.value]
    told: set[str] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and reference not in told:
                told.add(reference)
                yield reference
            waiting += [
                each for name, each in value.items() if name not in {"example", "examples", "default", "enum"}
            ]
        elif isinstance(value, list):
            waiting += value


def _of_operation(one: Operation) -> Iterator[str]:
    try:
        parameters = one.parameters
    except Unresolved:
        return  # told as what leads nowhere
    for each in parameters:
        if each.place not in PLACES or not each.name:
            yield f"the parameter {each.name!r} stands in {each.place!r}"
        elif "schema" not in each.value and not isinstance(each.value.get("content"), dict):
            yield f"the parameter {each.name!r} has no schema"
    named = {each.name for each in parameters if each.place == "path"}
    written = set(PARAMETER.findall(one.path))
    if not one.has_unknown_parameters:
        yield from (f"the path names {{{name}}}, which is no parameter" for name in sorted(written - named))
    yield from (f"the parameter {name!r} is not in the path" for name in sorted(named - written))
    if not one.statuses:
        yield "no response is described"
    yield from (f"{status!r} is no status" for status in one.statuses if not _STATUS.fullmatch(status))
    schemes = _schemes(one.whole)
    for way in one.security:
        yield from (f"the security scheme {name!r} is not described" for name in way if name not in schemes)


def _schemes(description: Description) -> dict[str, Any]:
    try:
        return dict(description.resolved(description.at("#/components/securitySchemes")))
    except Unresolved:
        return {}


def schemes(description: Description) -> dict[str, dict[str, Json]]:
    """The security schemes by name, those of a known kind and those of none."""
    found = {}
    for name, value in _schemes(description).items():
        try:
            found[name] = dict(description.resolved(value))
        except Unresolved:
            found[name] = {}
    return found


def loose(description: Description) -> Iterator[str]:
    """Each place at which a description says so little that anything would agree with it."""
    for one in description.operations:
        good = [status for status in one.statuses if status.startswith(("2", "3"))]
        if not good:
            yield f"{one.name} describes no success"
        for status in good:
            try:
                yield from (f"{one.name} {status}: {said}" for said in _loose_response(one, status))
            except (Undecidable, Unresolved):
                continue  # told as what is wrong with the form
        try:
            yield from (
                f"{one.name}: the body {said}" for said in _loose_content(one, one.body.get("content"))
            )
        except (Undecidable, Unresolved):
            continue


def _loose_response(one: Operation, status: str) -> Iterator[str]:
    if not status[1:].isdigit():
        yield "a whole class of statuses is described as one"
        return
    response = one.response(int(status)) or {}
    yield from (f"the answer {said}" for said in _loose_content(one, response.get("content")))


def _loose_content(one: Operation, content: Json) -> Iterator[str]:
    for media_type, stated in (content if isinstance(content, dict) else {}).items():
        if "*" in media_type:
            yield f"may be of any media type ({media_type})"
        elif is_json(media_type.partition(";")[0].strip().lower()):
            schema = stated.get("schema") if isinstance(stated, dict) else None
            if schema is None or refuses_nothing(one.whole, schema):
                yield f"may be anything ({media_type} has {'a schema that refuses nothing' if schema else 'no schema'})"
