"""The requests that a description itself shows, by its examples and defaults."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode

import orjson

from conformance.openapi.description import PARAMETER, Json, Operation, Unresolved
from conformance.openapi.requests import Sent, departures, is_json
from conformance.openapi.schemas import Undecidable

Kind = Literal["shown", "valid", "invalid"]


@dataclass(frozen=True)
class Drawn:
    """A request to send: how it was made, in words what is wrong with it, and what there is to send.

    `drawn_path` is the path that was drawn, in the place of which the known one is sent.
    """

    kind: Kind
    said: str
    sent: Sent
    url: str
    headers: Mapping[str, str]
    drawn_path: str = ""
    case: Any = field(default=None, repr=False, compare=False)


def shown(operation: Operation, path: str) -> Drawn | None:
    """The request that the description's own examples and defaults make; None where they make no right one."""
    try:
        return _shown(operation, path)
    except Unresolved:
        return None


def _shown(operation: Operation, path: str) -> Drawn | None:
    query = [(one.name, _text(value)) for one, value in _example_parameters(operation, "query")]
    headers = {one.name: _text(value) for one, value in _example_parameters(operation, "header")}
    media_type, body = _example_body(operation)
    sent = Sent(path, tuple(query), frozenset(name.lower() for name in headers), media_type, body)
    made = Drawn("shown", "as the description shows it", sent, _url(path, query), headers)
    return made if is_right(operation, made) else None


def is_right(operation: Operation, made: Drawn) -> bool:
    """Whether a request certainly keeps to the description."""
    try:
        return not departures(operation, made.sent)
    except (Undecidable, Unresolved):
        return False


def _example_parameters(operation: Operation, place: str) -> Iterator[tuple[Any, Json]]:
    for one in operation.parameters:
        if one.place == place and one.required:
            value = example(one.value)
            yield one, "htest" if value is None else value


def _example_body(operation: Operation) -> tuple[str, bytes]:
    content = operation.body.get("content")
    for media_type, stated in (content if isinstance(content, dict) else {}).items():
        kind = str(media_type).partition(";")[0].strip().lower()
        if is_json(kind) and isinstance(stated, dict):
            value = example({**stated, "schema": operation.whole.resolved(stated.get("schema", {}))})
            return kind, b"" if value is None else orjson.dumps(value)
    return "", b""


def example(stated: Mapping[str, Json]) -> Json:
    """The example that a parameter or a media type shows, or its schema; None where there is none."""
    schema = stated.get("schema")
    schema = schema if isinstance(schema, dict) else {}
    if "example" in stated:
        return stated["example"]
    named = stated.get("examples")
    for each in named.values() if isinstance(named, dict) else ():
        if isinstance(each, dict) and "value" in each:
            return each["value"]
    listed = [
        schema.get("example"),
        *_first(schema.get("examples")),
        schema.get("default"),
        *_first(schema.get("enum")),
    ]
    return next((each for each in listed if each is not None), None)


def path_shown(operation: Operation) -> str:
    """The operation's path with the examples of its parameters filled in; empty where one has none."""
    values = {one.name: example(one.value) for one in operation.parameters if one.place == "path"}
    if any(values.get(name) is None for name in PARAMETER.findall(operation.path)):
        return ""
    return PARAMETER.sub(lambda match: quote(_text(values[match[1]]), safe=""), operation.path)


def _first(value: Json) -> list[Json]:
    return value[:1] if isinstance(value, list) else []


def _text(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _url(path: str, query: list[tuple[str, str]]) -> str:
    return path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
